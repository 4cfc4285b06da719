import ArgumentParser
import PodModel
import PodStore

/// `podfs diff`: compares two commits or workspaces.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "List the variables that differ between two commits or workspaces.",
    discussion: """
      The first character says what became of a variable on the way from the first place to the \
      second: '+' it was added, '-' removed, '~' changed. Ends with 0 if nothing differs, with 1 \
      if something does, with 2 if it failed and with 3 if a place does not exist.
      """)

  @Argument(help: ArgumentHelp("Where to start, such as 'alice@6'.", valueName: "from"))
  var before: String

  @Argument(help: ArgumentHelp("Where to end, such as 'alice@7' or 'alice'.", valueName: "to"))
  var after: String

  @Argument(help: "Look at this variable alone.")
  var variable: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let before = try store.place(before).withoutVariable()
    let after = try store.place(after).withoutVariable()
    let changes = try changes(from: before, to: after)
    try Output.write { output in
      if format.json {
        try output.json(changes.json)
      } else {
        try output.table(changes.table)
      }
    }
    if !changes.entries.isEmpty { throw ExitCode(Ending.failed) }
  }

  private func changes(from before: Place, to after: Place) throws -> Changes {
    guard let variable else { return Changes(from: before.manifest, to: after.manifest) }
    let name = try VariableName(variable)
    if before.manifest.versions[name] == nil && after.manifest.versions[name] == nil {
      throw CommandError.nothingFound(
        "there is no variable '\(name)' in '\(before.title)' or '\(after.title)'; "
          + "'podfs ls' lists what is there")
    }
    return Changes([name], from: before.manifest, to: after.manifest)
  }
}
