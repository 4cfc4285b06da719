import ArgumentParser
import Glibc
import PodModel
import PodStore

/// The command `podfs`.
@main struct Podfs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "podfs",
    abstract: "Keeps every version of every variable of a Python session, as files.",
    discussion: """
      A place is written SESSION[@REVISION][:VARIABLE]: 'alice@7:df' is df in commit 7 of alice, \
      'alice@HEAD~2' all of a commit, 'alice:df' and 'alice' are in the workspace. A revision is \
      a number, HEAD, a branch, a tag, the beginning of a digest or a time.

      Exit codes: 0 done, 1 failed, 2 wrong use, 3 damage found, or nothing found. 'diff' ends \
      with 1 when there is a difference, and with 2 when it failed.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Store",
        subcommands: [
          InitCommand.self, StatusCommand.self, CheckCommand.self, GcCommand.self,
          ConfigCommand.self,
          StatsCommand.self,
        ]),
      CommandGroup(name: "Mount", subcommands: [MountCommand.self, UmountCommand.self]),
      CommandGroup(
        name: "History",
        subcommands: [
          SessionsCommand.self, LogCommand.self, ShowCommand.self, DiffCommand.self,
          CommitCommand.self, DescribeCommand.self, CheckoutCommand.self, UndoCommand.self,
          RedoCommand.self, BranchCommand.self, TagCommand.self, PruneCommand.self,
        ]),
      CommandGroup(
        name: "Variable",
        subcommands: [
          ListCommand.self, HistoryCommand.self, CatCommand.self, CopyCommand.self,
          RemoveCommand.self, WhyCommand.self,
        ]),
      CommandGroup(name: "Python", subcommands: [PythonCommand.self]),
    ])

  /// Runs the command line, and ends the process with the command's exit code.
  static func main() {
    Descriptor.fillStandardOnes()
    let arguments = CommandLineArguments(Array(CommandLine.arguments.dropFirst()))
    do {
      var command = try arguments.parse()
      try command.run()
    } catch {
      let ending = Ending(of: error, in: arguments)
      ending.tell()
      Glibc.exit(ending.status)
    }
  }
}
