import PodModel

/// Making versions: rows of contents, co-variables and versions.
extension Connection {
  /// Makes a co-variable, and returns its versions; `commit` is nil in a workspace.
  ///
  /// Names that `permissions` leaves out get the usual ones.
  func insertVersions(
    of new: NewCoVariable, in session: SessionID, commit: CommitNumber?, time: Timestamp,
    permissions: [VariableName: UInt32] = [:]
  ) throws(StoreError) -> [VariableName: Version] {
    let content = try contentRow(for: new.content)
    try run("INSERT INTO covariable (content) VALUES (?)", content)
    let coVariable = CoVariableID(row: lastInsertedRow)
    var versions: [VariableName: Version] = [:]
    for (name, root) in new.names.sorted(by: { $0.key < $1.key }) {
      guard new.content.roots.indices.contains(root) else {
        throw .invalidCommit(reason: "'\(name)' is root \(root) of a content that has no such")
      }
      versions[name] = try insertVersion(
        coVariable: coVariable, content: new.content.id, root: root,
        summary: new.content.roots[root], called: name, in: session, commit: commit, time: time)
      if let version = versions[name], let permissions = permissions[name] {
        try setPermissions(permissions, of: version.id)
      }
    }
    return versions
  }

  private func insertVersion(
    coVariable: CoVariableID, content: ContentID, root: Int, summary: ValueSummary,
    called name: VariableName, in session: SessionID, commit: CommitNumber?, time: Timestamp
  ) throws(StoreError) -> Version {
    try run(
      """
      INSERT INTO version (covariable, root, session, commit_, time, name)
      VALUES (?, ?, ?, ?, ?, ?)
      """, coVariable.row, Int64(root), session.row, commit?.value, time.microseconds, name.text)
    let id = VersionID(row: lastInsertedRow)
    // The arguments of `Seals.version`, which are all known here and need no join.
    try run(
      "UPDATE version SET seal = podfs_seal(?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?1",
      id.row, session.row, name.text, commit?.value, time.microseconds, Int64?.none, coVariable.row,
      Int64(root), content.pod, content.form.rawValue, summary.type,
      summary.shape.map(Shape.encode), summary.dtype, summary.size)
    return Version(
      id: id, coVariable: coVariable, content: content, root: root,
      summary: summary, time: time, commit: commit)
  }

  /// Seals the row of a version, which has just been made or changed.
  func seal(_ version: VersionID) throws(StoreError) {
    try run(Self.sealingOfVersions + " WHERE id = ?", version.row)
  }

  /// The statement that seals versions.
  static let sealingOfVersions = """
    UPDATE version SET seal = (
      SELECT \(Seals.version) FROM covariable
      JOIN content ON content.id = covariable.content
      JOIN root ON root.content = content.id AND root.root = version.root
      WHERE covariable.id = version.covariable)
    """

  /// Makes another version of the value of `version`, with a co-variable of its own.
  func insertCopy(
    of version: Version, called name: VariableName, in session: SessionID, time: Timestamp
  ) throws(StoreError) -> Version {
    guard let content = try row(of: version.content) else {
      throw .podNotFound(version.content.pod)
    }
    try run("INSERT INTO covariable (content) VALUES (?)", content)
    return try insertVersion(
      coVariable: CoVariableID(row: lastInsertedRow), content: version.content,
      root: version.root, summary: version.summary, called: name, in: session, commit: nil,
      time: time)
  }

  /// Removes a version that no commit has, when the workspace lets go of it.
  func removeUncommitted(_ version: Version) throws(StoreError) {
    guard version.commit == nil else { return }
    try run("DELETE FROM version WHERE id = ? AND commit_ IS NULL", version.id.row)
    try run("DELETE FROM covariable WHERE id = ?", version.coVariable.row)
  }

  /// Makes a version that was in a workspace part of a commit, and returns it as it is then.
  func commitVersion(
    _ version: Version, in commit: CommitNumber, time: Timestamp
  ) throws(StoreError) -> Version {
    guard version.commit == nil else { return version }
    try run(
      "UPDATE version SET commit_ = ?, time = ? WHERE id = ?",
      commit.value, time.microseconds, version.id.row)
    try seal(version.id)
    return Version(
      id: version.id, coVariable: version.coVariable, content: version.content,
      root: version.root, summary: version.summary, time: time, commit: commit)
  }

  /// Returns what rows tell of each root of a content, in order; nothing if there is no such row.
  func summaries(of content: ContentID) throws(StoreError) -> [ValueSummary] {
    var select = try prepare(
      """
      SELECT root.type, root.shape, root.dtype, root.size
      FROM content JOIN root ON root.content = content.id
      WHERE content.pod = ? AND content.form = ? ORDER BY root.root
      """, content.pod, content.form.rawValue)
    var summaries: [ValueSummary] = []
    while try select.step() { summaries.append(try select.summary(at: 0)) }
    return summaries
  }

  private func row(of content: ContentID) throws(StoreError) -> Int64? {
    try integer(
      "SELECT id FROM content WHERE pod = ? AND form = ?", content.pod, content.form.rawValue)
  }

  private func contentRow(for new: NewContent) throws(StoreError) -> Int64 {
    if let row = try row(of: new.id) { return row }
    guard try contains(new.id.pod) else { throw .podNotFound(new.id.pod) }
    try run("INSERT INTO content (pod, form) VALUES (?, ?)", new.id.pod, new.id.form.rawValue)
    let row = lastInsertedRow
    for (root, summary) in new.roots.enumerated() {
      try run(
        "INSERT INTO root VALUES (?, ?, ?, ?, ?, ?)", row, Int64(root), summary.type,
        summary.shape.map(Shape.encode), summary.dtype, summary.size)
    }
    return row
  }
}
