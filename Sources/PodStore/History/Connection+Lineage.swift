import PodModel

/// Reading how commits came about.
extension Connection {
  /// Returns what is known of how a commit came about, or nil if there is none with this number.
  func run(of number: CommitNumber, in session: SessionID) throws(StoreError) -> CellRun? {
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
    if let names = run.reads?.names, let parent,
      let point = try self.point(of: parent, in: session)
    {
      run.taken = try origins(of: names, at: point)
      run.takenUnsaved = try unsavedNames(of: parent, in: session).intersection(names)
    }
    return run
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
      let companions = try companions(of: version)
      for (name, version) in try manifest(at: point, of: companions).versions
      where companions.contains(name) && coVariables.contains(version.coVariable) {
        origins[name] = version.commit
      }
    }
    for (name, version) in read.versions { origins[name] = version.commit }
    return origins
  }

  /// Returns the names that versions of a co-variable were ever bound to.
  private func companions(of version: Version) throws(StoreError) -> Set<VariableName> {
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
