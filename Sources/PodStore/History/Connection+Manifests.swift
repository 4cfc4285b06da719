import PodModel

/// A place on a line: the commit `number` of it.
struct LinePoint {
  let line: Int64
  let number: CommitNumber
}

/// Reading manifests; ``Schema`` tells how they are stored.
extension Connection {
  /// What ``Statement/version(at:)`` reads, and where it comes from once `version` is joined.
  static let versionColumns = """
    version.id, version.covariable, content.pod, content.form, version.root,
    root.type, root.shape, root.dtype, root.size, version.time, version.commit_,
    version.seal IS \(Seals.version)
    """
  /// What ``Statement/binding()`` reads behind ``versionColumns``.
  private static let bindingColumns = """
    binding.name, binding.version, \(Seals.binding.isIntact), \(Seals.part)
    """
  static let versionJoins = """
    LEFT JOIN covariable ON covariable.id = version.covariable
    LEFT JOIN content ON content.id = covariable.content
    LEFT JOIN root ON root.content = content.id AND root.root = version.root
    """

  /// The names that the line ?1 ever binds, and NULL.
  ///
  /// They are found by skipping from one to the next, so old bindings cost nothing.
  static let namesOfLine = """
    WITH RECURSIVE name (text) AS (
      SELECT (SELECT name FROM binding WHERE line = ?1 ORDER BY name LIMIT 1)
      UNION ALL
      SELECT (SELECT name FROM binding WHERE line = ?1 AND name > text ORDER BY name LIMIT 1)
      FROM name WHERE text IS NOT NULL
    )
    """

  /// For each name that a line ever binds: its last binding up to a number.
  static let lastBindings = """
    \(namesOfLine)
    SELECT \(versionColumns), \(bindingColumns) FROM name
    JOIN binding ON binding.line = ?1 AND binding.name = text AND binding.number = (
      SELECT number FROM binding WHERE line = ?1 AND name = text AND number <= ?2
      ORDER BY number DESC LIMIT 1)
    LEFT JOIN version ON version.id = binding.version
    \(versionJoins)
    """

  /// Returns what a commit binds.
  ///
  /// - Throws: ``StoreError/rowDamaged(_:)`` if a row is missing or one too many, so that some name
  ///   would mean another value than it did. A value that is not known is a version that is lost.
  func manifest(at point: LinePoint) throws(StoreError) -> Manifest {
    var bound: [VariableName: Version?] = [:]
    var sum: Int64 = 0
    var next: LinePoint? = point
    while let point = next {
      var select = try prepare(Self.lastBindings, point.line, point.number.value)
      while try select.step() {
        let (name, version, part) = try select.binding()
        guard bound[name] == nil else { continue }
        bound[name] = .some(version)
        if version != nil { sum &+= part }
      }
      next = try parent(ofLine: point.line)
    }
    if try manifestSum(at: point) != sum { throw .rowDamaged("commit \(point.number)") }
    return Manifest(bound.compactMapValues { $0 })
  }

  /// Returns what the parts of a commit's manifest add up to, or nil if that is not known.
  private func manifestSum(at point: LinePoint) throws(StoreError) -> Int64? {
    try integer(
      """
      SELECT manifest FROM commit_
      WHERE session = (SELECT session FROM line WHERE id = ?1) AND number = ?2 AND line = ?1
      """, point.line, point.number.value)
  }

  private static let lastPart = """
    SELECT iif(version IS NULL, 0, \(Seals.part)) FROM binding
    WHERE line = ? AND name = ? AND number <= ? ORDER BY number DESC LIMIT 1
    """

  /// Returns what the parts of the manifest add up to that has `changes` since a commit.
  func manifestSum(
    of changes: [VariableName: Version?], after parent: CommitNumber?, in session: SessionID
  ) throws(StoreError) -> Int64 {
    let start = try parent.flatMap { parent throws(StoreError) in
      try point(of: parent, in: session)
    }
    var sum: Int64 = 0
    if let start {
      guard let known = try manifestSum(at: start) else {
        throw .rowDamaged("commit \(start.number)")
      }
      sum = known
    }
    for (name, version) in changes {
      var next = start
      while let point = next {
        let old = try integer(Self.lastPart, point.line, name.text, point.number.value)
        sum &-= old ?? 0
        next = try old == nil ? self.parent(ofLine: point.line) : nil
      }
      guard let version else { continue }
      sum &+= try integer("SELECT podfs_seal(?, ?)", name.text, version.id.row) ?? 0
    }
    return sum
  }

  /// The index must be named: without statistics SQLite takes the primary key, and scans a line.
  static let bindingsOfCommit = """
    SELECT \(versionColumns), \(bindingColumns)
    FROM binding INDEXED BY binding_of_commit LEFT JOIN version ON version.id = binding.version
    \(versionJoins)
    WHERE binding.line = ? AND binding.number = ?
    """

  private static let lastBinding = """
    SELECT \(versionColumns), \(bindingColumns)
    FROM binding LEFT JOIN version ON version.id = binding.version
    \(versionJoins)
    WHERE binding.line = ? AND binding.name = ? AND binding.number <= ?
    ORDER BY binding.number DESC LIMIT 1
    """

  /// A line with more bindings is not read as a whole in order to find a few names.
  private static let fewBindings: Int64 = 256

  /// Returns what a commit binds, of some names only.
  ///
  /// Where that costs little, all of the manifest is read, which shows missing rows; elsewhere only
  /// rows that are there are checked.
  func manifest(
    at point: LinePoint, of names: some Sequence<VariableName>
  ) throws(StoreError) -> Manifest {
    let bindings = try integer(
      "SELECT count(*) FROM (SELECT 1 FROM binding WHERE line = ? LIMIT ?)", point.line,
      Self.fewBindings)
    if bindings ?? 0 < Self.fewBindings, try parent(ofLine: point.line) == nil {
      let all = try manifest(at: point).versions
      var versions: [VariableName: Version] = [:]
      for name in names { versions[name] = all[name] }
      return Manifest(versions)
    }
    var versions: [VariableName: Version] = [:]
    for name in names {
      var next: LinePoint? = point
      while let point = next {
        var select = try prepare(
          Self.lastBinding, point.line, name.text, point.number.value)
        if try select.step() {
          versions[name] = try select.binding().1
          break
        }
        next = try parent(ofLine: point.line)
      }
    }
    return Manifest(versions)
  }

  /// Returns what one commit binds otherwise than its first parent.
  func bindings(at point: LinePoint) throws(StoreError) -> [VariableName: Version?] {
    try changes(try prepare(Self.bindingsOfCommit, point.line, point.number.value))
  }

  private static let bindingsOfWorkspace = """
    SELECT \(versionColumns), workspace.name, workspace.version, \(Seals.workspace.isIntact), 0
    FROM workspace LEFT JOIN version ON version.id = workspace.version
    \(versionJoins)
    WHERE workspace.session = ?
    """

  /// Returns the uncommitted changes of a session's workspace.
  func workspaceChanges(of session: SessionID) throws(StoreError) -> [VariableName: Version?] {
    try changes(try prepare(Self.bindingsOfWorkspace, session.row))
  }

  private static let bindingOfWorkspace = bindingsOfWorkspace + " AND workspace.name = ?"

  /// Returns the uncommitted change of one variable; nil if there is none.
  func workspaceChange(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version?? {
    try changes(try prepare(Self.bindingOfWorkspace, session.row, name.text))[name]
  }

  private func changes(
    _ select: consuming Statement
  ) throws(StoreError) -> [VariableName: Version?] {
    var changes: [VariableName: Version?] = [:]
    while try select.step() {
      let (name, version, _) = try select.binding()
      changes[name] = .some(version)
    }
    return changes
  }

  private static let versionOfKey = """
    SELECT \(versionColumns) FROM version \(versionJoins) WHERE version.id = ?
    """

  /// Returns the version whose row has this key, or nil if there is none.
  func version(_ id: VersionID) throws(StoreError) -> Version? {
    var select = try prepare(Self.versionOfKey, id.row)
    return try select.step() ? try select.version() : nil
  }

  /// Returns where a line branched off, or nil if it has no parent.
  func parent(ofLine line: Int64) throws(StoreError) -> LinePoint? {
    var select = try prepare(
      "SELECT parent, parent_number, \(Seals.line.isIntact) FROM line WHERE id = ?", line)
    guard try select.step() else { throw .rowDamaged("line \(line)") }
    try select.requireIntact(2, "line \(line)")
    if select.isNull(0) { return nil }
    // A parent is always older, so no damage can make a circle.
    guard select.integer(0) < line else { throw damaged }
    return LinePoint(line: select.integer(0), number: try select.commitNumber(1))
  }
}

extension Manifest {
  /// Returns the manifest with `changes` made; nil removes a variable.
  func changed(by changes: [VariableName: Version?]) -> Manifest {
    var manifest = self
    manifest.change(by: changes)
    return manifest
  }

  /// Makes `changes`; nil removes a variable.
  mutating func change(by changes: [VariableName: Version?]) {
    for (name, version) in changes { versions[name] = version }
  }

  /// Returns the changes that lead from `other` to this manifest.
  func changes(since other: Manifest) -> [VariableName: Version?] {
    var changes: [VariableName: Version?] = [:]
    for (name, version) in versions where other.versions[name]?.id != version.id {
      changes[name] = .some(version)
    }
    for name in other.versions.keys where versions[name] == nil { changes[name] = .some(nil) }
    return changes
  }
}

extension Statement {
  /// Reads a name, its version and its part of a manifest, which follow the columns of the version.
  ///
  /// A version that rows do not tell of any more, or not what they told, is lost.
  fileprivate func binding() throws(StoreError) -> (VariableName, Version?, part: Int64) {
    let name = try variableName(12)
    let part = integer(15)
    guard integer(14) == 1 else { return (name, .lost(VersionID(row: 0)), part) }
    if isNull(13) { return (name, nil, part) }
    guard integer(11) == 1 else { return (name, .lost(VersionID(row: integer(13))), part) }
    return (name, try version(), part)
  }

  /// Reads a version from the columns ``Connection/versionColumns``.
  fileprivate func version() throws(StoreError) -> Version {
    try requireIntact(11, "version \(integer(0))")
    guard !isNull(5), let form = ContentForm(rawValue: integer(3)) else { throw damaged }
    return Version(
      id: VersionID(row: integer(0)), coVariable: CoVariableID(row: integer(1)),
      content: ContentID(pod: try podID(2), form: form), root: Int(integer(4)),
      summary: try summary(at: 5), time: Timestamp(microseconds: integer(9)),
      commit: isNull(10) ? nil : try commitNumber(10))
  }
}

extension Statement {
  /// Reads what a row of `root` tells, from the type, which is in `column`, to the size.
  func summary(at column: Int32) throws(StoreError) -> ValueSummary {
    ValueSummary(
      type: text(column),
      shape: isNull(column + 1) ? nil : try Shape.decode(text(column + 1), else: damaged),
      dtype: isNull(column + 2) ? nil : text(column + 2), size: try byteCount(column + 3))
  }
}

/// How a shape is written in a row: the lengths in decimal, with commas.
enum Shape {
  static func encode(_ shape: [Int64]) -> String {
    shape.map { String($0) }.joined(separator: ",")
  }

  static func decode(_ text: String, else error: StoreError) throws(StoreError) -> [Int64] {
    var shape: [Int64] = []
    for part in text.split(separator: ",") {
      guard let length = Int64(part) else { throw error }
      shape.append(length)
    }
    return shape
  }
}
