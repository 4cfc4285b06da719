/// What is remembered of a workspace file besides its value.
public struct FileStatus: Hashable, Sendable {
  /// The permissions of a file if nobody set any.
  public static let usualPermissions: UInt32 = 0o644

  /// The permission bits; nil for the usual ones.
  public var permissions: UInt32?
  /// The times; nil if those of its version are all that is known.
  public var times: FileTimes?

  /// Creates a status from its parts.
  public init(permissions: UInt32? = nil, times: FileTimes? = nil) {
    self.permissions = permissions
    self.times = times
  }
}

/// What a name of a workspace leads to.
public struct WorkspaceEntry: Hashable, Sendable {
  /// The value.
  public let version: Version
  /// What is remembered of the file.
  public let status: FileStatus

  /// Creates an entry from its parts.
  public init(version: Version, status: FileStatus) {
    self.version = version
    self.status = status
  }
}
