import PodModel

/// Mending rows, within a transaction.
extension Connection {
  /// Makes the indices of the database anew from its tables.
  func rebuildIndices() throws(StoreError) { try run("REINDEX") }

  /// Changes a row if the table allows the row that it becomes; a damaged one may stand in its place.
  func attempt(_ sql: String, values: [SQLValue]) throws(StoreError) {
    do throws(StoreError) { try run(sql, values: values) } catch {
      guard error.isOfRows else { throw error }
    }
  }

  /// Returns the names that rows bind at a commit, or bound before it.
  func boundNames(at point: LinePoint) throws(StoreError) -> Set<String> {
    var names: Set<String> = []
    var next: LinePoint? = point
    while let point = next {
      var select = try prepare(
        "SELECT DISTINCT name FROM binding WHERE line = ? AND number <= ?", point.line,
        point.number.value)
      while try select.step() { names.insert(select.text(0)) }
      next = try parent(ofLine: point.line)
    }
    return names
  }

  /// Takes back what rows say of commits that are not there.
  ///
  /// Branches and tags of missing commits go; a session whose commit is missing has its last one
  /// checked out; a commit without its parent has none.
  func mendReferences() throws(StoreError) {
    for sql in Self.danglingReferences { try run(sql) }
    // A branch that is checked out is where the session is.
    try run(
      """
      INSERT INTO branch (session, name, number, seal)
      SELECT id, branch, head, podfs_seal(id, branch, head) FROM session
      WHERE \(Seals.session.isIntact) AND branch IS NOT NULL
        AND EXISTS (SELECT 1 FROM commit_ WHERE session = session.id AND number = session.head)
        AND NOT EXISTS (
          SELECT 1 FROM branch WHERE branch.session = session.id AND branch.name = session.branch)
      """)
    for session in try rows(Self.sessionsWithoutHead) {
      try run(
        """
        UPDATE session SET branch = NULL,
          head = (SELECT max(number) FROM commit_ WHERE session = session.id)
        WHERE id = ?
        """, session.0)
      try seal(SessionID(row: session.0))
    }
    for (session, number) in try rows(Self.commitsWithoutParent) {
      try run(
        "UPDATE commit_ SET parent = NULL, is_thinned = 1 WHERE session = ? AND number = ?",
        session, number)
      if let number = CommitNumber(number) { try seal(number, of: SessionID(row: session)) }
    }
  }

  private func rows(_ sql: String) throws(StoreError) -> [(Int64, Int64)] {
    var select = try prepare(sql)
    var rows: [(Int64, Int64)] = []
    while try select.step() { rows.append((select.integer(0), select.integer(1))) }
    return rows
  }

  private static let danglingReferences = [
    """
    DELETE FROM branch WHERE NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = branch.session AND number = branch.number)
    """,
    """
    DELETE FROM tag WHERE NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = tag.session AND number = tag.number)
    """,
  ]

  private static let sessionsWithoutHead = """
    SELECT id, 0 FROM session WHERE head IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = session.id AND number = session.head)
    """

  /// Those whose rows are what was written: others are not believed about their parents.
  private static let commitsWithoutParent = """
    SELECT session, number FROM commit_ WHERE \(Seals.commit.isIntact) AND parent IS NOT NULL AND (
      parent >= number OR NOT EXISTS (
        SELECT 1 FROM commit_ AS other
        WHERE other.session = commit_.session AND other.number = commit_.parent))
    """

  /// Takes pods out of the index, so that whoever puts them again writes them again.
  func forget(_ pods: some Sequence<PodID>) throws(StoreError) {
    var delete = try prepare("DELETE FROM pod WHERE id = ?")
    for pod in pods { try delete.run(pod) }
    try set("collections", to: try collections() + 1)
  }

  /// Adds pods that stand in packs which have rows.
  func restore(_ pods: [PodRow]) throws(StoreError) {
    var insert = try prepare(
      """
      INSERT OR IGNORE INTO pod (id, pack, position, stored, length, codec, base)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
    for pod in pods {
      let at = pod.location
      try insert.run(
        pod.id, at.pack, at.position, Int64(at.storedCount), Int64(at.count), at.codec.rawValue,
        pod.base.map { Int64(bitPattern: $0) })
    }
  }

  /// Notes how long the file of a pack is; forgets a pack without a file, if it has no pods.
  func setLength(_ bytes: Int64?, ofPack row: Int64) throws(StoreError) {
    if let bytes {
      try run("UPDATE pack SET bytes = ? WHERE id = ?", bytes, row)
    } else {
      try run(
        "DELETE FROM pack WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM pod WHERE pack = ?1)", row)
    }
  }
}
