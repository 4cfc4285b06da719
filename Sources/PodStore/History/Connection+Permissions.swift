import PodModel

/// The permissions of files, which belong to their versions, within a transaction.
extension Connection {
  /// Returns the permissions of the file of a version; nil for the usual ones.
  ///
  /// Nobody but the owner may use a version that was removed meanwhile.
  func permissions(of version: VersionID) throws(StoreError) -> UInt32? {
    let usual = FileStatus.usualPermissions
    let mode = try integer(
      "SELECT coalesce(mode, ?) FROM version WHERE id = ?", Int64(usual), version.row)
    // No store gives set-user-ID bits to the files of whoever mounts it.
    let permissions = UInt32(truncatingIfNeeded: (mode ?? 0o600) & 0o1777)
    return permissions == usual ? nil : permissions
  }

  /// Sets the permissions of the file of a version, in all commits that have it.
  func setPermissions(_ permissions: UInt32, of version: VersionID) throws(StoreError) {
    let mode = permissions == FileStatus.usualPermissions ? nil : Int64(permissions)
    try run("UPDATE version SET mode = ?1 WHERE id = ?2 AND mode IS NOT ?1", mode, version.row)
    guard changedRows > 0 else { return }
    try seal(version)
    let isCommitted = try integer(
      "SELECT 1 FROM version WHERE id = ? AND commit_ IS NOT NULL", version.row)
    if isCommitted != nil { try set("permissions", to: permissionChanges() + 1) }
  }

  /// Returns the number of transactions that changed the permissions of a committed version.
  func permissionChanges() throws(StoreError) -> Int64 { try setting("permissions") ?? 0 }

  /// Returns the permissions of the names that the checked-out commit binds, except the usual ones.
  ///
  /// A session whose files all have the usual ones costs one look at an index.
  func permissions(
    of names: some Sequence<VariableName>, in state: SessionState
  ) throws(StoreError) -> [VariableName: UInt32] {
    let session = state.session.id
    let areUsual = try integer(
      "SELECT 1 FROM version WHERE session = ? AND mode IS NOT NULL LIMIT 1", session.row)
    guard areUsual != nil, let head = state.head.commit,
      let point = try point(of: head, in: session)
    else { return [:] }
    var permissions: [VariableName: UInt32] = [:]
    for (name, version) in try manifest(at: point, of: names).versions {
      permissions[name] = try self.permissions(of: version.id)
    }
    return permissions
  }
}
