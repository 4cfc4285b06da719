import PodModel

/// Finding the commit that a revision means.
extension Connection {
  /// The fewest digits of a digest that are a revision.
  private static let digestDigits = 4

  /// Returns the number of the commit that `revision` means.
  func resolve(
    _ revision: Revision, in state: SessionState
  ) throws(StoreError) -> CommitNumber {
    let session = state.session
    guard let last = try lastNumber(of: session.id) else { throw .noCommits(session.name) }
    var found = try start(of: revision, in: state)
    for _ in 0..<revision.ancestors {
      guard let number = found else { break }
      found = try firstParent(of: number, in: session.id)
    }
    guard let found else { throw .noSuchRevision(revision, session.name, last: last) }
    return found
  }

  private func start(
    of revision: Revision, in state: SessionState
  ) throws(StoreError) -> CommitNumber? {
    let session = state.session.id
    switch revision.base {
    case .head: return state.head.commit
    case .number(let number): return try point(of: number, in: session).map { $0.number }
    case .time(let time):
      let number = try integer(
        "SELECT max(number) FROM commit_ WHERE session = ? AND time <= ?",
        session.row, time.microseconds)
      return number.flatMap { CommitNumber($0) }
    case .name(let text):
      if let number = try reference(text, in: .branch, of: session) { return number }
      if let number = try reference(text, in: .tag, of: session) { return number }
      return try commit(digestPrefix: text, revision, in: state)
    }
  }

  private func commit(
    digestPrefix prefix: String, _ revision: Revision, in state: SessionState
  ) throws(StoreError) -> CommitNumber? {
    guard prefix.utf8.count >= Self.digestDigits, prefix.allSatisfy(\.isHexDigit) else {
      return nil
    }
    var select = try prepare(
      """
      SELECT number FROM commit_
      WHERE session = ?1 AND substr(hex(digest), 1, length(?2)) = ?2 LIMIT 2
      """, state.session.id.row, prefix.uppercased())
    guard try select.step() else { return nil }
    let number = try select.commitNumber(0)
    if try select.step() { throw .ambiguousRevision(revision, state.session.name) }
    return number
  }
}

/// The kinds of names for commits.
public enum ReferenceKind: String, Sendable {
  /// Moved by the commits that are made while it is checked out.
  case branch
  /// Moves only when a person moves it.
  case tag

  /// The table of such names.
  var seals: Seals.Table { self == .branch ? Seals.branch : Seals.tag }
}

/// The rows of branches and tags.
extension Connection {
  /// Returns all branches or all tags of a session.
  func references(
    _ kind: ReferenceKind, of session: SessionID
  ) throws(StoreError) -> [ReferenceName: CommitNumber] {
    var select = try prepare(
      "SELECT name, number, \(kind.seals.isIntact) FROM \(kind.rawValue) WHERE session = ?",
      session.row)
    var references: [ReferenceName: CommitNumber] = [:]
    while try select.step() {
      try select.requireIntact(2, "\(kind.rawValue) '\(select.text(0))'")
      references[try select.referenceName(0)] = try select.commitNumber(1)
    }
    return references
  }

  /// Returns the commit that a branch or tag names, or nil.
  func reference(
    _ name: String, in kind: ReferenceKind, of session: SessionID
  ) throws(StoreError) -> CommitNumber? {
    var select = try prepare(
      """
      SELECT number, \(kind.seals.isIntact) FROM \(kind.rawValue) WHERE session = ? AND name = ?
      """, session.row, name)
    guard try select.step() else { return nil }
    try select.requireIntact(1, "\(kind.rawValue) '\(name)'")
    return try select.commitNumber(0)
  }

  /// Makes or moves a branch or tag.
  func setReference(
    _ name: ReferenceName, in kind: ReferenceKind, to number: CommitNumber,
    of session: SessionID
  ) throws(StoreError) {
    try run(
      """
      INSERT INTO \(kind.rawValue) VALUES (?1, ?2, ?3, podfs_seal(?1, ?2, ?3))
      ON CONFLICT (session, name) DO UPDATE SET number = excluded.number, seal = excluded.seal
      """, session.row, name.text, number.value)
  }

  /// Removes a branch or tag, and tells whether it was there.
  func removeReference(
    _ name: ReferenceName, in kind: ReferenceKind, of session: SessionID
  ) throws(StoreError) -> Bool {
    try run(
      "DELETE FROM \(kind.rawValue) WHERE session = ? AND name = ?", session.row, name.text)
    return changedRows > 0
  }
}
