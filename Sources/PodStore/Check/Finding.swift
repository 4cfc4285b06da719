public import PodModel

/// Damage that ``Store/check(data:report:)`` found.
public enum Finding: Hashable, Sendable {
  /// A pod is needed and not in the index; the locations are what needs it.
  case podMissing(PodID, usedBy: [Location])
  /// A pod cannot be read, or its bytes do not match its name.
  case podDamaged(PodID, usedBy: [Location])
  /// The file of a pack is missing or shorter than the index says.
  case packDamaged(name: String, usedBytes: Int64, fileBytes: Int64?)
  /// A commit cannot be listed; the text says why.
  case commitDamaged(SessionName, CommitNumber, reason: String)
  /// A row is not what was written; the text is its key.
  case rowDamaged(table: String, row: String)
  /// The rows that told which value a variable got in a commit are damaged or gone.
  case valueLost(Location)
  /// The database fails its own check; the text is SQLite's.
  case databaseDamaged(reason: String)
}

extension Finding {
  /// A commit whose rows bind other values than it was given.
  static func otherManifest(of number: CommitNumber, in session: SessionName) -> Finding {
    .commitDamaged(session, number, reason: "it binds other values than it did")
  }
}

extension Finding: CustomStringConvertible {
  /// One line for a person: what is damaged and what is lost by it.
  public var description: String {
    switch self {
    case .podMissing(let id, let users): "pod \(id) is missing; \(Self.loss(of: users))"
    case .podDamaged(let id, let users): "pod \(id) is damaged; \(Self.loss(of: users))"
    case .packDamaged(let name, let used, let size):
      size.map { "pack \(name) has \($0) bytes of \(used)" } ?? "pack \(name) is missing"
    case .commitDamaged(let session, let number, let reason):
      "commit \(session)@\(number) is damaged: \(reason)"
    case .rowDamaged(let table, let row):
      "the row \(row) of table '\(table)' is not what was written"
    case .valueLost(let location):
      "the value of \(location) is lost: the rows that told which one it was are damaged"
    case .databaseDamaged(let reason): "the database is damaged: \(reason)"
    }
  }

  private static func loss(of users: [Location]) -> String {
    if users.isEmpty { return "no variable uses it" }
    return "it is part of " + users.map(\.description).joined(separator: ", ")
  }
}
