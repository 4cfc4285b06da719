/// What a person may choose about the tree of a mount.
public struct FilesystemOptions: Hashable, Sendable {
  /// The owner of all files.
  public var user: UInt32
  /// The group of all files.
  public var group: UInt32
  /// The bits that no file permits to anybody; nil leaves all permissions as they are.
  ///
  /// With it, group and others may do what the owner may, less these bits: as a FAT disk is shared.
  public var umask: UInt32?
  /// The most bytes of a variable's text, about; longer ones are cut, and say so.
  public var textLimit = 64 << 20
  /// The most bytes of memory for what was read, about; what is in use is never dropped.
  public var cacheLimit = 64 << 20
  /// The most bytes of the store's disk for plain copies of large files, which the kernel reads
  /// itself; 0 for none.
  public var plainCopyLimit: Int64 = 1 << 30

  /// Chooses the defaults, with all files belonging to `user` and `group`.
  public init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
  }

  /// Returns the permissions to show for a file that has `permissions`.
  public func shown(_ permissions: UInt32) -> UInt32 {
    guard let umask else { return permissions }
    let owner = permissions >> 6 & 0o7
    return (owner << 6 | owner << 3 | owner) & ~umask
  }
}
