import ArgumentParser
import PodModel
import PodStore

/// `podfs sessions`: lists the sessions.
struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "List the sessions.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let rows = try store.sessions().map { try Row($0, in: store) }
    try Output.write { output in
      if format.json {
        for row in rows { try output.json(row.json) }
        return
      }
      if rows.isEmpty {
        try output.line("no session yet; 'podfs.save(…)' in Python or 'mkdir' in a mount makes one")
        return
      }
      var table = Table([.left, .left, .right, .right])
      table.add("SESSION", "HEAD", "VARIABLES", "UNCOMMITTED", "LAST COMMIT")
      for row in rows {
        table.add(
          row.session.name.text, row.headText, "\(row.variables)", "\(row.uncommitted)",
          row.last.map { "\($0.time)" } ?? "none")
      }
      try output.table(table)
    }
  }

  /// What is told of one session.
  private struct Row {
    let session: Session
    let head: Head
    let last: Commit?
    let variables: Int
    let uncommitted: Int

    init(_ session: Session, in store: Store) throws {
      self.session = session
      head = try store.head(of: session.id)
      last = try head.commit.flatMap { try store.commit($0, of: session.id) }
      variables = try store.workspace(of: session.id).versions.count
      uncommitted = try store.workspaceChanges(of: session.id).count
    }

    var headText: String {
      let branch = head.branch.map { " (\($0))" } ?? ""
      return (head.commit?.description ?? "-") + branch
    }

    var json: JSON {
      .object([
        "session": .string(session.name.text),
        "created": .string("\(session.created)"),
        "head": .number(orNull: head.commit?.value),
        "branch": .string(orNull: head.branch?.text),
        "variables": .number(Int64(variables)),
        "uncommitted": .number(Int64(uncommitted)),
        "time": .string(orNull: last.map { "\($0.time)" }),
      ])
    }
  }
}
