import PodModel

/// Takes commits out of the history of a session, within a transaction.
///
/// What the commits that stay bind does not change. A commit that loses its parent follows the
/// nearest forerunner that stays, and its bindings become the difference to that one: what the
/// commits between had changed moves to it.
///
/// Every point is read as it was until all differences are known: bindings are added at once, which
/// changes no manifest, and removed in the end.
struct CommitRemoval {
  private typealias Bindings = [VariableName: VersionID?]

  private let session: SessionID
  private var history: ThinnedHistory
  private let gone: Set<CommitNumber>
  /// What commits that go bind otherwise than the forerunners of them that stay, by place.
  private var pending: [Int: Bindings] = [:]
  /// What the commit binds that got its new bindings last.
  private var settled: (place: Int, manifest: Bindings)?
  /// Bindings of commits that stay, of what their new parents bind likewise.
  private var redundant: [(point: LinePoint, name: VariableName)] = []

  /// Removes the commits in `gone`: none may be checked out, be named, or be the last one.
  static func run(
    _ gone: Set<CommitNumber>, of session: SessionID, _ connection: borrowing Connection
  ) throws(StoreError) {
    // Bindings stand in the order of names, so those of one commit are on many pages.
    try connection.execute("PRAGMA cache_size = -65536")
    var removal = CommitRemoval(
      session: session,
      history: try ThinnedHistory(of: session, without: gone, connection), gone: gone)
    try removal.moveBindings(connection)
    try removal.moveLines(connection)
    try removal.moveParents(connection)
    try removal.removeRows(connection)
    try removal.moveVersions(connection)
    try connection.execute("PRAGMA cache_size = -2000")
  }

  private init(session: SessionID, history: ThinnedHistory, gone: Set<CommitNumber>) {
    self.session = session
    self.history = history
    self.gone = gone
  }

  // MARK: Bindings

  private mutating func moveBindings(_ connection: borrowing Connection) throws(StoreError) {
    var left = history.entries.map(\.followers)
    for (place, entry) in history.entries.enumerated() {
      var changes: Bindings = [:]
      if let parent = entry.parent, history.losesParent(entry) {
        left[parent] -= 1
        changes = (left[parent] == 0 ? pending.removeValue(forKey: parent) : pending[parent]) ?? [:]
      }
      if entry.goes {
        if left[place] == 0 { continue }
        changes.merge(try Self.bindings(at: entry.point, connection)) { $1 }
        pending[place] = changes
      } else if !changes.isEmpty {
        try settle(changes, at: place, connection)
      }
    }
  }

  /// Makes the bindings of a commit that stays the difference to its new parent; `changes` are the
  /// difference of its old parent to that.
  private mutating func settle(
    _ changes: Bindings, at place: Int, _ connection: borrowing Connection
  ) throws(StoreError) {
    let entry = history.entries[place]
    let own = try Self.bindings(at: entry.point, connection)
    let ancestor = history.ancestor(of: entry)
    let all = changes.merging(own) { $1 }
    // Most often the last one is the ancestor.
    var known = settled.take()
    if known?.place != entry.ancestor { known = nil }
    for (name, version) in all {
      let before: VersionID? =
        if let known {
          known.manifest[name] ?? nil
        } else {
          try ancestor.flatMap { point throws(StoreError) in
            try self.version(of: name, at: point, connection)
          }
        }
      if before == version {
        if own[name] != nil { redundant.append((entry.point, name)) }
      } else if own[name] == nil {
        try connection.run(
          """
          INSERT INTO binding (line, name, number, version, seal)
          VALUES (?1, ?2, ?3, ?4, podfs_seal(?1, ?2, ?3, ?4))
          """,
          entry.point.line, name.text, entry.point.number.value, version?.row)
      }
    }
    if ancestor == nil { known = (place, [:]) }
    if known != nil {
      known?.manifest.merge(all) { $1 }
      known?.place = place
      settled = known
    }
  }

  private static func bindings(
    at point: LinePoint, _ connection: borrowing Connection
  ) throws(StoreError) -> Bindings {
    var select = try connection.prepare(
      """
      SELECT name, version FROM binding INDEXED BY binding_of_commit
      WHERE line = ? AND number = ?
      """, point.line, point.number.value)
    var bindings: Bindings = [:]
    while try select.step() { bindings[try select.variableName(0)] = .some(select.versionID(1)) }
    return bindings
  }

  private func version(
    of name: VariableName, at point: LinePoint, _ connection: borrowing Connection
  ) throws(StoreError) -> VersionID? {
    var next: LinePoint? = point
    while let point = next {
      var select = try connection.prepare(
        """
        SELECT version FROM binding WHERE line = ? AND name = ? AND number <= ?
        ORDER BY number DESC LIMIT 1
        """, point.line, name.text, point.number.value)
      if try select.step() { return select.versionID(0) }
      next = history.lines[point.line]?.parent
    }
    return nil
  }

  // MARK: Lines

  private func moveLines(_ connection: borrowing Connection) throws(StoreError) {
    for (row, line) in history.lines {
      guard let first = line.entries.first(where: { !history.entries[$0].goes }),
        let last = line.entries.last(where: { !history.entries[$0].goes })
      else { continue }
      if history.losesParent(history.entries[first]) {
        try move(row, line, under: history.ancestor(of: history.entries[first]), connection)
      }
      try connection.run(
        "UPDATE line SET tip = ? WHERE id = ?", history.entries[last].point.number.value, row)
      try connection.sealLine(row)
    }
  }

  /// Makes a line branch off where the new parent of its first commit is.
  ///
  /// Where that would be no less deep than the line is, those below would become too deep: the line
  /// begins with a copy of all bindings then.
  private func move(
    _ row: Int64, _ line: ThinnedHistory.Line, under point: LinePoint?,
    _ connection: borrowing Connection
  ) throws(StoreError) {
    let isBelow = point.flatMap { history.lines[$0.line] }.map { $0.depth < line.depth } ?? false
    let parent = isBelow ? point : nil
    try connection.run(
      "UPDATE line SET parent = ?, parent_number = ?, depth = ? WHERE id = ?",
      parent?.line, parent?.number.value, isBelow ? line.depth : 0, row)
    let copied = history.copied(by: line)
    guard !isBelow, copied == nil || copied != point?.number else { return }
    if let copied {
      try connection.run(
        "DELETE FROM binding WHERE line = ? AND number = ?", row, copied.value)
    }
    if let point {
      let manifest = try connection.manifest(at: point)
      try connection.insertBindings(
        manifest.versions.mapValues { .some($0) }, at: LinePoint(line: row, number: point.number))
    }
  }

  private func moveParents(_ connection: borrowing Connection) throws(StoreError) {
    for entry in history.entries where !entry.goes && history.losesParent(entry) {
      try connection.run(
        "UPDATE commit_ SET parent = ?, is_thinned = 1 WHERE session = ? AND number = ?",
        history.ancestor(of: entry)?.number.value, session.row, entry.point.number.value)
      try connection.seal(entry.point.number, of: session)
    }
    var select = try connection.prepare(
      "SELECT number, position, parent FROM merge_parent WHERE session = ?", session.row)
    var moved: [(number: Int64, position: Int64, parent: CommitNumber?)] = []
    while try select.step() {
      let parent = try select.commitNumber(2)
      guard gone.contains(parent) else { continue }
      moved.append((select.integer(0), select.integer(1), history.survivor(of: parent)))
    }
    for (number, position, parent) in moved {
      try connection.run(
        "UPDATE merge_parent SET parent = ? WHERE session = ? AND number = ? AND position = ?",
        parent?.value ?? 0, session.row, number, position)
      try connection.run(
        "UPDATE commit_ SET is_thinned = 1 WHERE session = ? AND number = ?", session.row, number)
      if let number = CommitNumber(number) { try connection.seal(number, of: session) }
    }
    try connection.run(Seals.mergeParent.sealing(where: "session = ?"), session.row)
    // A merge of what is one commit now is none.
    try connection.run(
      """
      DELETE FROM merge_parent WHERE session = ?1 AND (parent = 0 OR parent IN (
        SELECT parent FROM commit_ WHERE session = ?1 AND number = merge_parent.number
        UNION ALL SELECT other.parent FROM merge_parent AS other
        WHERE other.session = ?1 AND other.number = merge_parent.number
          AND other.position < merge_parent.position))
      """, session.row)
  }

  // MARK: Rows

  private func removeRows(_ connection: borrowing Connection) throws(StoreError) {
    for (point, name) in redundant {
      try connection.run(
        "DELETE FROM binding WHERE line = ? AND name = ? AND number = ?",
        point.line, name.text, point.number.value)
    }
    for (row, line) in history.lines {
      if line.entries.allSatisfy({ history.entries[$0].goes }) {
        try connection.run("DELETE FROM binding WHERE line = ?", row)
        try connection.run("DELETE FROM line WHERE id = ?", row)
        continue
      }
      for stretch in history.goneStretches(of: line.entries) {
        try connection.run(
          "DELETE FROM binding WHERE line = ? AND number BETWEEN ? AND ?",
          row, stretch.lowerBound.value, stretch.upperBound.value)
      }
    }
    for stretch in history.goneStretches(of: history.entries.indices) {
      for table in ["merge_parent", "cell", "unsaved", "undone", "commit_"] {
        try connection.run(
          "DELETE FROM \(table) WHERE session = ? AND number BETWEEN ? AND ?",
          session.row, stretch.lowerBound.value, stretch.upperBound.value)
      }
    }
    try connection.removeUnusedEnvironments()
  }

  /// Makes the first commit that has a version the one that introduced it, where that is gone.
  private func moveVersions(_ connection: borrowing Connection) throws(StoreError) {
    var select = try connection.prepare(
      """
      SELECT binding.version, min(binding.number)
      FROM line JOIN binding ON binding.line = line.id
      WHERE line.session = ?1 AND binding.version IN (
        SELECT id FROM version WHERE session = ?1 AND commit_ IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM commit_ WHERE session = ?1 AND number = version.commit_))
      GROUP BY binding.version
      """, session.row)
    var moved: [(version: VersionID, commit: Int64)] = []
    while try select.step() { moved.append((VersionID(row: select.integer(0)), select.integer(1))) }
    for (version, commit) in moved {
      try connection.run("UPDATE version SET commit_ = ? WHERE id = ?", commit, version.row)
      try connection.seal(version)
    }
  }
}

extension Statement {
  /// The key of a version in a column, or nil for NULL.
  fileprivate func versionID(_ column: Int32) -> VersionID? {
    isNull(column) ? nil : VersionID(row: integer(column))
  }
}
