import ArgumentParser
import PodModel
import PodStore

/// `podfs checkout`: makes a workspace what a commit has.
struct CheckoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkout",
    abstract: "Make a workspace what a commit has.",
    discussion: """
      The name of a branch checks the branch out: the next commit moves it. Any other revision \
      checks out the commit alone, and the next commit is on no branch. A namespace in a running \
      Python is not changed by it.

        podfs checkout alice idea
        podfs checkout alice HEAD~2
      """)

  @Argument(help: "The session.")
  var session: String

  @Argument(help: "A number, a branch, a tag, HEAD~2, the beginning of a digest or a time.")
  var revision: String

  @Flag(name: .shortAndLong, help: "Lose what is not committed in the workspace.")
  var force = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open()
    let session = try store.session(SessionName(session))
    let number = try store.checkout(
      Revision(parsing: revision), in: session.id, force: force)
    let branch = try store.head(of: session.id).branch.map { " (\($0))" } ?? ""
    try Output.write { try $0.line("\(session.name)@\(number)\(branch)") }
  }
}
