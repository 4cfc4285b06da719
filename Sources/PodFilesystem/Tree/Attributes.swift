public import PodModel

/// The kinds of files in the mount.
public enum FileKind: Hashable, Sendable {
  /// A directory.
  case directory
  /// A regular file.
  case file
  /// A symbolic link.
  case link
}

/// How long the kernel may believe an answer without asking again.
public enum Lifetime: Hashable, Sendable {
  /// It can never change.
  case forever
  /// It may go, or change a little, and nobody tells.
  case soon
  /// It may change, and then the kernel is told.
  case watched
  /// Another process may change it at any time.
  case moment
}

/// What `stat` shows of a node.
public struct Attributes: Hashable, Sendable {
  /// The inode number.
  public var inode: InodeNumber
  /// What it is.
  public var kind: FileKind
  /// The permission bits.
  public var permissions: UInt32
  /// The number of names; 0 for a file that was removed while it is open.
  public var links: UInt32 = 1
  /// The number of bytes in the file.
  public var size: Int64 = 0
  /// How many blocks of 512 bytes it takes; nil: as many as its size does.
  public var blocks: Int64?
  /// When it was read, written and changed.
  public var times: FileTimes
  /// How long all this is true.
  public var lifetime = Lifetime.moment

  init(
    inode: InodeNumber, kind: FileKind, permissions: UInt32, size: Int64 = 0, times: FileTimes,
    lifetime: Lifetime = .moment
  ) {
    self.inode = inode
    self.kind = kind
    self.permissions = permissions
    self.size = size
    self.times = times
    self.lifetime = lifetime
  }

  init(
    inode: InodeNumber, kind: FileKind, permissions: UInt32, size: Int64 = 0,
    modified: Timestamp, lifetime: Lifetime = .moment
  ) {
    self.init(
      inode: inode, kind: kind, permissions: permissions, size: size,
      times: FileTimes(FileTime(modified)), lifetime: lifetime)
  }
}

/// A name that was found.
public struct Entry: Hashable, Sendable {
  /// What it leads to.
  public var attributes: Attributes
  /// How long the name leads there.
  public var lifetime: Lifetime
}

/// What to change of a node's attributes; nil leaves one as it is.
public struct AttributeChange: Sendable {
  /// The new size: the file is cut or grows with zeros.
  public var size: Int64?
  /// The new permission bits.
  public var permissions: UInt32?
  /// The new time of reading.
  public var accessed: NewTime?
  /// The new time of modification.
  public var modified: NewTime?
  /// The new owner.
  public var user: UInt32?
  /// The new group.
  public var group: UInt32?

  /// A time to set.
  public enum NewTime: Sendable {
    /// The time at which the request is served.
    case now
    /// A given time.
    case at(FileTime)
  }

  /// Creates a change of nothing.
  public init() {}
}
