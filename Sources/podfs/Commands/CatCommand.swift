import ArgumentParser
import PodFilesystem
import PodModel
import PodStore

/// `podfs cat`: writes the file of a variable.
struct CatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Write a variable: its file's bytes, or text on a terminal.",
    discussion: """
      The bytes are those of the file in the mount: a pickle, or what was written there. On a \
      terminal, where a pickle would be noise, it is the text of the mount's text/ directory, with \
      control characters in a visible form, as 'cat -v' has them.
      """)

  @Argument(
    help: ArgumentHelp("What to write, such as 'alice@7:df' or 'alice:df'.", valueName: "place"))
  var place: String

  @Flag(exclusivity: .exclusive)
  var form: Form?

  @OptionGroup var store: StoreOptions

  /// What is written.
  enum Form: String, EnumerableFlag {
    /// The value as text.
    case text
    /// The bytes of the file.
    case raw

    static func help(for value: Form) -> ArgumentHelp? {
      switch value {
      case .text: "Write the value as text, even into a file or a pipe."
      case .raw: "Write the bytes, even to a terminal."
      }
    }
  }

  func run() throws {
    let store = try store.open()
    let version = try store.place(place).variable().version
    let form = form ?? (Output.isTerminal ? .text : .raw)
    try Output.write { output in
      switch form {
      case .raw: try store.copyBytes(of: version) { try output.raw($0) }
      case .text: try output.bytes(versionText(of: version, in: store))
      }
    }
  }
}
