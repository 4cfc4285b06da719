import PodModel
import Synchronization

/// Changing a workspace, within a transaction. `head` is what the checked-out commit binds.
extension Connection {
  /// Returns the version that the workspace binds `name` to, or nil, without reading the others.
  func workspaceVersion(
    of name: VariableName, in session: SessionID, cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> Version? {
    if let change = try workspaceChange(of: name, in: session) { return change }
    return try headManifest(of: try state(of: session), cache: cache).versions[name]
  }

  /// Returns the version that the workspace binds `name` to; throws if there is none.
  func bound(
    _ name: VariableName, in session: SessionID, head: Manifest
  ) throws(StoreError) -> Version {
    let change = try workspaceChange(of: name, in: session)
    guard let version = change ?? head.versions[name] else { throw .noSuchVariable(name) }
    return version
  }

  /// Returns the version that `name` has, or had in `head`, if it holds a value by itself.
  ///
  /// Writing that value again is no change.
  func present(
    _ name: VariableName, holding content: ContentID, root: Int, in session: SessionID,
    head: Manifest
  ) throws(StoreError) -> Version? {
    let change = try workspaceChange(of: name, in: session) ?? nil
    return [change, head.versions[name]].compactMap { $0 }.first { version in
      version.content == content && version.root == root
        && !head.versions.contains { $0.value.coVariable == version.coVariable && $0.key != name }
    }
  }

  /// Binds `name` to a version, or to nothing, and lets go of the version that it had.
  ///
  /// - Parameter time: when the name was made, if that was not just now.
  func bind(
    _ name: VariableName, to version: Version?, in session: SessionID, head: Manifest,
    namedAt time: FileTime? = nil
  ) throws(StoreError) {
    let change = try workspaceChange(of: name, in: session)
    if let old = change ?? nil, old.id != version?.id { try removeUncommitted(old) }
    if ((change ?? head.versions[name]) == nil) != (version == nil) {
      try noteNames(of: session, at: time ?? FileTime(CurrentProcess.now))
    }
    try setBinding(of: name, to: version, in: session, head: head)
  }

  /// Binds a version of the workspace to another name, and returns it.
  func rename(
    _ name: VariableName, to newName: VariableName, in session: SessionID, head: Manifest
  ) throws(StoreError) -> Version {
    let version = try bound(name, in: session, head: head)
    guard name != newName else { return version }
    try bind(newName, to: version, in: session, head: head)
    try setBinding(of: name, to: nil, in: session, head: head)
    try noteNames(of: session, at: FileTime(CurrentProcess.now))
    try moveFile(name, to: newName, in: session)
    return version
  }

  /// Binds the versions of two names to each other's.
  func exchange(
    _ one: (name: VariableName, version: Version),
    with other: (name: VariableName, version: Version), in session: SessionID, head: Manifest
  ) throws(StoreError) {
    try setBinding(of: one.name, to: other.version, in: session, head: head)
    try setBinding(of: other.name, to: one.version, in: session, head: head)
    try noteNames(of: session, at: FileTime(CurrentProcess.now))
    try exchangeFiles(one.name, other.name, in: session)
  }

  private func setBinding(
    of name: VariableName, to version: Version?, in session: SessionID, head: Manifest
  ) throws(StoreError) {
    if head.versions[name]?.id == version?.id {
      try run("DELETE FROM workspace WHERE session = ? AND name = ?", session.row, name.text)
    } else {
      try run(
        """
        INSERT INTO workspace VALUES (?1, ?2, ?3, podfs_seal(?1, ?2, ?3))
        ON CONFLICT (session, name) DO UPDATE SET version = excluded.version, seal = excluded.seal
        """, session.row, name.text, version?.id.row)
    }
  }

  /// Forgets all uncommitted changes, before another commit is checked out.
  func discardWorkspace(of session: SessionID) throws(StoreError) {
    for case let version? in try workspaceChanges(of: session).values {
      try removeUncommitted(version)
    }
    try run("DELETE FROM workspace WHERE session = ?", session.row)
    try forgetFiles(of: session)
    try noteNames(of: session, at: FileTime(CurrentProcess.now))
  }
}
