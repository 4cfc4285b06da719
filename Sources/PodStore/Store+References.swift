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

  /// Makes a branch, or moves one that is not checked out if `replacing`.
  public func setBranch(
    _ name: ReferenceName, to number: CommitNumber, replacing: Bool = true, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let number = try connection.resolve(Revision(base: .number(number)), in: state)
      let old = try connection.reference(name.text, in: .branch, of: session)
      guard old == nil || replacing else { throw .branchExists(name) }
      if state.head.branch == name && state.head.commit != number {
        throw .branchCheckedOut(name)
      }
      try connection.setReference(name, in: .branch, to: number, of: session)
    }
  }

  /// Makes a tag; throws `tagExists` if it names another commit already and not `replacing`.
  public func setTag(
    _ name: ReferenceName, to number: CommitNumber, replacing: Bool = false, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let number = try connection.resolve(Revision(base: .number(number)), in: state)
      let old = try connection.reference(name.text, in: .tag, of: session)
      guard old == nil || old == number || replacing else { throw .tagExists(name) }
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

  /// Renames a branch or a tag; a branch that is checked out stays so.
  ///
  /// One that has the new name already goes if `replacing`, and is an error otherwise.
  public func rename(
    _ kind: ReferenceKind, _ name: ReferenceName, to newName: ReferenceName, replacing: Bool,
    in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      guard let number = try connection.reference(name.text, in: kind, of: session) else {
        throw kind == .tag ? .noSuchTag(name) : .noSuchBranch(name)
      }
      guard name != newName else { return }
      let head = try connection.state(of: session).head
      if try connection.reference(newName.text, in: kind, of: session) != nil {
        guard replacing else {
          throw kind == .tag ? .tagExists(newName) : .branchExists(newName)
        }
        if kind == .branch, head.branch == newName { throw .branchCheckedOut(newName) }
      }
      _ = try connection.removeReference(name, in: kind, of: session)
      try connection.setReference(newName, in: kind, to: number, of: session)
      if kind == .branch, head.branch == name {
        try connection.setHead(Head(commit: head.commit, branch: newName), of: session)
      }
    }
  }
}
