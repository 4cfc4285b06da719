public import PodModel

extension Store {
  /// Returns the branches of a session.
  public func branches(
    of session: SessionID
  ) throws(StoreError) -> [ReferenceName: CommitNumber] { throw .notBuilt }

  /// Returns the tags of a session.
  public func tags(
    of session: SessionID
  ) throws(StoreError) -> [ReferenceName: CommitNumber] { throw .notBuilt }

  /// Makes a branch, or moves one that is not checked out.
  public func setBranch(
    _ name: ReferenceName, to number: CommitNumber, in session: SessionID
  ) throws(StoreError) { throw .notBuilt }

  /// Makes a tag; throws `tagExists` if it names another commit already.
  public func setTag(
    _ name: ReferenceName, to number: CommitNumber, in session: SessionID
  ) throws(StoreError) { throw .notBuilt }

  /// Removes a branch; its commits stay.
  public func removeBranch(
    _ name: ReferenceName, in session: SessionID
  ) throws(StoreError) { throw .notBuilt }

  /// Removes a tag; its commit stays.
  public func removeTag(
    _ name: ReferenceName, in session: SessionID
  ) throws(StoreError) { throw .notBuilt }

  /// Makes the workspace what a commit binds, and returns the commit's number.
  ///
  /// A revision that is the name of a branch checks the branch out: the next commit moves it.
  /// Uncommitted changes are lost if `force` is true, and an error otherwise.
  @discardableResult
  public func checkout(
    _ revision: Revision, in session: SessionID, force: Bool = false
  ) throws(StoreError) -> CommitNumber { throw .notBuilt }
}
