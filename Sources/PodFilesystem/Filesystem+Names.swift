import PodModel
import PodStore
import Synchronization

extension Filesystem {
  /// Makes a session, whose workspace has the permissions that are given.
  public func makeDirectory(
    _ name: String, in directory: InodeNumber, permissions: UInt32 = 0o755
  ) throws(FilesystemError) -> Entry {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    guard case .root = try node(directory) else { throw try refusal(in: directory) }
    let session = try sessionName(name)
    let id = try backing.run { store throws(StoreError) in
      try store.createSession(session, permissions: permissions & 0o1777)
    }.id
    know(id)
    return try entry(.session(id), untilRemoved)
  }

  private func sessionName(_ name: String) throws(FilesystemError) -> SessionName {
    do {
      return try SessionName(name)
    } catch {
      throw .invalid
    }
  }

  /// Refuses to make what no directory here holds: devices, hard links, directories in a workspace.
  public func makeOther(_ name: String, in directory: InodeNumber) throws(FilesystemError) -> Entry
  {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    throw try refusal(in: directory)
  }

  /// Why nothing but what belongs there can be made in or removed from a directory.
  private func refusal(in directory: InodeNumber) throws(FilesystemError) -> FilesystemError {
    switch try node(directory) {
    case .root, .session, .entry(.workspace, _), .entry(.branches, _), .entry(.tags, _):
      return .notPermitted
    case .entry, .commit, .texts, .info: return .readOnly
    case .named(let serial):
      if case .variable = names.named(serial) { return .readOnly }
      return .notDirectory
    case .readme, .version, .text, .file, .newFile, .time, .infoFile, .introduction, .head,
      .reference:
      return .notDirectory
    }
  }

  /// Removes a file of a workspace, a branch or a tag.
  public func remove(_ name: String, in directory: InodeNumber) throws(FilesystemError) {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    switch try node(directory) {
    case .entry(.workspace, let session):
      try workspace(of: session).remove(variable(name))
    case .session(let session): try removeLink(name, from: nil, in: session)
    case .entry(let entry, let session) where entry.holdsLinks:
      try removeLink(name, from: entry, in: session)
    default: throw try refusal(in: directory)
    }
  }

  /// Removes a session that has no commit and no file.
  public func removeDirectory(_ name: String, in directory: InodeNumber) throws(FilesystemError) {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    switch try node(directory) {
    case .root: try removeSession(name)
    case .entry(.workspace, _), .entry(.branches, _), .entry(.tags, _): throw .notDirectory
    default: throw try refusal(in: directory)
    }
  }

  private func removeSession(_ name: String) throws(FilesystemError) {
    if name == "README" { throw .notDirectory }
    let session = try session(name).id
    try backing.run { store throws(StoreError) in
      try store.removeSession(session, onlyEmpty: true)
    }
  }

  /// Renames a session, a file of a workspace, a branch, a tag, or a symlink to `HEAD`.
  public func rename(
    _ name: String, in directory: InodeNumber, to newName: String,
    in newDirectory: InodeNumber, _ mode: RenameMode
  ) throws(FilesystemError) {
    for name in [name, newName] where name.utf8.count > VariableName.byteLimit {
      throw .nameTooLong
    }
    switch (try node(directory), try node(newDirectory)) {
    case (.root, .root): try renameSession(name, to: newName, mode)
    case (.entry(.workspace, let session), .entry(.workspace, let newSession)):
      guard session == newSession else { throw .otherSession }
      try workspace(of: session).rename(
        variable(name), to: variable(newName), mode)
    case (.session(let session), .session(let newSession)):
      guard session == newSession else { throw .otherSession }
      try renameLink(name, to: newName, in: nil, of: session, mode)
    case (.entry(let entry, let session), .entry(let newEntry, let newSession))
    where entry.holdsLinks && newEntry.holdsLinks:
      guard session == newSession, entry == newEntry else { throw .otherSession }
      try renameLink(name, to: newName, in: entry, of: session, mode)
    case (.entry(.workspace, _), _), (.entry(.branches, _), _), (.entry(.tags, _), _):
      throw try refusal(in: newDirectory)
    default: throw try refusal(in: directory)
    }
  }

  private func renameSession(
    _ name: String, to newName: String, _ mode: RenameMode
  ) throws(FilesystemError) {
    if name == "README" || newName == "README" { throw .notPermitted }
    guard mode != .exchanging else { throw .invalid }
    let session = try session(name).id
    // mv takes EINVAL for a move of a directory into itself, and says so.
    guard let newName = try? SessionName(newName) else { throw .notPermitted }
    try backing.run { store throws(StoreError) in try store.renameSession(session, to: newName) }
  }

  /// Returns the workspace that a directory is, with a name to be changed in it.
  func place(
    _ name: String, in directory: InodeNumber
  ) throws(FilesystemError) -> (Workspace, VariableName) {
    guard case .entry(.workspace, let session) = try node(directory) else {
      throw try refusal(in: directory)
    }
    return (workspace(of: session), try variable(name))
  }
}

extension SessionEntry {
  /// Whether people make and remove symlinks in it.
  fileprivate var holdsLinks: Bool { self == .branches || self == .tags }
}
