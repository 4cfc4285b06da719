import PodModel
import PodStore
import Synchronization

extension Filesystem {
  /// Makes a session.
  public func makeDirectory(
    _ name: String, in directory: InodeNumber
  ) throws(FilesystemError) -> Entry {
    switch try node(directory) {
    case .root: break
    case .session, .entry(.workspace, _): throw .notPermitted
    case .entry, .commit, .texts: throw .readOnly
    case .readme, .version, .text, .reference, .file, .newFile: throw .notDirectory
    }
    let name = try sessionName(name)
    let session = try backing.run { store throws(StoreError) in try store.createSession(name) }
    let node = try inode(.session(session.id))
    return Entry(attributes: try attributes(of: node), lifetime: .whileThere)
  }

  private func sessionName(_ name: String) throws(FilesystemError) -> SessionName {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    do {
      return try SessionName(name)
    } catch {
      throw .invalid
    }
  }

  /// Refuses to make what no directory here holds: links, devices, directories in a workspace.
  public func makeOther(_ name: String, in directory: InodeNumber) throws(FilesystemError) -> Entry
  {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    switch try node(directory) {
    case .entry(.workspace, _), .root, .session: throw .notPermitted
    case .entry, .commit, .texts: throw .readOnly
    case .readme, .version, .text, .reference, .file, .newFile: throw .notDirectory
    }
  }

  /// Removes a file of a workspace.
  public func remove(_ name: String, in directory: InodeNumber) throws(FilesystemError) {
    let (workspace, name) = try place(name, in: directory)
    try workspace.remove(name)
  }

  /// Removes a session that has no commit and no file.
  public func removeDirectory(_ name: String, in directory: InodeNumber) throws(FilesystemError) {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    switch try node(directory) {
    case .root: try removeSession(name)
    case .session: throw .notPermitted
    case .entry(.workspace, _): throw .notDirectory
    case .entry, .commit, .texts: throw .readOnly
    case .readme, .version, .text, .reference, .file, .newFile: throw .notDirectory
    }
  }

  private func removeSession(_ name: String) throws(FilesystemError) {
    if name == "README" { throw .notDirectory }
    let session = try session(name).id
    try backing.run { store throws(StoreError) in
      try store.removeSession(session, onlyEmpty: true)
    }
  }

  /// Renames a file of a workspace.
  public func rename(
    _ name: String, in directory: InodeNumber, to newName: String,
    in newDirectory: InodeNumber, replacing: Bool
  ) throws(FilesystemError) {
    let (workspace, name) = try place(name, in: directory)
    let (newWorkspace, newName) = try place(newName, in: newDirectory)
    guard workspace === newWorkspace else { throw .otherSession }
    try workspace.rename(name, to: newName, replacing: replacing)
  }

  /// Returns the workspace that a directory is, with a name to be changed in it.
  func place(
    _ name: String, in directory: InodeNumber
  ) throws(FilesystemError) -> (Workspace, VariableName) {
    switch try node(directory) {
    case .entry(.workspace, let session):
      return (workspace(of: session), try variable(name))
    case .root, .session: throw .notPermitted
    case .entry, .commit, .texts: throw .readOnly
    case .readme, .version, .text, .reference, .file, .newFile: throw .notDirectory
    }
  }
}
