public import PodModel

extension Store {
  /// Returns all sessions, in the order of their names' bytes.
  public func sessions() throws(StoreError) -> [Session] {
    try engine.read { connection throws(StoreError) in try connection.sessions() }
  }

  /// Returns the session called `name`, or throws `noSuchSession`.
  public func session(_ name: SessionName) throws(StoreError) -> Session {
    let session = try engine.read { connection throws(StoreError) in
      try connection.session(name)
    }
    guard let session else { throw .noSuchSession(name) }
    return session
  }

  /// Makes a session without commits, on branch `main`; throws `sessionExists` if it is there.
  ///
  /// - Parameter permissions: those of its workspace; nil for the usual ones.
  @discardableResult
  public func createSession(
    _ name: SessionName, permissions: UInt32? = nil
  ) throws(StoreError) -> Session {
    try engine.change { connection throws(StoreError) in
      if try connection.session(name) != nil { throw .sessionExists(name) }
      let session = try connection.insertSession(name, created: CurrentProcess.now)
      try connection.setWorkspaceStatus(FileStatus(permissions: permissions), of: session.id)
      return session
    }
  }

  /// Gives a session another name; throws `sessionExists` if one has it.
  ///
  /// Its old name counts as a removal, so nobody goes on showing it.
  public func renameSession(
    _ session: SessionID, to name: SessionName
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      if try connection.state(of: session).session.name == name { return }
      if try connection.session(name) != nil { throw .sessionExists(name) }
      try connection.run("UPDATE session SET name = ? WHERE id = ?", name.text, session.row)
      try connection.seal(session)
      try connection.countRemoval()
    }
  }

  /// Removes a session with all of its history and its workspace.
  ///
  /// Values that were copied into other sessions stay there. With `onlyEmpty`, throws
  /// `sessionNotEmpty` if it has a commit or uncommitted changes.
  public func removeSession(
    _ session: SessionID, onlyEmpty: Bool = false
  ) throws(StoreError) {
    if !onlyEmpty { try engine.requireRemovable() }
    try engine.change { connection throws(StoreError) in
      let state = try connection.state(of: session)
      if onlyEmpty {
        let commits = try connection.commitCount(of: session)
        let changes = try connection.workspaceChanges(of: session).count
        if commits + changes > 0 {
          throw .sessionNotEmpty(state.session.name, commits: commits, changes: changes)
        }
      }
      try connection.removeSession(session)
      try connection.countRemoval()
    }
    engine.forgetManifests()
  }
}
