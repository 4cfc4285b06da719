import PodModel
import Synchronization

/// What is to be said of a commit, apart from what it binds.
struct CommitNote {
  var message: String
  var cell: Cell?
  var unsaved: [Unsaved] = []
  var environment: String?
  var time: Timestamp
}

/// A commit that was made, with what it binds otherwise than its parent.
struct MadeCommit {
  let commit: Commit
  let changes: [VariableName: Version?]
}

/// Making commits, within a transaction.
extension Connection {
  /// Returns what a commit that was made by an earlier transaction binds.
  func manifest(
    of number: CommitNumber, in session: SessionID, cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> Manifest? {
    let key = ManifestCache.Key(session: session, number: number)
    if let known = cache.withLock({ $0.manifest(for: key) }) { return known }
    guard let point = try point(of: number, in: session) else { return nil }
    let manifest = try manifest(at: point)
    cache.withLock { $0.insert(manifest, for: key) }
    return manifest
  }

  /// Returns what the checked-out commit binds; nothing before the first commit.
  func headManifest(
    of state: SessionState, cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> Manifest {
    guard let head = state.head.commit else { return Manifest() }
    guard let manifest = try manifest(of: head, in: state.session.id, cache: cache) else {
      throw damaged
    }
    return manifest
  }

  /// Makes a commit on top of the one that is checked out.
  ///
  /// The function is given the number of the commit and returns its changes.
  func makeCommit(
    _ note: CommitNote, state: inout SessionState,
    changes: (CommitNumber) throws(StoreError) -> [VariableName: Version?]
  ) throws(StoreError) -> MadeCommit {
    let session = state.session.id
    let last = try lastNumber(of: session)?.value ?? 0
    guard let number = CommitNumber(last + 1) else { throw damaged }
    let changes = try changes(number)
    let parent = try state.head.commit.flatMap { head throws(StoreError) in
      try commit(head, of: session)
    }
    let sum = try manifestSum(of: changes, after: parent?.number, in: session)
    let line = try line(for: number, on: parent?.number, in: session)
    try insertBindings(changes, at: LinePoint(line: line, number: number))
    let made = Commit(
      number: number,
      digest: CommitDigest.compute(
        parents: parent.map { [$0.digest] } ?? [], time: note.time, message: note.message,
        changes: changes),
      parents: parent.map { [$0.number] } ?? [], time: note.time, message: note.message)
    try insert(made, line: line, manifest: sum, in: session)
    if let cell = note.cell { try insertCell(cell, of: number, in: session) }
    try insertUnsaved(note.unsaved, of: number, in: session)
    if let environment = note.environment {
      try setEnvironment(environment, of: number, in: session)
    }
    try seal(number, of: session)
    try forgetUndone(in: session)
    state.head = Head(commit: number, branch: state.head.branch)
    try setHead(state.head, of: session)
    if let branch = state.head.branch {
      try setReference(branch, in: .branch, to: number, of: session)
    }
    return MadeCommit(commit: made, changes: changes)
  }

  /// Commits what the workspace holds, and leaves nothing uncommitted in it.
  func commitWorkspace(
    _ note: CommitNote, state: inout SessionState
  ) throws(StoreError) -> MadeCommit {
    let session = state.session.id
    let changes = try workspaceChanges(of: session)
    let made = try makeCommit(note, state: &state) { number throws(StoreError) in
      var committed: [VariableName: Version?] = [:]
      for (name, version) in changes {
        committed[name] = .some(
          try version.map { version throws(StoreError) in
            try commitVersion(version, in: number, time: note.time)
          })
      }
      return committed
    }
    try run("DELETE FROM workspace WHERE session = ?", session.row)
    return made
  }

  private func insert(
    _ commit: Commit, line: Int64, manifest: Int64, in session: SessionID
  ) throws(StoreError) {
    try run(
      """
      INSERT INTO commit_ (session, number, parent, line, digest, time, message, manifest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, session.row, commit.number.value, commit.parents.first?.value, line, commit.digest,
      commit.time.microseconds, commit.message, manifest)
    for (position, parent) in commit.parents.enumerated().dropFirst() {
      try run(
        "INSERT INTO merge_parent VALUES (?1, ?2, ?3, ?4, podfs_seal(?1, ?2, ?3, ?4))",
        session.row, commit.number.value, Int64(position), parent.value)
    }
  }

  /// Inserts what a point of a line binds otherwise than the one before it.
  func insertBindings(
    _ bindings: [VariableName: Version?], at point: LinePoint
  ) throws(StoreError) {
    var insert = try prepare(
      """
      INSERT INTO binding (line, name, number, version, seal)
      VALUES (?1, ?2, ?3, ?4, podfs_seal(?1, ?2, ?3, ?4))
      """)
    for (name, version) in bindings {
      try insert.run(point.line, name.text, point.number.value, version?.id.row)
    }
  }

  /// Returns the line of the commit `number`, which is made on `parent`.
  private func line(
    for number: CommitNumber, on parent: CommitNumber?, in session: SessionID
  ) throws(StoreError) -> Int64 {
    guard let parent else { return try insertLine(nil, depth: 0, tip: number, in: session) }
    guard let point = try point(of: parent, in: session) else {
      throw damaged
    }
    if try isLong(point.line, at: number) {
      return try insertCopiedLine(of: point, tip: number, in: session)
    }
    var select = try prepare(
      "SELECT tip, depth, \(Seals.line.isIntact) FROM line WHERE id = ?", point.line)
    guard try select.step() else { throw damaged }
    try select.requireIntact(2, "commit \(parent)")
    let (tip, depth) = (select.integer(0), select.integer(1))
    while try select.step() {}
    if tip == parent.value {
      try run("UPDATE line SET tip = ? WHERE id = ?", number.value, point.line)
      try sealLine(point.line)
      return point.line
    }
    if depth < Schema.depthLimit {
      return try insertLine(point, depth: depth + 1, tip: number, in: session)
    }
    return try insertCopiedLine(of: point, tip: number, in: session)
  }

  /// Tells, at every so many commits, whether a line has many more bindings than names.
  ///
  /// What a commit binds is then spread over as many pages of the database as there are names.
  private func isLong(_ line: Int64, at number: CommitNumber) throws(StoreError) -> Bool {
    guard number.value % Schema.lengthStep == 0 else { return false }
    let bindings =
      try integer("SELECT count(*) FROM binding WHERE line = ?", line) ?? 0
    guard bindings > Schema.lengthLimit else { return false }
    let names = try integer("SELECT count(DISTINCT name) FROM binding WHERE line = ?", line) ?? 0
    return bindings > 4 * names
  }

  /// Makes a line that begins with all that the commit at `point` binds.
  private func insertCopiedLine(
    of point: LinePoint, tip: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Int64 {
    let bound = try manifest(at: point).versions
    let line = try insertLine(nil, depth: 0, tip: tip, in: session)
    let start = LinePoint(line: line, number: point.number)
    try insertBindings(bound.mapValues { .some($0) }, at: start)
    return line
  }

  private func insertLine(
    _ parent: LinePoint?, depth: Int64, tip: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Int64 {
    try run(
      "INSERT INTO line (session, parent, parent_number, depth, tip) VALUES (?, ?, ?, ?, ?)",
      session.row, parent?.line, parent?.number.value, depth, tip.value)
    let line = lastInsertedRow
    try sealLine(line)
    return line
  }

  /// Seals the row of a line, which has just been made or changed.
  func sealLine(_ line: Int64) throws(StoreError) {
    try run(Seals.line.sealing(where: "id = ?"), line)
  }
}
