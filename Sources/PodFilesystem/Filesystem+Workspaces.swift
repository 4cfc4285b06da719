import PodModel
import PodStore
import Synchronization

/// The workspace of a session as a directory.
extension Filesystem {
  /// Returns the permissions of a session's directory.
  ///
  /// Its owner may make links to other commits in it, and rename them to HEAD. Users whom the
  /// workspace keeps out are kept out of the whole session, since its history holds all that was in
  /// the workspace.
  func permissions(of session: SessionID) throws(FilesystemError) -> UInt32 {
    directoryPermissions & (0o700 | (try status(of: session).permissions ?? directoryPermissions))
  }

  private func status(of session: SessionID) throws(FilesystemError) -> FileStatus {
    try backing.run { store throws(StoreError) in try store.workspaceStatus(of: session) }
  }

  /// Returns the attributes of a workspace.
  ///
  /// Its times are those of the last commit, of the last change of a name, or those that were set,
  /// whichever came last.
  func workspaceAttributes(
    of session: SessionID, _ inode: InodeNumber
  ) throws(FilesystemError) -> Attributes {
    let status = try status(of: session)
    var attributes = directory(
      inode, status.permissions ?? directoryPermissions, try lastTime(of: session), .watched)
    for times in [status.times, workspace(of: session).lastNamed.map { FileTimes($0) }] {
      if let times, times.changed > attributes.times.changed { attributes.times = times }
    }
    return attributes
  }

  /// Changes the attributes of a workspace, and returns them.
  func setWorkspaceAttributes(
    of session: SessionID, _ inode: InodeNumber, to change: AttributeChange
  ) throws(FilesystemError) -> Attributes {
    guard change.size == nil else { throw .isDirectory }
    let before = try workspaceAttributes(of: session, inode)
    var times = before.times
    let now = FileTime.now
    change.accessed?.set(&times.accessed, now)
    change.modified?.set(&times.modified, now)
    times.changed = now
    var status = FileStatus(permissions: change.permissions, times: times)
    // A mount with a umask shows other permissions than the store has.
    if status.permissions == options.shown(before.permissions) { status.permissions = nil }
    try backing.run { store throws(StoreError) in
      try store.setWorkspaceStatus(status, of: session)
    }
    if status.permissions != nil, let inode = Node.session(session).inode {
      tell(.attributes(inode))
    }
    return try workspaceAttributes(of: session, inode)
  }

  /// Sets an extended attribute of a workspace or, with nil, removes it.
  func setWorkspaceAttribute(
    _ attribute: String, of session: SessionID, _ inode: InodeNumber, to value: [UInt8]?,
    _ setting: AttributeSetting
  ) throws(FilesystemError) {
    try workspace(of: session).naming.withLock { _ throws(FilesystemError) in
      var all = try backing.run { store throws(StoreError) in
        try store.workspaceAttributes(of: session)
      }
      try all.set(attribute, to: value, setting)
      var times = try workspaceAttributes(of: session, inode).times
      times.changed = .now
      try backing.run { store throws(StoreError) in
        try store.setWorkspaceAttribute(attribute, to: value, of: session, times: times)
      }
    }
  }
}
