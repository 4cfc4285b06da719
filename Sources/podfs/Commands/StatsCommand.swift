import ArgumentParser
import PodModel
import PodStore

/// `podfs stats`: tells what takes how much room.
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Tell what sessions, commits and variables take.",
    discussion: """
      LOGICAL is what the files are, each version counted once. UNIQUE is what the store keeps \
      for nothing else: what would come back if it went alone, after 'podfs gc'. SHARED is what \
      the store keeps for it and for others. All are bytes of pods as they are stored; the \
      database comes on top.
      """)

  @Argument(help: ArgumentHelp("The session; all, if none is named.", valueName: "session"))
  var session: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    if let session {
      let session = try store.session(SessionName(session))
      let usage = try store.usage(of: session.id)
      try Output.write { output in
        if format.json {
          try output.json(json(usage, of: session))
        } else {
          try write(usage, to: &output)
        }
      }
    } else {
      let usage = try store.usage()
      let statistics = try store.statistics()
      try Output.write { output in
        if format.json {
          try output.json(json(usage, statistics))
        } else {
          try write(usage, statistics, to: &output)
        }
      }
    }
  }

  private func write(
    _ usage: StoreUsage, _ statistics: StoreStatistics, to output: inout Output
  ) throws {
    var table = Table([.left, .right, .right, .right, .right])
    table.add("SESSION", "COMMITS", "LOGICAL", "UNIQUE", "SHARED")
    for entry in usage.sessions {
      table.add([entry.session.name.text, "\(entry.commits)"] + entry.usage.cells)
    }
    if !usage.sessions.isEmpty { try output.table(table) }
    var totals = Table()
    totals.add("stored", "\(byteText(usage.stored)) in \(countText(statistics.pods, "pod"))")
    totals.add("shared", "\(byteText(usage.shared)) of it by more than one session")
    totals.add(
      "garbage",
      byteText(usage.garbage)
        + (usage.garbage > 0 ? " of it by nothing; 'podfs gc' gives it back" : ""))
    totals.add(
      "files",
      "\(byteText(statistics.packBytes)) in \(countText(statistics.packs, "pack")), "
        + "\(byteText(statistics.databaseBytes)) in the database")
    try output.table(totals)
  }

  private func write(_ usage: SessionUsage, to output: inout Output) throws {
    var commits = Table([.right, .right, .right, .right])
    commits.add("COMMIT", "LOGICAL", "UNIQUE", "SHARED")
    for (number, usage) in usage.commits.reversed() { commits.add(["\(number)"] + usage.cells) }
    try output.table(commits)
    try output.line()
    var variables = Table([.left, .right, .right, .right])
    variables.add("VARIABLE", "LOGICAL", "UNIQUE", "SHARED")
    // What takes most is what a person looks for.
    let largestFirst = usage.variables.sorted { $0.usage.unique > $1.usage.unique }
    for (name, usage) in largestFirst { variables.add([name.text] + usage.cells) }
    try output.table(variables)
  }

  private func json(_ usage: StoreUsage, _ statistics: StoreStatistics) -> JSON {
    .object([
      "sessions": .array(
        usage.sessions.map { entry in
          .object([
            "session": .string(entry.session.name.text), "commits": .number(Int64(entry.commits)),
            "logical": .number(entry.usage.logical), "unique": .number(entry.usage.unique),
            "shared": .number(entry.usage.shared),
          ])
        }),
      "storedBytes": .number(usage.stored),
      "sharedBytes": .number(usage.shared),
      "garbageBytes": .number(usage.garbage),
      "packBytes": .number(statistics.packBytes),
      "databaseBytes": .number(statistics.databaseBytes),
    ])
  }

  private func json(_ usage: SessionUsage, of session: Session) -> JSON {
    .object([
      "session": .string(session.name.text),
      "commits": .array(usage.commits.map { json("commit", .number($0.number.value), $0.usage) }),
      "variables": .array(usage.variables.map { json("name", .string($0.name.text), $0.usage) }),
    ])
  }

  private func json(_ key: String, _ value: JSON, _ usage: Usage) -> JSON {
    .object([
      key: value, "logical": .number(usage.logical), "unique": .number(usage.unique),
      "shared": .number(usage.shared),
    ])
  }
}

extension Usage {
  /// The last three columns.
  fileprivate var cells: [String] { [logical, unique, shared].map(byteText) }
}
