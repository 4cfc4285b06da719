import ArgumentParser

/// `podfs diff`: compares two commits, workspaces or variables.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what differs between two commits, workspaces or variables.",
    discussion: """
      The first character says what became of a variable on the way from the first place to the \
      second: '+' it was added, '-' removed, '~' changed, '>' has another name. No pickle is \
      loaded, so no code is run.

      'podfs diff alice@6:df alice@7:df2' compares two variables. On a terminal, long output goes \
      through $PODFS_PAGER, else $PAGER, else less. Ends with 0 if nothing differs, with 1 if \
      something does, with 2 if it failed and with 3 if a place does not exist.
      """)

  @Argument(help: ArgumentHelp("Where to start, such as 'alice@6'.", valueName: "from"))
  var before: String

  @Argument(help: ArgumentHelp("Where to end, such as 'alice@7' or 'alice'.", valueName: "to"))
  var after: String

  @Argument(help: "Look at this variable alone.")
  var variable: String?

  @Flag(exclusivity: .exclusive)
  var form: Form?

  @Option(
    help: ArgumentHelp("Show so many differences of each variable, not 20.", valueName: "count"))
  var limit: Int?

  @Flag(help: "Show all differences.")
  var all = false

  @Option(help: ArgumentHelp("Use colours: auto, always or never.", valueName: "when"))
  var color = Colors.Choice.auto

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  /// What is shown of each variable.
  enum Form: String, EnumerableFlag {
    /// Its name.
    case nameOnly
    /// How much of it differs.
    case stat
    /// The lines of its text that differ.
    case text

    static func help(for value: Form) -> ArgumentHelp? {
      switch value {
      case .nameOnly: "Show only the names of the variables that differ."
      case .stat: "Show only how many parts of each variable differ."
      case .text: "Show the lines that differ of the variables' texts, as 'diff -u' does."
      }
    }
  }

  func validate() throws {
    if let form, format.json { throw ValidationError("--\(form) and --json exclude each other") }
    if let limit, limit < 0 { throw ValidationError("--limit takes a number of differences") }
    if all && limit != nil { throw ValidationError("--all and --limit exclude each other") }
  }

  func run() throws {
    let store = try store.open()
    let comparison = try Comparison(
      before, after, variable, limit: all ? .max : limit ?? 20, in: store)
    let colors = Colors(color)
    // Who leaves the pager early has seen some of what differs.
    var differs = true
    if format.json {
      try Output.write { differs = try comparison.writeJSON(to: &$0) }
    } else {
      try Output.writePaged { output in
        differs =
          switch form {
          case .nameOnly: try comparison.writeNames(to: &output)
          case .stat: try comparison.writeCounts(to: &output, colors)
          case .text: try comparison.writeTexts(to: &output, colors)
          case nil: try comparison.writeDifferences(to: &output, colors)
          }
      }
    }
    if differs { throw ExitCode(Ending.failed) }
  }
}
