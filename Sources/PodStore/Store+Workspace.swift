public import PodModel

extension Store {
  /// Returns the checked-out commit's manifest with the changes since.
  public func workspace(of session: SessionID) throws(StoreError) -> Manifest {
    let engine = engine
    return try engine.read { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let head = try connection.headManifest(of: state, cache: engine.manifests)
      return head.changed(by: try connection.workspaceChanges(of: session))
    }
  }

  /// Returns what was written since the checked-out commit: nil for a removed variable.
  public func workspaceChanges(
    of session: SessionID
  ) throws(StoreError) -> [VariableName: Version?] {
    try engine.read { connection throws(StoreError) in
      try connection.workspaceChanges(of: session)
    }
  }

  /// Returns the version that the workspace binds `name` to, or nil, without reading the others.
  public func workspaceVersion(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version? {
    let engine = engine
    return try engine.read { connection throws(StoreError) in
      try connection.workspaceVersion(of: name, in: session, cache: engine.manifests)
    }
  }

  /// Binds a variable to root 0 of a content whose pods are in the store already.
  @discardableResult
  public func seal(
    _ content: NewContent, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version {
    try withWriter { writer throws(StoreError) in
      try writer.seal(content, as: name, in: session)
    }
  }

  /// Binds a variable to the value of a version of any session, whatever its size, in no time.
  ///
  /// If the variable has that value, nothing changes. What comes with the file is remembered in
  /// the same transaction.
  @discardableResult
  public func copy(
    _ version: Version, as name: VariableName, in session: SessionID, with file: NewFile? = nil
  ) throws(StoreError) -> Version {
    let engine = engine
    return try engine.change { connection throws(StoreError) in
      try connection.copy(
        version, as: name, in: session, with: file, cache: engine.manifests)
    }
  }

  /// Removes a variable from the workspace; throws `noSuchVariable` if there is none.
  public func remove(
    _ name: VariableName, in session: SessionID
  ) throws(StoreError) {
    try changeWorkspace(of: session) { connection, head throws(StoreError) in
      _ = try connection.bound(name, in: session, head: head)
      try connection.bind(name, to: nil, in: session, head: head)
      try connection.forgetFile(name, in: session)
    }
  }

  /// Renames a variable of the workspace, in place of one that is called `newName`, and remembers
  /// its status as a file, if it is given.
  public func rename(
    _ name: VariableName, to newName: VariableName, in session: SessionID,
    status: FileStatus? = nil
  ) throws(StoreError) {
    try changeWorkspace(of: session) { connection, head throws(StoreError) in
      let version = try connection.rename(name, to: newName, in: session, head: head)
      guard let status else { return }
      try connection.setFileStatus(status, of: newName, in: session, bound: version.id)
    }
  }

  /// Lets two variables of the workspace exchange their names, and remembers what they are as files.
  public func exchange(
    _ name: VariableName, _ status: FileStatus, with other: VariableName,
    _ otherStatus: FileStatus, in session: SessionID
  ) throws(StoreError) {
    try changeWorkspace(of: session) { connection, head throws(StoreError) in
      let version = try connection.bound(name, in: session, head: head)
      let otherVersion = try connection.bound(other, in: session, head: head)
      try connection.exchange(
        (name, version), with: (other, otherVersion), in: session, head: head)
      try connection.setFileStatus(status, of: other, in: session, bound: version.id)
      try connection.setFileStatus(otherStatus, of: name, in: session, bound: otherVersion.id)
    }
  }

  /// Commits the workspace; a commit without changes is allowed.
  @discardableResult
  public func commitWorkspace(
    of session: SessionID, message: String, cell: Cell? = nil, unsaved: [Unsaved] = [],
    time: Timestamp? = nil
  ) throws(StoreError) -> Commit {
    let engine = engine
    let made = try engine.change { connection throws(StoreError) in
      var state = try connection.state(of: session)
      let note = CommitNote(
        message: message, cell: cell, unsaved: unsaved, time: time ?? CurrentProcess.now)
      return try connection.commitWorkspace(note, state: &state)
    }
    engine.remember(made.changes, of: made.commit, in: session)
    return made.commit
  }

  private func changeWorkspace<Result: Sendable>(
    of session: SessionID,
    _ body: @Sendable (borrowing Connection, Manifest) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let engine = engine
    return try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let head = try connection.headManifest(of: state, cache: engine.manifests)
      return try body(connection, head)
    }
  }
}
