import ArgumentParser
import PodModel
import PodStore

/// `podfs commit`: commits a workspace.
struct CommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Commit the workspace of a session.")

  @Argument(help: "The session.")
  var session: String

  @Option(name: [.customShort("m"), .long], help: "What to say of it.")
  var message: String

  @Flag(help: "Commit even if nothing was changed.")
  var allowEmpty = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let session = try store.session(SessionName(session))
    let pending = try store.workspaceChanges(of: session.id)
    if pending.isEmpty && !allowEmpty {
      throw CommandError.failed(
        "nothing to commit in '\(session.name)': its workspace was not changed; "
          + "add --allow-empty to commit all the same")
    }
    let commit = try store.commitWorkspace(of: session.id, message: message)
    let changes = try store.changes(
      from: commit.parents.first, to: commit.number, in: session.id)
    try Output.write { output in
      if format.json {
        try output.json(
          .object([
            "session": .string(session.name.text), "commit": .number(commit.number.value),
            "digest": .string("\(commit.digest)"), "changes": changes.json,
          ]))
      } else {
        try output.line("\(session.name)@\(commit.number)  \(changes.phrase(columns: 60))")
      }
    }
  }
}
