import ArgumentParser
import PodModel
import PodStore

/// `podfs prune`: removes commits by rules.
struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove commits that no rule keeps.",
    discussion: """
      A commit stays if any rule keeps it. What is checked out, what a branch or tag names, and \
      the last commit of a session stay in any case. Hours, days and weeks (from Monday) are \
      those of UTC. The commits that stay keep their numbers and variables; 'podfs gc' then \
      gives back the space of what no commit has any more.

        podfs prune --keep-last 20 --keep-daily 7 --keep-weekly 8 --dry-run
        podfs prune alice --keep-within 2y5m7d3h
      """)

  @Argument(help: ArgumentHelp("The sessions; all, if none is named.", valueName: "session"))
  var sessions: [String] = []

  @Option(help: ArgumentHelp("Keep the last N commits.", valueName: "n"))
  var keepLast: Int?

  @Option(help: ArgumentHelp("Keep the newest of each of the last N hours.", valueName: "n"))
  var keepHourly: Int?

  @Option(help: ArgumentHelp("Keep the newest of each of the last N days.", valueName: "n"))
  var keepDaily: Int?

  @Option(help: ArgumentHelp("Keep the newest of each of the last N weeks.", valueName: "n"))
  var keepWeekly: Int?

  @Flag(help: "Keep those with tags, which stay anyway: for use without another rule.")
  var keepTagged = false

  @Option(
    help: ArgumentHelp(
      "Keep those made this long before the newest one or later, such as 2y5m7d3h or 36h.",
      valueName: "duration"),
    transform: duration)
  var keepWithin: CalendarDuration?

  @Flag(name: [.customShort("n"), .long], help: "Only show what would go.")
  var dryRun = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var removal: RemovalOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    let counts = [
      ("last", keepLast), ("hourly", keepHourly), ("daily", keepDaily), ("weekly", keepWeekly),
    ]
    for case (let name, let count?) in counts where count < 1 {
      throw ValidationError("--keep-\(name) takes a number from 1 on")
    }
    if rules.isEmpty {
      throw ValidationError(
        "no rule says what to keep; give --keep-last N, --keep-hourly N, --keep-daily N, "
          + "--keep-weekly N, --keep-within DURATION or --keep-tagged")
    }
  }

  func run() throws {
    let store = try store.open(removesForeign: removal.foreign)
    let sessions =
      try sessions.isEmpty
      ? store.sessions() : sessions.map { try store.session(SessionName($0)) }
    try Output.write { output in
      var removed = 0
      for session in sessions {
        let decisions =
          try dryRun
          ? store.pruneDecisions(for: session.id, keeping: rules)
          : store.prune(session.id, keeping: rules)
        removed += decisions.count { !$0.isKept }
        for decision in decisions where format.json {
          try output.json(json(decision, of: session))
        }
        if !format.json { try write(decisions, of: session, to: &output) }
      }
      if !format.json { try output.line(summary(removed)) }
    }
  }

  private var rules: KeepRules {
    var rules = KeepRules()
    rules.last = keepLast ?? 0
    rules.hourly = keepHourly ?? 0
    rules.daily = keepDaily ?? 0
    rules.weekly = keepWeekly ?? 0
    rules.tagged = keepTagged
    rules.within = keepWithin
    return rules
  }

  private static func duration(_ text: String) throws -> CalendarDuration {
    guard let duration = CalendarDuration(parsing: text) else {
      throw ValidationError(
        "'\(text)' is no duration; give years, months, days and hours as in 2y5m7d3h")
    }
    return duration
  }

  private func write(
    _ decisions: [PruneDecision], of session: Session, to output: inout Output
  ) throws {
    for (verb, isKept) in [("keeps", true), ("loses", false)] {
      let decisions = decisions.filter { $0.isKept == isKept }
      if decisions.isEmpty { continue }
      try output.line("'\(session.name)' \(verb) \(countText(decisions.count, "commit")):")
      var table = Table([.right])
      for decision in decisions {
        let title = decision.commit.message.prefix { !$0.isNewline }
        let number = "  \(decision.commit.number)"
        if isKept {
          table.add(number, "\(decision.commit.time)", decision.reasonText, String(title))
        } else {
          table.add(number, "\(decision.commit.time)", String(title))
        }
      }
      try output.table(table)
    }
  }

  private func summary(_ removed: Int) -> String {
    if removed == 0 { return "nothing is to be removed" }
    let count = countText(removed, "commit")
    return dryRun
      ? "\(count) would be removed; nothing was changed"
      : "removed \(count); 'podfs gc' gives their space back"
  }

  private func json(_ decision: PruneDecision, of session: Session) -> JSON {
    .object([
      "session": .string(session.name.text),
      "commit": .number(decision.commit.number.value),
      "time": .string("\(decision.commit.time)"),
      "message": .string(decision.commit.message),
      "kept": .bool(decision.isKept),
      "reasons": .array(decision.reasons.map { .string("\($0)") }),
    ])
  }
}

extension PruneDecision {
  fileprivate var reasonText: String { reasons.map(\.description).joined(separator: ", ") }
}
