import ArgumentParser
import PodModel
import PodStore

/// `podfs undo`: goes back to the commit before.
struct UndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Go back to the commit before the one that is checked out.",
    discussion: """
      The branch that is checked out moves along. The commit stays in the history: 'podfs redo' \
      takes the undo back, as long as no commit or checkout came after it.
      """)

  @OptionGroup var step: HistoryStep
  @OptionGroup var store: StoreOptions

  func run() throws { try step.run(.undo, in: store.open()) }
}

/// `podfs redo`: takes the last undo back.
struct RedoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redo",
    abstract: "Take the last undo back.",
    discussion: "A commit or a checkout forgets what was undone; 'podfs log' still lists it.")

  @OptionGroup var step: HistoryStep
  @OptionGroup var store: StoreOptions

  func run() throws { try step.run(.redo, in: store.open()) }
}

/// Whose history is to be gone through.
struct HistoryStep: ParsableArguments {
  @Argument(help: "The session.")
  var session: String

  @Flag(name: .shortAndLong, help: "Lose what is not committed in the workspace.")
  var force = false

  fileprivate func run(_ travel: Travel, in store: Store) throws {
    try store.travel(travel, by: session, force: force)
  }
}

extension Store {
  /// Checks out another commit of the session called `name`, and says which.
  func travel(_ travel: Travel, by name: String, force: Bool) throws {
    let session = try session(SessionName(name))
    let number = try self.travel(travel, in: session.id, force: force)
    let branch = try head(of: session.id).branch.map { " (\($0))" } ?? ""
    try Output.write { try $0.line("\(session.name)@\(number)\(branch)") }
  }
}
