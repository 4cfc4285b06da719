import PodModel
import PodStore
import Synchronization

/// What begins the names of the attributes that tell of the value.
private let reserved = "user.podfs."

extension Filesystem {
  /// Returns the value of an extended attribute.
  ///
  /// Names outside `user.` are not supported, rather than missing: else `ls -l` would ask for the
  /// access list of every file.
  public func extendedAttribute(
    _ name: String, of inode: InodeNumber
  ) throws(FilesystemError) -> [UInt8] {
    guard name.hasPrefix("user.") else { throw .notSupported }
    if !name.hasPrefix(reserved), let (file, _) = try file(inode) {
      guard let value = try file.setAttributes()[name] else { throw .noAttribute }
      return value
    }
    guard let version = try version(of: inode),
      let value = Self.extendedAttributes(of: version).first(where: { $0.name == name })?.value
    else { throw .noAttribute }
    return Array(value.utf8)
  }

  /// Returns the names of the extended attributes, each followed by a zero byte.
  public func extendedAttributeNames(
    of inode: InodeNumber
  ) throws(FilesystemError) -> [UInt8] {
    var names = try version(of: inode).map { Self.extendedAttributes(of: $0).map(\.name) } ?? []
    if let (file, _) = try file(inode) { names += try file.setAttributes().keys.sorted() }
    return names.flatMap { Array($0.utf8) + [0] }
  }

  /// Sets an extended attribute of a workspace file or, with nil, removes it.
  public func setExtendedAttribute(
    _ name: String, of inode: InodeNumber, to value: [UInt8]?, _ setting: AttributeSetting
  ) throws(FilesystemError) {
    guard name.hasPrefix("user.") else { throw .notSupported }
    guard let (file, _) = try file(inode) else { throw .readOnly }
    guard !name.hasPrefix(reserved) else { throw .notPermitted }
    try file.setAttribute(name, to: value, setting)
  }

  private func version(of inode: InodeNumber) throws(FilesystemError) -> Version? {
    if let (file, _) = try file(inode) { return file.version }
    guard case .version(let id) = try node(inode) else { return nil }
    // A prune can have made another commit the first one that has it.
    let version = try backing.run { store throws(StoreError) in try store.version(id) }
    guard let version else { throw .notFound }
    return version
  }

  private static func extendedAttributes(
    of version: Version
  ) -> [(name: String, value: String)] {
    var attributes = [
      ("user.podfs.type", version.summary.type),
      ("user.podfs.version", String(version.id.row)),
      ("user.podfs.covariable", String(version.coVariable.row)),
    ]
    if let shape = version.summary.shape {
      attributes.append(("user.podfs.shape", shape.map(String.init).joined(separator: ",")))
    }
    if let dtype = version.summary.dtype { attributes.append(("user.podfs.dtype", dtype)) }
    if let commit = version.commit {
      attributes.append(("user.podfs.commit", commit.description))
    }
    return attributes
  }
}
