import PodModel

/// Sealing rows, within a transaction; see ``Seals``.
extension Connection {
  /// Seals the row of a commit, which has just been made or changed.
  func seal(_ number: CommitNumber, of session: SessionID) throws(StoreError) {
    try run(
      Seals.commit.sealing(where: "session = ? AND number = ?"), session.row, number.value)
  }

  /// Seals all rows of a store that was written without seals.
  ///
  /// A commit whose digest is not that of its rows was thinned by a prune, or is damaged. Numbers
  /// are missing only where commits were pruned, so without a gap it is damaged, and gets no seal.
  func sealAll() throws(StoreError) {
    for table in Seals.tables { try run(table.sealing()) }
    try run(Self.sealingOfVersions)
    for session in try sessionsWithGaps() {
      let audit = try ManifestAudit(of: session.id, on: self)
      for commit in audit.commits {
        try run(
          "UPDATE commit_ SET manifest = ? WHERE session = ? AND number = ?", commit.found,
          session.id.row, commit.point.number.value)
        if try hasDigest(commit.point, in: session.id) {
          try seal(commit.point.number, of: session.id)
        } else {
          try run(
            "UPDATE commit_ SET is_thinned = ?, seal = NULL WHERE session = ? AND number = ?",
            session.hasGaps ? 1 : nil, session.id.row, commit.point.number.value)
          if session.hasGaps { try seal(commit.point.number, of: session.id) }
        }
      }
    }
  }

  private func sessionsWithGaps() throws(StoreError) -> [(id: SessionID, hasGaps: Bool)] {
    var select = try prepare(
      "SELECT session, count(*) < max(number) FROM commit_ GROUP BY session")
    var sessions: [(SessionID, Bool)] = []
    while try select.step() {
      sessions.append((SessionID(row: select.integer(0)), select.integer(1) == 1))
    }
    return sessions
  }

  /// Tells whether a commit has the digest that its rows make.
  func hasDigest(_ point: LinePoint, in session: SessionID) throws(StoreError) -> Bool {
    try digestInput(of: point, in: session)?.isRight ?? false
  }

  /// Returns what the digest of a commit is made of; nil if the commit or a parent is missing.
  func digestInput(
    of point: LinePoint, in session: SessionID
  ) throws(StoreError) -> CommitDigestInput? {
    var select = try prepare(
      "SELECT digest, time, message, parent FROM commit_ WHERE session = ? AND number = ?",
      session.row, point.number.value)
    guard try select.step(), let digest = PodID(bytes: select.bytes(0)) else { return nil }
    var input = CommitDigestInput(
      digest: digest, time: Timestamp(microseconds: select.integer(1)), message: select.text(2),
      changes: try bindings(at: point))
    var parents = try prepare(
      """
      SELECT parent.digest FROM (
        SELECT parent AS number, 0 AS position FROM commit_
        WHERE session = ?1 AND number = ?2 AND parent IS NOT NULL
        UNION ALL SELECT parent, position FROM merge_parent WHERE session = ?1 AND number = ?2
      ) AS place LEFT JOIN commit_ AS parent
        ON parent.session = ?1 AND parent.number = place.number
      ORDER BY place.position
      """, session.row, point.number.value)
    while try parents.step() {
      guard let parent = PodID(bytes: parents.bytes(0)) else { return nil }
      input.parents.append(parent)
    }
    return input
  }
}

/// What the digest of a commit is made of, as rows tell it.
struct CommitDigestInput {
  /// The digest that the commit was given.
  let digest: PodID
  var parents: [PodID] = []
  let time: Timestamp
  let message: String
  var changes: [VariableName: Version?]

  /// Whether the commit was given the digest of this.
  var isRight: Bool {
    CommitDigest.compute(parents: parents, time: time, message: message, changes: changes)
      == digest
  }

  /// The names whose versions are not known.
  var lostNames: [VariableName] { changes.filter { $0.value?.isLost ?? false }.map(\.key) }
}
