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
  @discardableResult
  public func createSession(_ name: SessionName) throws(StoreError) -> Session {
    try engine.change { connection throws(StoreError) in
      if try connection.session(name) != nil { throw .sessionExists(name) }
      return try connection.insertSession(name, created: CurrentProcess.now)
    }
  }
}
