import ArgumentParser
import PodModel
import PodPlan
import PodStore

/// `podfs why`: tells which cells lead to the value of a variable.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Tell which cells lead to the value of a variable.",
    discussion: """
      Lists the commits whose cells made the value, and made what these cells read, the oldest \
      first: what each makes of it, what it took from where, and the first line of its code. A cell \
      may be named that had no part in it; none is missing unless its line says so. No code is run.
      """)

  @Argument(help: ArgumentHelp("The variable, such as 'alice@7:df'.", valueName: "place"))
  var place: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let location = try Location(parsing: place)
    let session = try store.session(location.session)
    guard let name = location.variable else {
      throw CommandError.wrongUse("'\(location)' names no variable; give one, as in 'alice@7:df'")
    }
    let origins = try store.origins(of: [name], at: location.revision, in: session.id)
    let steps = try steps(to: origins, in: store, session)
    try Output.write { output in
      if format.json {
        for step in steps { try output.json(step.json) }
      } else if steps.isEmpty {
        try output.line("'\(location)' is not committed yet; no cell is known that made it")
      } else {
        try output.table(Self.table(steps))
      }
    }
  }

  private func steps(
    to origins: ValueOrigins, in store: Store, _ session: Session
  ) throws -> [Lineage.Step] {
    guard let number = origins.number else { return [] }
    return try Lineage(of: origins.introduced, unsaved: origins.unsaved, in: number) {
      number, names throws(StoreError) in
      try store.run(of: number, giving: names, in: session.id)
    }.steps
  }

  private static func table(_ steps: [Lineage.Step]) -> Table {
    var table = Table([.right])
    table.add("COMMIT", "MAKES", "FROM", "CODE", "NOTE")
    for step in steps {
      table.add(
        step.run.number.description, phrase(step.gives.sorted().map(\.text)),
        phrase(step.taken.map { name, commit in name.text + (commit.map { "@\($0)" } ?? "") }),
        step.run.source?.firstLine.cut(toColumns: 60) ?? "", step.end?.note ?? "")
    }
    return table
  }

  private static func phrase(_ words: [String]) -> String {
    let shown = words.prefix(6).map { $0.cut(toColumns: 32) }.joined(separator: " ")
    return words.count > 6 ? shown + " … \(words.count - 6) more" : shown
  }
}

extension Lineage.Step {
  /// What the cell took, with the commits that it is from; none for what was never stored.
  fileprivate var taken: [(name: VariableName, commit: CommitNumber?)] {
    run.taken.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      + run.takenUnsaved.sorted().map { ($0, nil) }
  }

  fileprivate var json: JSON {
    .object([
      "commit": .number(run.number.value),
      "makes": .array(gives.sorted().map { .string($0.text) }),
      "from": .array(
        taken.map {
          .object(["name": .string($0.name.text), "commit": .number(orNull: $0.commit?.value)])
        }),
      "code": .string(orNull: run.source), "error": .string(orNull: run.error),
      "note": .string(orNull: end?.note),
    ])
  }
}

extension Lineage.End {
  /// What a person should know of it.
  fileprivate var note: String {
    switch self {
    case .noCell: "no code is known"
    case .historyRemoved: "what it read was removed with the commits before it"
    case .readElsewhere: "it read what others had changed meanwhile"
    case .notUnderstood: "what it reads is not known"
    case .readsEverything: "it may have read more"
    }
  }
}

extension String {
  /// The first line that has anything in it.
  fileprivate var firstLine: String {
    split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } }.map(String.init)
      ?? ""
  }
}
