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
  /// A commit whose digest is not that of its rows was thinned by a prune, or is damaged. A prune
  /// changes only commits whose parents it removes, so a number is missing behind the new parent.
  /// Where none is, nobody knows what the commit binds, nor what the commits on it do: they get no
  /// sum of a manifest, so that they raise until a repair has marked what is lost.
  func sealAll() throws(StoreError) {
    var select = try prepare("SELECT DISTINCT session FROM commit_")
    var sessions: [SessionID] = []
    while try select.step() { sessions.append(SessionID(row: select.integer(0))) }
    try run(Self.sealingOfVersions)
    for table in Seals.tables { try run(table.sealing()) }
    for session in sessions {
      var unknown: Set<Int64> = []
      for commit in try ManifestAudit(of: session, on: self).commits {
        let number = commit.point.number
        let hasDigest = try hasDigest(commit.point, in: session)
        let parent = try firstParentUnchecked(of: number, in: session)
        var isThinned = false
        if !hasDigest { isThinned = try isGap(between: parent, and: number, in: session) }
        if unknown.contains(parent) || !(hasDigest || isThinned) { unknown.insert(number.value) }
        try run(
          "UPDATE commit_ SET manifest = ?, is_thinned = ? WHERE session = ? AND number = ?",
          unknown.contains(number.value) ? nil : commit.found, isThinned ? 1 : nil, session.row,
          number.value)
        try seal(number, of: session)
      }
    }
  }

  /// Returns whether a commit is missing between a commit and its parent, 0 for none.
  private func isGap(
    between parent: Int64, and number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Bool {
    let between = try integer(
      "SELECT count(*) FROM commit_ WHERE session = ? AND number > ? AND number < ?", session.row,
      parent, number.value)
    return between ?? 0 < number.value - parent - 1
  }

  private func firstParentUnchecked(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Int64 {
    try integer(
      "SELECT parent FROM commit_ WHERE session = ? AND number = ?", session.row, number.value) ?? 0
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
      "SELECT digest, time, message, is_thinned FROM commit_ WHERE session = ? AND number = ?",
      session.row, point.number.value)
    guard try select.step(), let digest = PodID(bytes: select.bytes(0)) else { return nil }
    var input = CommitDigestInput(
      digest: digest, time: Timestamp(microseconds: select.integer(1)), message: select.text(2),
      isThinned: select.integer(3) == 1, changes: try bindings(at: point))
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
  /// Whether a prune has changed what the digest was made of.
  let isThinned: Bool
  var changes: [VariableName: Version?]

  /// Whether the commit was given the digest of this.
  var isRight: Bool {
    CommitDigest.compute(parents: parents, time: time, message: message, changes: changes)
      == digest
  }

  /// The names whose versions are not known.
  var lostNames: [VariableName] { changes.filter { $0.value?.isLost ?? false }.map(\.key) }
}
