import PodModel

/// A session with what it has checked out.
struct SessionState {
  let session: Session
  var head: Head
}

/// The rows of sessions.
extension Connection {
  private static let sessionColumns = "id, name, created, head, branch, \(Seals.session.isIntact)"

  /// Returns all sessions, in the order of their names.
  func sessions() throws(StoreError) -> [Session] {
    var select = try prepare("SELECT \(Self.sessionColumns) FROM session ORDER BY name")
    var sessions: [Session] = []
    while try select.step() {
      // One that is damaged is shown if it can be, and shuts nobody out of the others; 'check' names it.
      do throws(StoreError) { sessions.append(try select.session()) } catch {}
    }
    return sessions
  }

  /// Returns the session called `name`, or nil.
  func session(_ name: SessionName) throws(StoreError) -> Session? {
    var select = try prepare(
      "SELECT \(Self.sessionColumns) FROM session WHERE name = ?", name.text)
    return try select.step() ? try select.sessionState().session : nil
  }

  /// Returns a session and its head.
  func state(of session: SessionID) throws(StoreError) -> SessionState {
    var select = try prepare(
      "SELECT \(Self.sessionColumns) FROM session WHERE id = ?", session.row)
    guard try select.step() else { throw .sessionRemoved(session) }
    return try select.sessionState()
  }

  /// Makes a session on the branch `main`, without a commit.
  func insertSession(_ name: SessionName, created: Timestamp) throws(StoreError) -> Session {
    try run(
      "INSERT INTO session (name, created, branch) VALUES (?, ?, 'main')",
      name.text, created.microseconds)
    let id = SessionID(row: lastInsertedRow)
    try seal(id)
    return Session(id: id, name: name, created: created)
  }

  /// Removes the rows of a session, but for contents, which other sessions may have.
  func removeSession(_ session: SessionID) throws(StoreError) {
    try run(
      "DELETE FROM binding WHERE line IN (SELECT id FROM line WHERE session = ?)", session.row)
    try run(
      "DELETE FROM covariable WHERE id IN (SELECT covariable FROM version WHERE session = ?)",
      session.row)
    // All other tables refer to it, and follow it.
    try run("DELETE FROM session WHERE id = ?", session.row)
    try removeUnusedEnvironments()
  }

  /// Sets what a session has checked out.
  func setHead(_ head: Head, of session: SessionID) throws(StoreError) {
    try run(
      "UPDATE session SET head = ?, branch = ? WHERE id = ?",
      head.commit?.value, head.branch?.text, session.row)
    try seal(session)
  }

  /// Seals the row of a session, which has just been changed.
  func seal(_ session: SessionID) throws(StoreError) {
    try run(Seals.session.sealing(where: "id = ?"), session.row)
  }
}

extension Statement {
  /// Reads a session from its columns.
  fileprivate func sessionState() throws(StoreError) -> SessionState {
    try requireIntact(5, "session '\(text(1))'")
    return SessionState(
      session: try session(),
      head: Head(
        commit: isNull(3) ? nil : try commitNumber(3),
        branch: isNull(4) ? nil : try referenceName(4)))
  }

  fileprivate func session() throws(StoreError) -> Session {
    Session(
      id: SessionID(row: integer(0)), name: try referenceName(1),
      created: Timestamp(microseconds: integer(2)))
  }

  /// Throws if the row does not say what was written; the column tells whether its seal is right.
  func requireIntact(
    _ column: Int32, _ what: @autoclosure () -> String
  ) throws(StoreError) {
    if integer(column) != 1 { throw .rowDamaged(what()) }
  }

  /// The name of a session, branch or tag in a column.
  func referenceName(_ column: Int32) throws(StoreError) -> ReferenceName {
    do { return try ReferenceName(text(column)) } catch { throw damaged }
  }

  /// The name of a variable in a column.
  func variableName(_ column: Int32) throws(StoreError) -> VariableName {
    do { return try VariableName(text(column)) } catch { throw damaged }
  }

  /// The number of a commit in a column.
  func commitNumber(_ column: Int32) throws(StoreError) -> CommitNumber {
    guard let number = CommitNumber(integer(column)) else { throw damaged }
    return number
  }

  /// The number of bytes in a column: no more than any disk holds, so that many can be added.
  func byteCount(_ column: Int32) throws(StoreError) -> Int64 {
    guard 0...(1 << 50) ~= integer(column) else { throw damaged }
    return integer(column)
  }

  /// The name of a pack in a column, which becomes a part of a path.
  func packName(_ column: Int32) throws(StoreError) -> String {
    let name = text(column)
    let isRight = name.utf8.allSatisfy { byte in
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }
    guard isRight, !name.isEmpty else { throw damaged }
    return name
  }

  /// The digest in a column.
  func podID(_ column: Int32) throws(StoreError) -> PodID {
    guard let id = PodID(bytes: bytes(column)) else { throw damaged }
    return id
  }
}
