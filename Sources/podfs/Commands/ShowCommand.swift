import ArgumentParser
import PodModel
import PodStore

/// `podfs show`: tells all about a commit, a workspace or a variable.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tell about a commit, a workspace or a variable.",
    discussion: """
      Of a variable it tells what it takes, who shares its value and its pods, which cell made it, and \
      what loading it would import or call; what may do harm then is warned of. No pickle is loaded, \
      so no code is run. 'podfs cat --text' shows a value.
      """)

  @Argument(
    help: ArgumentHelp("What to show, such as 'alice@7' or 'alice@7:df'.", valueName: "place"))
  var place: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let place = try store.place(place)
    let report: Report =
      if place.location.variable != nil {
        try .variable(at: place, in: store)
      } else if let commit = place.commit {
        try .commit(commit, at: place, in: store)
      } else {
        try .workspace(at: place, in: store)
      }
    try Output.write { output in
      if format.json { return try output.json(report.json) }
      try output.table(report.facts)
      for section in report.sections {
        try output.line()
        try output.line(section.title)
        for line in section.lines { try output.line(("  " + line)) }
      }
    }
  }
}

extension Report {
  static func commit(_ number: CommitNumber, at place: Place, in store: Store) throws -> Report {
    let session = place.session
    guard let commit = try store.commit(number, of: session.id) else {
      throw CommandError.nothingFound(
        "there is no commit '\(place.title)'; 'podfs log \(session.name)' lists them")
    }
    let changes = try store.changes(from: commit.parents.first, to: number, in: session.id)
    let references = try store.references(of: session.id)[number] ?? []
    let cell = try store.cell(of: number, in: session.id)
    let unsaved = try store.unsaved(of: number, in: session.id)
    var report = Report(json: .null)
    report.facts.add("commit", place.title)
    report.facts.add("digest", "\(commit.digest)")
    report.facts.add("time", "\(commit.time)")
    let parents = commit.parents.map { "\(session.name)@\($0)" }.joined(separator: ", ")
    report.facts.add("parents", parents.isEmpty ? "none" : parents)
    if !references.isEmpty { report.facts.add("named", references.joined(separator: ", ")) }
    report.facts.add("variables", "\(place.manifest.versions.count)")
    report.add("message", commit.message.printableLines)
    report.add("cell\(cell?.caption ?? "")", cell?.source.printableLines ?? [])
    report.add("output", cell?.standardOutput.printableLines ?? [])
    report.add("error", cell?.error?.printableLines ?? [])
    report.add("changed", changes.table.lines)
    var left = Table()
    for entry in unsaved { left.add(entry.name, entry.type, entry.reason) }
    report.add("not saved", left.lines)
    report.json = json(of: commit, at: place, references, changes, cell, unsaved)
    return report
  }

  private static func json(
    of commit: Commit, at place: Place, _ references: [String], _ changes: Changes, _ cell: Cell?,
    _ unsaved: [Unsaved]
  ) -> JSON {
    .object([
      "session": .string(place.session.name.text), "commit": .number(commit.number.value),
      "digest": .string("\(commit.digest)"),
      "parents": .array(commit.parents.map { .number($0.value) }),
      "time": .string("\(commit.time)"), "message": .string(commit.message),
      "references": .array(references.map { .string($0) }),
      "variables": .number(Int64(place.manifest.versions.count)),
      "changes": changes.json, "cell": cell?.json ?? .null,
      "unsaved": .array(unsaved.map(\.json)),
    ])
  }

  static func workspace(at place: Place, in store: Store) throws -> Report {
    let session = place.session
    let head = try store.head(of: session.id)
    let before = try head.commit.map { try store.manifest(of: $0, in: session.id) } ?? Manifest()
    let names = try store.workspaceChanges(of: session.id).keys.sorted()
    let changes = Changes(names, from: before, to: place.manifest)
    var report = Report(
      json: .object([
        "session": .string(session.name.text), "created": .string("\(session.created)"),
        "head": .number(orNull: head.commit?.value), "branch": .string(orNull: head.branch?.text),
        "variables": .number(Int64(place.manifest.versions.count)), "changes": changes.json,
      ]))
    report.facts.add("session", session.name.text)
    report.facts.add("created", "\(session.created)")
    report.facts.add("checked out", head.commit.map { "commit \($0)" } ?? "no commit yet")
    if let branch = head.branch { report.facts.add("branch", branch.text) }
    report.facts.add("variables", "\(place.manifest.versions.count)")
    report.add("not committed", changes.table.lines)
    return report
  }
}

extension Cell {
  /// The run's number and duration behind the word "cell": ` [3], 0.25 s`.
  var caption: String {
    let number = executionCount.map { " [\($0)]" } ?? ""
    return number + (duration.map { ", \(($0 * 1000).rounded() / 1000) s" } ?? "")
  }

  /// All of it for a program.
  var json: JSON {
    .object([
      "source": .string(source), "executionCount": .number(orNull: executionCount),
      "duration": duration.map { .fraction($0) } ?? .null, "output": .string(standardOutput),
      "error": .string(orNull: error),
    ])
  }
}

extension Unsaved {
  fileprivate var json: JSON {
    .object(["name": .string(name), "type": .string(type), "reason": .string(reason)])
  }
}

extension String {
  /// The lines, without the empty ones at the end, in a form that a terminal only shows.
  var printableLines: [String] {
    let lines = split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.reversed().drop { $0.isEmpty }.reversed().map { String($0).printable }
  }
}
