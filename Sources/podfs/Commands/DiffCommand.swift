import ArgumentParser
import PodFilesystem
import PodModel
import PodPickle
import PodStore
import PodText

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

  @Option(help: ArgumentHelp("Use colours: auto, always or never.", valueName: "when"))
  var color = Colors.Choice.auto

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  /// What is shown of each variable.
  enum Form: String, EnumerableFlag {
    /// Its name.
    case nameOnly
    /// The lines of its text that differ.
    case text

    static func help(for value: Form) -> ArgumentHelp? {
      switch value {
      case .nameOnly: "Show only the names of the variables that differ."
      case .text: "Show the lines that differ of the variables' texts, as 'diff -u' does."
      }
    }
  }

  func validate() throws {
    if format.json && form == .text {
      throw ValidationError("--text and --json exclude each other")
    }
  }

  func run() throws {
    let store = try store.open()
    let comparison = try Comparison(before, after, variable, in: store)
    let colors = Colors(color)
    var differs = !comparison.changes.entries.isEmpty
    if format.json {
      try Output.write { try $0.json(comparison.changes.json) }
    } else {
      try Output.writePaged { output in
        switch form {
        case .nameOnly: try comparison.writeNames(to: &output)
        case .text: differs = try comparison.writeTexts(to: &output, colors, in: store)
        case nil: try comparison.writeLines(to: &output, colors)
        }
      }
    }
    if differs { throw ExitCode(Ending.failed) }
  }
}

/// Two places, and the variables that differ between them.
private struct Comparison {
  private let before: Place
  private let after: Place
  let changes: Changes

  init(_ before: String, _ after: String, _ variable: String?, in store: Store) throws {
    self.before = try store.place(before)
    self.after = try store.place(after)
    if let variable {
      let name = try VariableName(variable)
      changes = try Self.changes(
        of: name, self.before.withoutVariable(), self.after.withoutVariable())
    } else if let name = self.before.location.variable, self.after.location.variable == nil {
      changes = try Self.changes(of: name, self.before, self.after)
    } else if let name = self.after.location.variable, self.before.location.variable == nil {
      changes = try Self.changes(of: name, self.before, self.after)
    } else if self.before.location.variable != nil {
      let (old, new) = (try self.before.variable(), try self.after.variable())
      changes = Changes(
        comparing: old.version, as: old.name, with: new.version, as: new.name)
    } else {
      changes = Changes(from: self.before.manifest, to: self.after.manifest).withMoves()
    }
  }

  private static func changes(
    of name: VariableName, _ before: Place, _ after: Place
  ) throws -> Changes {
    if before.manifest.versions[name] == nil && after.manifest.versions[name] == nil {
      throw CommandError.nothingFound(
        "there is no variable '\(name)' in '\(before.title)' or '\(after.title)'; "
          + "'podfs ls' lists what is there")
    }
    return Changes([name], from: before.manifest, to: after.manifest)
  }

  func writeNames(to output: inout Output) throws {
    for entry in changes.entries { try output.line(entry.name.text.printable) }
  }

  func writeLines(to output: inout Output, _ colors: Colors) throws {
    for (entry, line) in zip(changes.entries, changes.table.lines) {
      try output.line(colors.paint(line, entry.kind.style))
    }
  }

  /// Writes the lines that differ; returns whether there are any.
  func writeTexts(to output: inout Output, _ colors: Colors, in store: Store) throws -> Bool {
    var differs = false
    for entry in changes.entries {
      guard let old = entry.before, let new = entry.after else {
        let place = entry.before == nil ? after : before
        try output.line("Only in \(place.title): \(entry.name.text.printable)")
        differs = true
        continue
      }
      let oldName = entry.formerName ?? entry.name
      let text = try UnifiedText(
        from: ByteSource(versionText(of: old, named: oldName, in: store)),
        to: ByteSource(versionText(of: new, named: entry.name, in: store)))
      guard !text.changes.isEmpty else { continue }
      differs = true
      let titles = [
        "--- \("\(before.title):\(oldName)".printable)\t\(old.time)",
        "+++ \("\(after.title):\(entry.name)".printable)\t\(new.time)",
      ]
      for title in titles { try output.line(colors.paint(title, .title)) }
      try text.write { try output.bytes(colors.paint(unified: $0)) }
    }
    return differs
  }
}
