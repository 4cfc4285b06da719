import PodModel

/// Mending rows that are not what was written, within a transaction.
///
/// A row is changed only into what its seal, or the digest of its commit, proves that it was. What
/// cannot be proved is not guessed: a value is marked as lost then, in every commit that may have had
/// it, and raises when it is read.
///
/// ## Invariants
///
/// 1. After a repair a name means the version that its commit bound, or one that is lost.
struct RowRepair {
  /// The key of a version that is known to be lost; no row has it.
  static let lost: Int64 = -1
  /// The permissions of a file whose own are not known.
  private static let closed: Int64 = 0o600
  /// The permissions of a workspace whose own are not known.
  private static let privateDirectory: Int64 = 0o700

  /// What was settled without a proof of what it was.
  private var unproven: Set<Finding> = []

  /// Mends what can be mended, and marks the rest; returns what could not be proved.
  static func run(on connection: borrowing Connection) throws(StoreError) -> Set<Finding> {
    var repair = RowRepair()
    for table in Seals.tables { try repair.mend(table, on: connection) }
    try mendVersions(on: connection)
    try markUnknownVersions(Seals.workspace, where: "true", on: connection)
    for session in try connection.sessionsWithCommits() {
      try restoreVersions(of: session.id, on: connection)
      try repair.markLost(in: session, on: connection)
      try markUnknownVersions(in: session.id, on: connection)
    }
    return repair.unproven
  }

  // MARK: Rows with seals

  private mutating func mend(
    _ table: Seals.Table, on connection: borrowing Connection
  ) throws(StoreError) {
    var broken: [[SQLValue]] = []
    do {
      var select = try connection.prepare(
        "SELECT seal, \(table.columns.joined(separator: ", ")) FROM \(table.name) "
          + "WHERE NOT (\(table.isIntact))")
      while try select.step() {
        broken.append((0...table.columns.count).map { select.value(Int32($0)) })
      }
    }
    for row in broken {
      let (seal, values) = (row[0], Array(row.dropFirst()))
      let condition = table.columns.map { "\($0) IS ?" }.joined(separator: " AND ")
      if let (index, value) = try RowSearch.search(values, seal: seal, on: connection) {
        try connection.attempt(
          "UPDATE \(table.name) SET \(table.columns[index]) = ? WHERE \(condition)",
          values: [value] + values)
      } else if try RowSearch.isInSeal(seal, of: values, on: connection) {
        try connection.run(
          "UPDATE \(table.name) SET seal = \(table.expression) WHERE \(condition)", values: values)
      } else {
        for key in try connection.brokenKeys(of: table, where: condition, values) {
          unproven.insert(.rowDamaged(table: table.name, row: key))
        }
        try Self.giveUp(table, values, condition, on: connection)
      }
    }
  }

  /// Sees to it that a row that cannot be mended does not stand in the way, and says nothing wrong.
  private static func giveUp(
    _ table: Seals.Table, _ values: [SQLValue], _ condition: String,
    on connection: borrowing Connection
  ) throws(StoreError) {
    switch table.name {
    case Seals.binding.name, Seals.workspace.name:
      try connection.attempt(
        "UPDATE \(table.name) SET version = \(lost) WHERE \(condition)", values: values)
      try connection.run(table.sealing(where: "version = \(lost)"))
    case Seals.session.name:
      // What is checked out is not known; the last commit is what a person would look at first.
      try connection.run(
        """
        UPDATE session SET branch = NULL, mode = \(privateDirectory), name = ifnull(?, 'recovered-' || id),
          head = (SELECT max(number) FROM commit_ WHERE session = session.id)
        WHERE \(condition)
        """, values: [possibleName(values[1])] + values)
      if case .integer(let id) = values[0] { try connection.seal(SessionID(row: id)) }
    case Seals.branch.name, Seals.tag.name, Seals.undone.name, Seals.text.name, Seals.file.name,
      Seals.fileAttribute.name, Seals.setting.name:
      try connection.run("DELETE FROM \(table.name) WHERE \(condition)", values: values)
    case Seals.line.name:
      // What its commits had from before is not known; they are marked below.
      try connection.run(
        "UPDATE line SET parent = NULL, parent_number = NULL, depth = 0 WHERE \(condition)",
        values: values)
      if case .integer(let id) = values[0] { try connection.sealLine(id) }
    case Seals.commit.name:
      // The values are told by the manifest; what is said of the commit is shown as doubtful.
      try connection.run(
        """
        UPDATE commit_ SET is_thinned = 1, edited = 'damaged: ' || coalesce(edited, message),
          digest = iif(length(digest) = 32, digest, zeroblob(32))
        WHERE \(condition)
        """, values: values)
      try connection.run(
        table.sealing(where: "session IS ? AND number IS ?"), values: Array(values[0...1]))
    default:
      // What a cell says stays as it is, and raises when it is read.
      break
    }
  }

  /// The name of a session in a damaged row, if a session can have it.
  private static func possibleName(_ value: SQLValue) -> SQLValue {
    guard case .text(let bytes) = value else { return .null }
    do { _ = try SessionName(String(decoding: bytes, as: UTF8.self)) } catch { return .null }
    return value
  }

  // MARK: Versions

  private static func mendVersions(on connection: borrowing Connection) throws(StoreError) {
    var broken: [Int64] = []
    do {
      var select = try connection.prepare(
        "SELECT version.id FROM version \(Connection.versionJoins) "
          + "WHERE version.seal IS NOT \(Seals.version)")
      while try select.step() { broken.append(select.integer(0)) }
    }
    for version in broken { try VersionMending(version).run(on: connection) }
  }

  /// Brings back the versions of commits whose digests tell what they were.
  private static func restoreVersions(
    of session: SessionID, on connection: borrowing Connection
  ) throws(StoreError) {
    let audit = try ManifestAudit(of: session, on: connection)
    for commit in audit.commits {
      guard let input = try connection.digestInput(of: commit.point, in: session) else { continue }
      let lost = input.lostNames
      guard lost.count == 1, let name = lost.first else { continue }
      try restore(name, at: commit.point, of: session, input, on: connection)
    }
  }

  private static func restore(
    _ name: VariableName, at point: LinePoint, of session: SessionID, _ input: CommitDigestInput,
    on connection: borrowing Connection
  ) throws(StoreError) {
    let version = try connection.integer(
      """
      SELECT version FROM binding WHERE line = ? AND number = ? AND name = ? AND version > 0
        AND \(Seals.binding.isIntact) AND version NOT IN (SELECT id FROM version)
      """, point.line, point.number.value, name.text)
    guard let version else { return }
    var select = try connection.prepare(
      """
      SELECT content.id, content.pod, content.form, root.root, root.type, root.shape, root.dtype,
        root.size
      FROM content JOIN root ON root.content = content.id
      """)
    var candidate = input
    while try select.step() {
      guard let form = ContentForm(rawValue: select.integer(2)) else { continue }
      candidate.changes[name] = .some(
        Version(
          id: VersionID(row: version), coVariable: CoVariableID(row: 0),
          content: ContentID(pod: try select.podID(1), form: form), root: Int(select.integer(3)),
          summary: try select.summary(at: 4), time: input.time, commit: point.number))
      guard candidate.isRight else { continue }
      let (content, root) = (select.integer(0), select.integer(3))
      try connection.run("INSERT INTO covariable (content) VALUES (?)", content)
      try connection.run(
        """
        INSERT INTO version (id, covariable, root, session, commit_, time, name, mode)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """, version, connection.lastInsertedRow, root, session.row, point.number.value,
        input.time.microseconds, name.text, closed)
      return try connection.seal(VersionID(row: version))
    }
  }

  // MARK: What is lost

  /// Marks as lost what commits may have bound whose rows are not what was written.
  private mutating func markLost(
    in named: (id: SessionID, name: SessionName), on connection: borrowing Connection
  ) throws(StoreError) {
    let session = named.id
    let audit = try ManifestAudit(of: session, on: connection)
    var settled: Set<CommitNumber> = []
    for commit in audit.commits where !commit.isRight {
      let number = commit.point.number
      // What the commit itself changed may be known; what it had from its parent is not, unless
      // that was marked just now.
      let parent = try connection.firstParent(of: number, in: session)
      var isKnown = parent.map { settled.contains($0) } ?? false
      if isKnown { isKnown = try connection.hasDigest(commit.point, in: session) }
      if !isKnown {
        try Self.markAll(at: commit.point, on: connection)
        unproven.insert(.otherManifest(of: number, in: named.name))
      }
      settled.insert(number)
    }
    // What is bound now is what is known.
    for commit in try ManifestAudit(of: session, on: connection).commits where !commit.isRight {
      try Self.setManifest(commit, of: session, on: connection)
    }
  }

  /// Marks the bindings as lost whose versions are not known, so that everything else may be
  /// collected and pruned again.
  private static func markUnknownVersions(
    in session: SessionID, on connection: borrowing Connection
  ) throws(StoreError) {
    let before = try ManifestAudit(of: session, on: connection)
    try markUnknownVersions(
      Seals.binding, where: "line IN (SELECT id FROM line WHERE session = \(session.row))",
      on: connection)
    let after = try ManifestAudit(of: session, on: connection)
    for (old, new) in zip(before.commits, after.commits) where old.isRight && !new.isRight {
      try setManifest(new, of: session, on: connection)
    }
  }

  private static func markUnknownVersions(
    _ table: Seals.Table, where condition: String, on connection: borrowing Connection
  ) throws(StoreError) {
    try connection.run(
      """
      UPDATE \(table.name) SET version = \(lost), seal = NULL
      WHERE \(condition) AND \(table.isIntact) AND version <> \(lost) AND version NOT IN (
        SELECT version.id FROM version \(Connection.versionJoins)
        WHERE version.seal IS \(Seals.version))
      """)
    try connection.run(table.sealing(where: "\(condition) AND seal IS NULL"))
  }

  private static func setManifest(
    _ commit: ManifestAudit.Entry, of session: SessionID, on connection: borrowing Connection
  ) throws(StoreError) {
    try connection.run(
      "UPDATE commit_ SET manifest = ?, is_thinned = 1 WHERE session = ? AND number = ?",
      commit.found, session.row, commit.point.number.value)
    try connection.seal(commit.point.number, of: session)
  }

  /// Marks all names as lost that a commit does not bind itself.
  private static func markAll(
    at point: LinePoint, on connection: borrowing Connection
  ) throws(StoreError) {
    for name in try connection.boundNames(at: point) {
      try connection.run(
        """
        INSERT OR IGNORE INTO binding (line, name, number, version, seal)
        VALUES (?1, ?2, ?3, ?4, podfs_seal(?1, ?2, ?3, ?4))
        """, point.line, name, point.number.value, lost)
    }
  }
}
