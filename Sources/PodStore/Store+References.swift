public import PodModel

extension Store {
  /// Returns the branches of a session.
  public func branches(
    of session: SessionID
  ) throws(StoreError) -> [ReferenceName: CommitNumber] {
    try engine.read { connection throws(StoreError) in
      try connection.references(.branch, of: session)
    }
  }

  /// Returns the tags of a session.
  public func tags(
    of session: SessionID
  ) throws(StoreError) -> [ReferenceName: CommitNumber] {
    try engine.read { connection throws(StoreError) in
      try connection.references(.tag, of: session)
    }
  }

  /// Makes a branch, or moves one that is not checked out.
  public func setBranch(
    _ name: ReferenceName, to number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let number = try connection.resolve(Revision(base: .number(number)), in: state)
      if state.head.branch == name && state.head.commit != number {
        throw .branchCheckedOut(name)
      }
      try connection.setReference(name, in: .branch, to: number, of: session)
    }
  }

  /// Makes a tag; throws `tagExists` if it names another commit already.
  public func setTag(
    _ name: ReferenceName, to number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let number = try connection.resolve(Revision(base: .number(number)), in: state)
      let old = try connection.reference(name.text, in: .tag, of: session)
      guard old == nil || old == number else { throw .tagExists(name) }
      try connection.setReference(name, in: .tag, to: number, of: session)
    }
  }

  /// Removes a branch; its commits stay.
  public func removeBranch(
    _ name: ReferenceName, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      if try connection.state(of: session).head.branch == name { throw .branchCheckedOut(name) }
      guard try connection.removeReference(name, in: .branch, of: session) else {
        throw .noSuchBranch(name)
      }
    }
  }

  /// Removes a tag; its commit stays.
  public func removeTag(
    _ name: ReferenceName, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      guard try connection.removeReference(name, in: .tag, of: session) else {
        throw .noSuchTag(name)
      }
    }
  }

  /// Makes the workspace what a commit binds, and returns the commit's number.
  ///
  /// A revision that is the name of a branch checks the branch out: the next commit moves it.
  /// Uncommitted changes are lost if `force` is true, and an error otherwise.
  @discardableResult
  public func checkout(
    _ revision: Revision, in session: SessionID, force: Bool = false
  ) throws(StoreError) -> CommitNumber {
    try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let number = try connection.resolve(revision, in: state)
      let changes = try connection.workspaceChanges(of: session).count
      if changes > 0 && !force { throw .uncommittedChanges(state.session.name, count: changes) }
      try connection.discardWorkspace(of: session)
      let branch = try connection.branch(named: revision, in: state)
      try connection.setHead(Head(commit: number, branch: branch), of: session)
      return number
    }
  }
}

extension Connection {
  /// Returns the branch that is checked out with a revision: the one that it is the name of, or
  /// the present one for `HEAD`.
  fileprivate func branch(
    named revision: Revision, in state: SessionState
  ) throws(StoreError) -> ReferenceName? {
    guard revision.ancestors == 0 else { return nil }
    switch revision.base {
    case .head: return state.head.branch
    case .number, .time: return nil
    case .name(let text):
      return try references(.branch, of: state.session.id).keys.first { $0.text == text }
    }
  }
}
