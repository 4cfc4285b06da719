import PodModel

/// Looking for rows that contradict each other.
extension Connection {
  /// Returns what SQLite itself finds wrong with the file.
  func brokenPages() throws(StoreError) -> [Finding] {
    var select = try prepare("PRAGMA integrity_check(100)")
    var findings: [Finding] = []
    while try select.step() {
      let text = select.text(0)
      if text != "ok" { findings.append(.databaseDamaged(reason: text)) }
    }
    return findings
  }

  /// Returns the commits that cannot be listed, or whose neighbours are missing.
  func brokenCommits() throws(StoreError) -> [Finding] {
    var findings: [Finding] = []
    for sql in Self.contradictions {
      var select = try prepare(sql)
      while try select.step() {
        findings.append(
          .commitDamaged(
            try select.referenceName(0), try select.commitNumber(1), reason: select.text(2)))
      }
    }
    return findings
  }

  /// Each returns a session, the number of a commit, and what is wrong with it.
  private static let contradictions = [
    """
    SELECT DISTINCT session.name, binding.number, 'it is missing'
    FROM binding JOIN line ON line.id = binding.line JOIN session ON session.id = line.session
    WHERE NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = line.session AND number = binding.number)
    """,
    """
    SELECT session.name, here.number, 'its parent ' || here.parent || ' is ' ||
      iif(here.parent < here.number, 'missing', 'not before it')
    FROM (
      SELECT session, number, parent FROM commit_
      UNION ALL SELECT session, number, parent FROM merge_parent
    ) AS here JOIN session ON session.id = here.session
    WHERE here.parent IS NOT NULL AND (here.parent >= here.number OR NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = here.session AND number = here.parent))
    """,
    """
    SELECT session.name, line.tip, 'a line ends with it and it is missing'
    FROM line JOIN session ON session.id = line.session
    WHERE NOT EXISTS (
      SELECT 1 FROM commit_
      WHERE session = line.session AND number = line.tip AND line = line.id)
    """,
    """
    SELECT session.name, line.parent_number, 'a line begins with it and it is missing'
    FROM line JOIN session ON session.id = line.session
    WHERE line.parent IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM commit_
      WHERE session = line.session AND number = line.parent_number AND line = line.parent)
    """,
    """
    SELECT session.name, here.number, 'its line is missing'
    FROM commit_ AS here JOIN session ON session.id = here.session
    LEFT JOIN line ON line.id = here.line
    LEFT JOIN line AS parent ON parent.id = line.parent
    WHERE line.id IS NULL OR (line.parent IS NOT NULL AND parent.id IS NULL)
    """,
    """
    SELECT name, head, 'it is checked out and missing' FROM session
    WHERE head IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = session.id AND number = session.head)
    """,
    """
    SELECT name, head, 'its branch ''' || branch || ''' is missing'
    FROM session WHERE head IS NOT NULL AND branch IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM branch WHERE branch.session = session.id AND branch.name = session.branch)
    """,
    """
    SELECT session.name, reference.number, '''' || reference.name || ''' names it; it is missing'
    FROM (SELECT * FROM branch UNION ALL SELECT * FROM tag) AS reference
    JOIN session ON session.id = reference.session
    WHERE NOT EXISTS (
      SELECT 1 FROM commit_
      WHERE session = reference.session AND number = reference.number)
    """,
  ]

  /// Returns the name and the bytes in use of every pack.
  func packs() throws(StoreError) -> [WrittenPack] {
    var select = try prepare("SELECT name, bytes FROM pack ORDER BY id")
    var packs: [WrittenPack] = []
    while try select.step() {
      packs.append(WrittenPack(name: try select.packName(0), bytes: try select.byteCount(1)))
    }
    return packs
  }

  /// Returns the root pods of all contents.
  func rootPods() throws(StoreError) -> [PodID] {
    try podIDs("SELECT DISTINCT pod FROM content")
  }

  /// Returns all pods of the index in the order in which they are quickest to read.
  func podsByPlace() throws(StoreError) -> [PodID] {
    try podIDs("SELECT id FROM pod ORDER BY pack, position")
  }

  private func podIDs(_ sql: String) throws(StoreError) -> [PodID] {
    var select = try prepare(sql)
    var ids: [PodID] = []
    while try select.step() { ids.append(try select.podID(0)) }
    return ids
  }

  /// Returns which variables have contents with one of these root pods: of each version the first
  /// commit, or the workspace.
  func locations(ofRoots roots: Set<PodID>) throws(StoreError) -> [PodID: [Location]] {
    var select = try prepare(
      """
      SELECT content.pod, session.name, min(binding.number), binding.name
      FROM binding
      JOIN line ON line.id = binding.line JOIN session ON session.id = line.session
      JOIN version ON version.id = binding.version
      JOIN covariable ON covariable.id = version.covariable
      JOIN content ON content.id = covariable.content
      GROUP BY binding.version, binding.name
      UNION ALL
      SELECT content.pod, session.name, NULL, workspace.name
      FROM workspace JOIN session ON session.id = workspace.session
      JOIN version ON version.id = workspace.version
      JOIN covariable ON covariable.id = version.covariable
      JOIN content ON content.id = covariable.content
      ORDER BY 2, 3, 4
      """)
    var locations: [PodID: [Location]] = [:]
    while try select.step() {
      let pod = try select.podID(0)
      guard roots.contains(pod) else { continue }
      let revision =
        select.isNull(2) ? nil : Revision(base: .number(try select.commitNumber(2)))
      locations[pod, default: []].append(
        Location(
          session: try select.referenceName(1), revision: revision,
          variable: try select.variableName(3)))
    }
    return locations
  }
}
