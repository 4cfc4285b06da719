import PodModel
import PodStore
import Synchronization

extension Filesystem {
  /// Returns the value of an extended attribute.
  ///
  /// Names outside `user.` are not supported, rather than missing: else `ls -l` would ask for the
  /// access list of every file.
  public func extendedAttribute(
    _ name: String, of inode: InodeNumber
  ) throws(FilesystemError) -> [UInt8] {
    guard name.hasPrefix("user.") else { throw .notSupported }
    guard name.hasPrefix(VersionAttributes.prefix) else {
      guard let value = try setAttributes(of: inode)[name] else { throw .noAttribute }
      return value
    }
    guard let version = try version(of: inode),
      let name = VersionAttributes.Name(
        rawValue: String(name.dropFirst(VersionAttributes.prefix.count))),
      let value = try versionAttributes.value(name, of: version)
    else { throw .noAttribute }
    return Array(value.utf8)
  }

  /// Returns the names of the extended attributes, each followed by a zero byte.
  public func extendedAttributeNames(
    of inode: InodeNumber
  ) throws(FilesystemError) -> [UInt8] {
    var names =
      try version(of: inode).map { version in
        versionAttributes.names(of: version).map { VersionAttributes.prefix + $0.rawValue }
      } ?? []
    names += try setAttributes(of: inode).keys.sorted()
    return names.flatMap { Array($0.utf8) + [0] }
  }

  /// Returns the extended attributes that were set: those of a workspace or a file in it.
  private func setAttributes(
    of inode: InodeNumber
  ) throws(FilesystemError) -> [String: [UInt8]] {
    if let (file, _) = try file(inode) { return try file.setAttributes() }
    guard case .entry(.workspace, let session) = try node(inode) else { return [:] }
    return try backing.run { store throws(StoreError) in
      try store.workspaceAttributes(of: session)
    }
  }

  /// Sets an extended attribute of a workspace or a file in it or, with nil, removes it.
  public func setExtendedAttribute(
    _ name: String, of inode: InodeNumber, to value: [UInt8]?, _ setting: AttributeSetting
  ) throws(FilesystemError) {
    guard name.hasPrefix("user.") else { throw .notSupported }
    let file = try file(inode)?.0
    var session: SessionID?
    if case .entry(.workspace, let its) = try node(inode) { session = its }
    guard file != nil || session != nil else { throw .readOnly }
    guard name != "user." else { throw .invalid }
    // What copies attributes passes over those that are not supported, and complains of others.
    guard !name.hasPrefix(VersionAttributes.prefix) else { throw .notSupported }
    try file?.setAttribute(name, to: value, setting)
    if let session { try setWorkspaceAttribute(name, of: session, inode, to: value, setting) }
  }

  private func version(of inode: InodeNumber) throws(FilesystemError) -> Version? {
    if let (file, _) = try file(inode) { return file.version }
    guard case .version(let id) = try node(inode) else { return nil }
    // A prune can have made another commit the first one that has it.
    let version = try backing.run { store throws(StoreError) in try store.version(id) }
    guard let version else { throw .notFound }
    return version
  }
}
