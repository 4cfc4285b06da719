import PodModel

/// The rows of commits.
extension Connection {
  /// Returns the commits of a session above `after`, ascending.
  func commits(
    of session: SessionID, after: Int64, limit: Int64
  ) throws(StoreError) -> [Commit] {
    var select = try prepare(
      """
      SELECT number, digest, parent, time, coalesce(edited, message), \(Seals.commit.isIntact)
      FROM commit_
      WHERE session = ? AND number > ? ORDER BY number LIMIT ?
      """, session.row, after, limit)
    var commits: [Commit] = []
    var others = try mergeParents(after: after, in: session, limit: limit)
    while try select.step() {
      let number = try select.commitNumber(0)
      try select.requireIntact(5, "commit \(number)")
      let parents = select.isNull(2) ? [] : [try select.commitNumber(2)]
      commits.append(
        Commit(
          number: number, digest: try select.podID(1),
          parents: parents + (others.removeValue(forKey: number) ?? []),
          time: Timestamp(microseconds: select.integer(3)), message: select.text(4)))
    }
    return commits
  }

  /// Returns the commit with this number, or nil.
  func commit(_ number: CommitNumber, of session: SessionID) throws(StoreError) -> Commit? {
    try commits(of: session, after: number.value - 1, limit: 1).first { $0.number == number }
  }

  /// Returns the parents but the first of the commits above `after`, of at least `limit` commits.
  private func mergeParents(
    after: Int64, in session: SessionID, limit: Int64
  ) throws(StoreError) -> [CommitNumber: [CommitNumber]] {
    var select = try prepare(
      """
      SELECT number, parent FROM merge_parent WHERE session = ? AND number > ?
      ORDER BY number, position
      """, session.row, after)
    var parents: [CommitNumber: [CommitNumber]] = [:]
    while try select.step() {
      let number = try select.commitNumber(0)
      if parents.count == limit, parents[number] == nil { break }
      parents[number, default: []].append(try select.commitNumber(1))
    }
    return parents
  }

  /// Returns where a commit is, or nil if there is none with this number.
  func point(of number: CommitNumber, in session: SessionID) throws(StoreError) -> LinePoint? {
    let line = try integer(
      "SELECT line FROM commit_ WHERE session = ? AND number = ?", session.row, number.value)
    return line.map { LinePoint(line: $0, number: number) }
  }

  /// Returns the number of the last commit of a session, or nil before the first.
  func lastNumber(of session: SessionID) throws(StoreError) -> CommitNumber? {
    let number = try integer("SELECT max(number) FROM commit_ WHERE session = ?", session.row)
    return number.flatMap { CommitNumber($0) }
  }

  /// Returns the number of commits of a session.
  func commitCount(of session: SessionID) throws(StoreError) -> Int {
    Int(try integer("SELECT count(*) FROM commit_ WHERE session = ?", session.row) ?? 0)
  }

  /// Returns the first parent of a commit, or nil.
  func firstParent(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> CommitNumber? {
    var select = try prepare(
      "SELECT parent, \(Seals.commit.isIntact) FROM commit_ WHERE session = ? AND number = ?",
      session.row, number.value)
    guard try select.step() else { return nil }
    try select.requireIntact(1, "commit \(number)")
    return select.isNull(0) ? nil : try select.commitNumber(0)
  }

  /// Returns the code that made a commit, or nil.
  func cell(of number: CommitNumber, in session: SessionID) throws(StoreError) -> Cell? {
    var select = try prepare(
      """
      SELECT source, execution_count, duration, output, error, reads, \(Seals.cell.isIntact)
      FROM cell
      WHERE session = ? AND number = ?
      """, session.row, number.value)
    guard try select.step() else { return nil }
    try select.requireIntact(6, "the cell of commit \(number)")
    return Cell(
      source: select.text(0), executionCount: select.isNull(1) ? nil : select.integer(1),
      duration: select.isNull(2) ? nil : select.number(2), standardOutput: select.text(3),
      error: select.isNull(4) ? nil : select.text(4),
      reads: select.isNull(5) ? nil : CellReads(parsing: select.text(5)))
  }

  /// Returns what a commit could not keep.
  func unsaved(of number: CommitNumber, in session: SessionID) throws(StoreError) -> [Unsaved] {
    var select = try prepare(
      """
      SELECT name, type, reason, \(Seals.unsaved.isIntact) FROM unsaved
      WHERE session = ? AND number = ? ORDER BY position
      """, session.row, number.value)
    var unsaved: [Unsaved] = []
    while try select.step() {
      try select.requireIntact(3, "what commit \(number) could not keep")
      unsaved.append(
        Unsaved(name: select.text(0), type: select.text(1), reason: select.text(2)))
    }
    return unsaved
  }

  /// Returns what a commit was made in, or nil.
  func environment(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> String? {
    var select = try prepare(
      """
      SELECT environment.text, \(Seals.environment.isIntact) FROM commit_ JOIN environment ON environment.id = commit_.environment
      WHERE session = ? AND number = ?
      """, session.row, number.value)
    guard try select.step() else { return nil }
    try select.requireIntact(1, "the environment of commit \(number)")
    return select.text(0)
  }

  /// Notes what a commit was made in, which is most often what the one before was made in.
  func setEnvironment(
    _ text: String, of number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    try run("INSERT INTO environment (text) VALUES (?) ON CONFLICT (text) DO NOTHING", text)
    try run(Seals.environment.sealing(where: "text = ? AND seal IS NULL"), text)
    try run(
      """
      UPDATE commit_ SET environment = (SELECT id FROM environment WHERE text = ?)
      WHERE session = ? AND number = ?
      """, text, session.row, number.value)
  }

  /// Removes what no commit was made in any more.
  func removeUnusedEnvironments() throws(StoreError) {
    try execute(
      """
      DELETE FROM environment WHERE id NOT IN (
        SELECT environment FROM commit_ WHERE environment IS NOT NULL)
      """)
  }

  /// Returns the number, the first parent and the time of each commit above `after`, ascending.
  func places(of session: SessionID, after: Int64) throws(StoreError) -> [CommitPlace] {
    var select = try prepare(
      "SELECT number, parent, time FROM commit_ WHERE session = ? AND number > ? ORDER BY number",
      session.row, after)
    var places: [CommitPlace] = []
    while try select.step() {
      places.append(
        CommitPlace(
          number: try select.commitNumber(0),
          parent: select.isNull(1) ? nil : try select.commitNumber(1),
          time: Timestamp(microseconds: select.integer(2))))
    }
    return places
  }

  func insertCell(
    _ cell: Cell, of number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    try run(
      """
      INSERT INTO cell (
        session, number, source, execution_count, duration, output, error, reads, seal)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, podfs_seal(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))
      """, session.row, number.value, cell.source, cell.executionCount, cell.duration,
      cell.standardOutput, cell.error, cell.reads?.text)
  }

  func insertUnsaved(
    _ unsaved: [Unsaved], of number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    for (position, entry) in unsaved.enumerated() {
      try run(
        "INSERT INTO unsaved VALUES (?1, ?2, ?3, ?4, ?5, ?6, podfs_seal(?1, ?2, ?3, ?4, ?5, ?6))",
        session.row, number.value,
        Int64(position), entry.name, entry.type, entry.reason)
    }
  }
}
