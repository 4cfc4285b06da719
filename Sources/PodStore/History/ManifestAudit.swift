import PodModel

/// What the rows of a session say that each of its commits binds, against what was written.
struct ManifestAudit {
  /// A commit with the sum of the parts of its manifest.
  struct Entry {
    let point: LinePoint
    /// The sum as the commit was given it; nil if it has none.
    let given: Int64?
    /// The sum of what rows bind.
    let found: Int64

    /// Whether rows bind what was written.
    var isRight: Bool { given == found }
  }

  /// All commits of the session, by number.
  private(set) var commits: [Entry] = []

  /// Reads all bindings of a session once.
  init(of session: SessionID, on connection: borrowing Connection) throws(StoreError) {
    var select = try connection.prepare(
      "SELECT DISTINCT line FROM commit_ WHERE session = ? ORDER BY line", session.row)
    var lines: [Int64] = []
    while try select.step() { lines.append(select.integer(0)) }
    for line in lines { try read(line, of: session, on: connection) }
    commits.sort { $0.point.number < $1.point.number }
  }

  private mutating func read(
    _ line: Int64, of session: SessionID, on connection: borrowing Connection
  ) throws(StoreError) {
    var parts: [String: Int64] = [:]
    if let parent = try connection.parent(ofLine: line) {
      parts = try connection.parts(at: parent)
    }
    var sum = parts.values.reduce(0, &+)
    var bindings = try connection.prepare(
      """
      SELECT number, name, iif(version IS NULL, 0, \(Seals.part))
      FROM binding INDEXED BY binding_of_commit WHERE line = ? ORDER BY number
      """, line)
    var hasBinding = try bindings.step()
    var select = try connection.prepare(
      "SELECT number, manifest FROM commit_ WHERE session = ? AND line = ? ORDER BY number",
      session.row, line)
    while try select.step() {
      let number = try select.commitNumber(0)
      while hasBinding, bindings.integer(0) <= number.value {
        let part = bindings.integer(2)
        sum &+= part &- (parts.updateValue(part, forKey: bindings.text(1)) ?? 0)
        hasBinding = try bindings.step()
      }
      commits.append(
        Entry(
          point: LinePoint(line: line, number: number),
          given: select.isNull(1) ? nil : select.integer(1), found: sum))
    }
  }
}

extension Connection {
  /// Returns the part of each name in the manifest of a commit, 0 for those that it does not bind.
  fileprivate func parts(at point: LinePoint) throws(StoreError) -> [String: Int64] {
    var parts: [String: Int64] = [:]
    var next: LinePoint? = point
    while let point = next {
      var select = try prepare(
        """
        \(Self.namesOfLine)
        SELECT binding.name, iif(version IS NULL, 0, \(Seals.part)) FROM name
        JOIN binding ON binding.line = ?1 AND binding.name = text AND binding.number = (
          SELECT number FROM binding WHERE line = ?1 AND name = text AND number <= ?2
          ORDER BY number DESC LIMIT 1)
        """, point.line, point.number.value)
      while try select.step() {
        let name = select.text(0)
        if parts[name] == nil { parts[name] = select.integer(1) }
      }
      next = try parent(ofLine: point.line)
    }
    return parts
  }
}
