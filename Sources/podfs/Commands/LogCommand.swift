import ArgumentParser
import PodModel
import PodStore

/// `podfs log`: shows a session's history.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the history of a session, the newest commit first.",
    discussion: """
      Of 'alice@7', the history that led to commit 7. '*' marks the commit that is checked out; \
      '+', '~' and '-' mark variables that were added, changed and removed.
      """)

  @Argument(help: ArgumentHelp("The session, or a commit of it.", valueName: "session"))
  var place: String

  @Option(name: [.customShort("n"), .long], help: "Show at most this many commits.")
  var limit: Int?

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit takes a number of commits") }
  }

  func run() throws {
    let store = try store.open()
    let place = try store.place(place).withoutVariable()
    let history = try History(of: place.session, in: store)
    let commits = history.commits(upTo: place.commit).prefix(limit ?? .max)
    try Output.write { output in
      if commits.isEmpty && limit != 0 && !format.json {
        try output.line("'\(place.session.name)' has no commit yet")
      }
      for commit in commits {
        if format.json {
          try output.json(history.json(of: commit))
        } else {
          try output.line(history.line(of: commit).cut(toColumns: Output.terminalWidth ?? .max))
        }
      }
    }
  }
}

/// The commits of a session, with what is told of each.
private struct History {
  private let store: Store
  private let session: Session
  private let head: Head
  private let all: [Commit]
  private let references: [CommitNumber: [String]]
  private let numberWidth: Int

  init(of session: Session, in store: Store) throws {
    self.store = store
    self.session = session
    head = try store.head(of: session.id)
    all = try store.commits(of: session.id)
    references = try store.references(of: session.id)
    numberWidth = all.last.map { $0.number.description.count } ?? 0
  }

  /// All commits, or those that led to one, the newest first.
  func commits(upTo last: CommitNumber?) -> [Commit] {
    guard let last else { return all.reversed() }
    var wanted: Set<CommitNumber> = [last]
    return all.reversed().filter { commit in
      guard wanted.remove(commit.number) != nil else { return false }
      wanted.formUnion(commit.parents)
      return true
    }
  }

  /// Columns have fixed widths, so that the first line need not wait for the last.
  func line(of commit: Commit) throws -> String {
    let mark = commit.number == head.commit ? "*" : " "
    let space = String(repeating: " ", count: numberWidth - commit.number.description.count)
    let changes = try changes(of: commit).phrase(columns: Self.changesWidth)
    let padding = String(repeating: " ", count: max(0, Self.changesWidth - changes.columnCount))
    let names = references[commit.number].map { "(" + $0.joined(separator: ", ") + ")" }
    let text = try store.title(of: commit, in: session.id)
    let title = [names, text].compactMap(\.self).joined(separator: " ")
    let cells = ["\(mark) \(space)\(commit.number)", "\(commit.time)", changes + padding]
    return (cells + [title.printable]).joined(separator: "  ").trimmed
  }

  func json(of commit: Commit) throws -> JSON {
    .object([
      "commit": .number(commit.number.value),
      "digest": .string("\(commit.digest)"),
      "parents": .array(commit.parents.map { .number($0.value) }),
      "time": .string("\(commit.time)"),
      "message": .string(commit.message),
      "references": .array((references[commit.number] ?? []).map { .string($0) }),
      "head": .bool(commit.number == head.commit),
      "changes": .array(
        try changes(of: commit).entries.map {
          .object(["name": .string($0.name.text), "change": .string($0.kind.rawValue)])
        }),
    ])
  }

  private static let changesWidth = 32

  private func changes(of commit: Commit) throws -> Changes {
    try store.changes(from: commit.parents.first, to: commit.number, in: session.id)
  }
}
