import PodModel

/// Looking for rows that do not say what was written.
extension Connection {
  /// Returns the rows that are not what was written, the commits that bind something else than they
  /// did, and the values that are lost by it.
  func brokenRows() throws(StoreError) -> [Finding] {
    var findings: [Finding] = []
    for table in Seals.tables {
      for key in try brokenKeys(of: table) {
        findings.append(.rowDamaged(table: table.name, row: key))
      }
    }
    findings += try missingSessions()
    findings += try lostValuesOfWorkspaces()
    for session in try sessionsWithCommits() {
      let audit = try ManifestAudit(of: session.id, on: self)
      for commit in audit.commits {
        let (point, number) = (commit.point, commit.point.number)
        if !commit.isRight {
          findings.append(.otherManifest(of: number, in: session.name))
        }
        findings += try lostValues(of: point, in: session)
      }
    }
    return findings
  }

  /// Returns which values of a commit are lost, and whether it has another digest than its rows.
  private func lostValues(
    of point: LinePoint, in session: (id: SessionID, name: SessionName)
  ) throws(StoreError) -> [Finding] {
    guard let input = try digestInput(of: point, in: session.id) else { return [] }
    let lost = input.lostNames.sorted()
    if !lost.isEmpty {
      return lost.map { name in
        .valueLost(
          Location(
            session: session.name, revision: Revision(base: .number(point.number)), variable: name))
      }
    }
    if input.isThinned || input.isRight { return [] }
    return [
      .commitDamaged(session.name, point.number, reason: "its digest is not that of its rows")
    ]
  }

  private func missingSessions() throws(StoreError) -> [Finding] {
    var select = try prepare(
      """
      SELECT DISTINCT session FROM (
        SELECT session FROM commit_ UNION ALL SELECT session FROM workspace
        UNION ALL SELECT session FROM line UNION ALL SELECT session FROM version
      ) WHERE session NOT IN (SELECT id FROM session)
      """)
    var findings: [Finding] = []
    while try select.step() {
      let reason = "session \(select.integer(0)) has a history and its row is missing"
      findings.append(.databaseDamaged(reason: reason))
    }
    return findings
  }

  private func lostValuesOfWorkspaces() throws(StoreError) -> [Finding] {
    var select = try prepare(
      """
      SELECT session.name, workspace.name FROM workspace
      JOIN session ON session.id = workspace.session
      LEFT JOIN version ON version.id = workspace.version \(Self.versionJoins)
      WHERE workspace.version IS NOT NULL
        AND (version.id IS NULL OR version.seal IS NOT \(Seals.version))
      """)
    var findings: [Finding] = []
    while try select.step() {
      findings.append(
        .valueLost(
          Location(
            session: try select.referenceName(0), revision: nil,
            variable: try select.variableName(1))))
    }
    return findings
  }

  /// Returns the keys, as SQL has them, of the rows that are not what was written.
  func brokenKeys(
    of table: Seals.Table, where condition: String = "true", _ values: [SQLValue] = []
  ) throws(StoreError) -> [String] {
    let key = table.key.map { "quote(\($0))" }.joined(separator: " || ', ' || ")
    var select = try prepare(
      "SELECT \(key) FROM \(table.name) WHERE (\(condition)) AND NOT (\(table.isIntact))")
    try select.restart(values: values)
    var keys: [String] = []
    while try select.step() { keys.append(select.text(0)) }
    return keys
  }

  /// Returns the sessions that have commits.
  func sessionsWithCommits() throws(StoreError) -> [(id: SessionID, name: SessionName)] {
    var select = try prepare(
      "SELECT id, name FROM session WHERE id IN (SELECT session FROM commit_) ORDER BY id")
    var sessions: [(SessionID, SessionName)] = []
    while try select.step() {
      let id = SessionID(row: select.integer(0))
      let name: SessionName
      do throws(StoreError) { name = try select.referenceName(1) } catch { continue }
      sessions.append((id, name))
    }
    return sessions
  }

  /// Throws if rows are damaged: what nothing seems to need then may be what a damaged row needs.
  ///
  /// Values that a repair has marked as lost do not count.
  func requireIntactRows() throws(StoreError) {
    let unmarked = try integer(
      """
      SELECT bound.version FROM (
        SELECT version FROM binding UNION SELECT version FROM workspace
      ) AS bound LEFT JOIN version ON version.id = bound.version \(Self.versionJoins)
      WHERE bound.version IS NOT NULL AND bound.version <> \(RowRepair.lost)
        AND (version.id IS NULL OR version.seal IS NOT \(Seals.version)) LIMIT 1
      """)
    let tables = [Seals.binding, Seals.workspace, Seals.line, Seals.commit].map(\.name)
    for finding in try brokenRows() {
      switch finding {
      case .valueLost where unmarked == nil: continue
      case .rowDamaged(let table, _) where !tables.contains(table): continue
      default: throw .damagedBeforeRemoval(reason: "\(finding)")
      }
    }
  }
}
