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
      Python follows with its next save.

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
    try store.open().travel(.checkout(Revision(parsing: revision)), by: session, force: force)
  }
}
