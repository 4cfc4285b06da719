public import PodModel

extension Store {
  /// Returns the checked-out commit's manifest with the changes since.
  public func workspace(of session: SessionID) throws(StoreError) -> Manifest { throw .notBuilt }

  /// Returns what was written since the checked-out commit: nil for a removed variable.
  public func workspaceChanges(
    of session: SessionID
  ) throws(StoreError) -> [VariableName: Version?] { throw .notBuilt }

  /// Binds a variable to root 0 of a content whose pods are in the store already.
  @discardableResult
  public func seal(
    _ content: NewContent, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version { throw .notBuilt }

  /// Binds a variable to the value of a version of any session, whatever its size, in no time.
  @discardableResult
  public func copy(
    _ version: Version, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version { throw .notBuilt }

  /// Removes a variable from the workspace; throws `noSuchVariable` if there is none.
  public func remove(
    _ name: VariableName, in session: SessionID
  ) throws(StoreError) { throw .notBuilt }

  /// Renames a variable of the workspace, in place of one that is called `newName`.
  public func rename(
    _ name: VariableName, to newName: VariableName, in session: SessionID
  ) throws(StoreError) { throw .notBuilt }

  /// Commits the workspace; a commit without changes is allowed.
  @discardableResult
  public func commitWorkspace(
    of session: SessionID, message: String, cell: Cell? = nil, unsaved: [Unsaved] = [],
    time: Timestamp? = nil
  ) throws(StoreError) -> Commit { throw .notBuilt }
}
