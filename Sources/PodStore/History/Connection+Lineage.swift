import PodModel

/// Reading how commits came about.
extension Connection {
  /// Returns what is known of how the values of `names` in a commit came about, or nil if there is
  /// no commit with this number.
  func run(
    of number: CommitNumber, giving names: Set<VariableName>, in session: SessionID
  ) throws(StoreError) -> CellRun? {
    guard let commit = try commit(number, of: session),
      let point = try point(of: number, in: session)
    else { return nil }
    let parent = commit.parents.first
    var run = CellRun(number: number, parent: parent)
    run.hasParent = try isMade(on: parent, commit, at: point, in: session)
    run.changed = try changedNames(at: point)
    run.unsaved = try unsavedNames(of: number, in: session)
    var select = try prepare(
      "SELECT source, error, reads FROM cell WHERE session = ? AND number = ?",
      session.row, number.value)
    guard try select.step() else { return run }
    run.source = select.text(0)
    run.error = select.isNull(1) ? nil : select.text(1)
    run.reads = select.isNull(2) ? nil : CellReads(parsing: select.text(2))
    guard let parent, let before = try self.point(of: parent, in: session) else { return run }
    let read = run.reads?.names ?? []
    var taken = read
    for name in names.intersection(run.changed)
    where try mayPass(name, by: run.reads, from: before, to: point) { taken.insert(name) }
    run.taken = try origins(of: taken, at: before)
    run.takenUnsaved = try unsavedNames(of: parent, in: session).intersection(read)
    return run
  }

  /// Tells whether a commit may have a value from its parent, although it has another version.
  ///
  /// A variable that no longer shares objects with another one gets a new version, whatever was done
  /// to the other.
  private func mayPass(
    _ name: VariableName, by reads: CellReads?, from before: LinePoint, to after: LinePoint
  ) throws(StoreError) -> Bool {
    guard let old = try manifest(at: before, of: [name]).versions[name] else { return false }
    guard reads?.bound.contains(name) == true else { return true }
    guard let new = try manifest(at: after, of: [name]).versions[name] else { return false }
    return try companions(of: old, at: before) != companions(of: new, at: after)
  }

  /// Returns the commits that introduced the versions of `names` at a point, and of what is stored
  /// together with these.
  func origins(
    of names: Set<VariableName>, at point: LinePoint
  ) throws(StoreError) -> [VariableName: CommitNumber] {
    let read = try manifest(at: point, of: names)
    var origins: [VariableName: CommitNumber] = [:]
    var coVariables: Set<CoVariableID> = []
    for version in read.versions.values where coVariables.insert(version.coVariable).inserted {
      for name in try companions(of: version, at: point) { origins[name] = version.commit }
    }
    return origins
  }

  /// Returns the names that are stored together with a version at a point, its own among them.
  private func companions(
    of version: Version, at point: LinePoint
  ) throws(StoreError) -> Set<VariableName> {
    let bound = try manifest(at: point, of: try everTogether(with: version)).versions
    return Set(bound.filter { $0.value.coVariable == version.coVariable }.keys)
  }

  /// Returns the names that versions of a co-variable were ever bound to.
  private func everTogether(with version: Version) throws(StoreError) -> Set<VariableName> {
    var names: Set<VariableName> = []
    // The versions of a co-variable are made in one go.
    for step in [-1, 1] as [Int64] {
      var row = step < 0 ? version.id.row : version.id.row + 1
      while let coVariable = try integer("SELECT covariable FROM version WHERE id = ?", row),
        coVariable == version.coVariable.row
      {
        var select = try prepare("SELECT DISTINCT name FROM binding WHERE version = ?", row)
        while try select.step() { names.insert(try select.variableName(0)) }
        row += step
      }
    }
    return names
  }

  private func changedNames(at point: LinePoint) throws(StoreError) -> Set<VariableName> {
    var select = try prepare(
      "SELECT name FROM binding INDEXED BY binding_of_commit WHERE line = ? AND number = ?",
      point.line, point.number.value)
    var names: Set<VariableName> = []
    while try select.step() { names.insert(try select.variableName(0)) }
    return names
  }

  /// What a commit could not keep; names that no variable of a store can have are left out.
  private func unsavedNames(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Set<VariableName> {
    Set(try unsaved(of: number, in: session).compactMap { try? VariableName($0.name) })
  }

  /// Tells whether a commit was made on the commit that is its parent now.
  ///
  /// Only where numbers are missing between the two, another can have been removed. The digest tells
  /// then: it was computed over the digest of the parent that there was, and what was changed since.
  private func isMade(
    on parent: CommitNumber?, _ commit: Commit, at point: LinePoint, in session: SessionID
  ) throws(StoreError) -> Bool {
    let before = parent?.value ?? 0
    let between = try integer(
      "SELECT count(*) FROM commit_ WHERE session = ? AND number > ? AND number < ?",
      session.row, before, commit.number.value)
    if between == commit.number.value - before - 1 { return true }
    let message = try firstMessage(of: commit.number, in: session)
    let parents = try parent.flatMap { parent throws(StoreError) in
      try self.commit(parent, of: session)?.digest
    }
    return commit.digest
      == CommitDigest.compute(
        parents: parents.map { [$0] } ?? [], time: commit.time, message: message,
        changes: try bindings(at: point))
  }

  /// Returns the message that a commit was made with.
  private func firstMessage(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> String {
    var select = try prepare(
      "SELECT message FROM commit_ WHERE session = ? AND number = ?", session.row, number.value)
    return try select.step() ? select.text(0) : ""
  }
}
