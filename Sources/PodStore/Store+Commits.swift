public import PodModel

extension Store {
  /// Returns what the session has checked out.
  public func head(of session: SessionID) throws(StoreError) -> Head { throw .notBuilt }

  /// Returns the commits with a number above `after`, ascending, at most `limit` of them.
  public func commits(
    of session: SessionID, after: CommitNumber? = nil, limit: Int? = nil
  ) throws(StoreError) -> [Commit] { throw .notBuilt }

  /// Returns the commit with this number, or nil.
  public func commit(
    _ number: CommitNumber, of session: SessionID
  ) throws(StoreError) -> Commit? { throw .notBuilt }

  /// Returns the code whose run made a commit, or nil if none is known.
  public func cell(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Cell? { throw .notBuilt }

  /// Returns what a commit could not keep, in the order in which it was reported.
  public func unsaved(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> [Unsaved] { throw .notBuilt }

  /// Returns the number of the commit that `revision` means.
  public func resolve(
    _ revision: Revision, in session: SessionID
  ) throws(StoreError) -> CommitNumber { throw .notBuilt }

  /// Returns what a commit binds.
  ///
  /// It never changes, so the last few are kept in memory.
  public func manifest(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Manifest { throw .notBuilt }

  /// Returns what a commit binds otherwise than its first parent: nil for a removed variable.
  public func changes(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> [VariableName: Version?] { throw .notBuilt }

  /// Commits a namespace all of whose pods are in the store already; see ``PodWriter/save(_:in:)``.
  @discardableResult
  public func save(
    _ namespace: NewCommit, in session: SessionID
  ) throws(StoreError) -> SavedCommit { throw .notBuilt }
}
