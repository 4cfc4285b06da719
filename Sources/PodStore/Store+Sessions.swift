public import PodModel

extension Store {
  /// Returns all sessions, in the order of their names' bytes.
  public func sessions() throws(StoreError) -> [Session] { throw .notBuilt }

  /// Returns the session called `name`, or throws `noSuchSession`.
  public func session(_ name: SessionName) throws(StoreError) -> Session { throw .notBuilt }

  /// Makes a session without commits, on branch `main`; throws `sessionExists` if it is there.
  @discardableResult
  public func createSession(_ name: SessionName) throws(StoreError) -> Session { throw .notBuilt }
}
