import ArgumentParser
import PodModel
import PodStore

/// `podfs describe`: changes what a commit says.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Change the message of a commit.",
    discussion: """
      The commit keeps its number, and its digest, which tells of the message that it was made with.

        podfs describe alice@7 -m 'before the outliers were dropped'
      """)

  @Argument(help: ArgumentHelp("The commit, such as 'alice@7'.", valueName: "commit"))
  var place: String

  @Option(name: [.customShort("m"), .long], help: "What to say of it.")
  var message: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open()
    let place = try store.place(place).withoutVariable()
    guard let commit = place.commit else {
      throw CommandError.wrongUse(
        "'\(place.title)' is no commit; give one as '\(place.title)@HEAD'")
    }
    try store.setMessage(message, of: commit, in: place.session.id)
  }
}
