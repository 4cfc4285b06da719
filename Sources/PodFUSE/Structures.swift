import CFuse
import Glibc
import PodFilesystem
import PodModel

/// The bytes in the blocks that `st_blocks` counts.
private let blockSize: Int64 = 512

/// What reading is best done in.
private let preferredSize = 1 << 17

extension Lifetime {
  /// The timeout for the kernel, in seconds.
  var seconds: Double {
    switch self {
    case .forever, .watched: 1e9
    case .soon: 0.05
    case .moment: 0
    }
  }
}

extension FileKind {
  /// The bits of `st_mode` that say it.
  fileprivate var mode: mode_t {
    switch self {
    case .directory: S_IFDIR
    case .file: S_IFREG
    case .link: S_IFLNK
    }
  }
}

extension timespec {
  init(_ time: FileTime) { self.init(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds)) }
}

extension FileTime {
  fileprivate init(_ time: timespec) {
    self.init(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }
}

extension stat {
  /// What stat(2) answers.
  init(_ attributes: Attributes, _ options: FilesystemOptions) {
    self.init()
    st_ino = ino_t(attributes.inode.value)
    st_mode = attributes.kind.mode
    st_mode |= attributes.kind == .link ? 0o777 : options.shown(attributes.permissions)
    st_nlink = nlink_t(attributes.links)
    st_uid = options.user
    st_gid = options.group
    st_size = Int(attributes.size)
    // Links and directories are rows of the database.
    st_blocks =
      attributes.kind == .file
      ? Int(attributes.blocks ?? (attributes.size + blockSize - 1) / blockSize) : 0
    st_blksize = numericCast(preferredSize)
    st_atim = timespec(attributes.times.accessed)
    st_mtim = timespec(attributes.times.modified)
    st_ctim = timespec(attributes.times.changed)
  }

  /// The two things that readdir tells.
  init(_ item: DirectoryItem) {
    self.init()
    st_ino = ino_t(item.inode.value)
    st_mode = item.kind.mode
  }
}

extension fuse_entry_param {
  /// A name that was found; nil is one that can never be there.
  init(_ entry: Entry?, _ options: FilesystemOptions) {
    self.init()
    guard let entry else {
      entry_timeout = Lifetime.forever.seconds
      return
    }
    ino = entry.attributes.inode.value
    attr = stat(entry.attributes, options)
    attr_timeout = entry.attributes.lifetime.seconds
    entry_timeout = entry.lifetime.seconds
  }
}

extension fuse_file_info {
  /// An open file, as the kernel is to treat it.
  init(_ opened: Opened, flags: Int32) {
    self.init()
    self.flags = flags
    fh = opened.handle?.value ?? 0
    noflush = opened.handle == nil || !opened.flushes ? 1 : 0
    switch opened.caching {
    case .keep: keep_cache = 1
    case .drop: break
    case .bypass, .passthrough: direct_io = 1
    }
  }
}

extension statvfs {
  /// The room on the disk.
  init(_ space: DiskSpace) {
    self.init()
    f_bsize = space.blockSize
    f_frsize = space.blockSize
    f_blocks = numericCast(space.blocks)
    f_bfree = numericCast(space.free)
    f_bavail = numericCast(space.available)
    f_files = numericCast(space.files)
    f_ffree = numericCast(space.freeFiles)
    f_favail = numericCast(space.freeFiles)
    f_namemax = 255
  }
}

extension OpenMode {
  /// Reads the flags of open(2).
  init(flags: Int32) {
    self.init(
      reads: flags & O_ACCMODE != O_WRONLY, writes: flags & O_ACCMODE != O_RDONLY,
      truncates: flags & O_TRUNC != 0,
      isExclusive: flags & O_EXCL != 0)
  }
}

extension AttributeChange {
  /// Reads what a setattr request wants.
  init(_ status: stat, mask: Int32) {
    self.init()
    if mask & FUSE_SET_ATTR_SIZE != 0 { size = Int64(status.st_size) }
    if mask & FUSE_SET_ATTR_MODE != 0 { permissions = UInt32(status.st_mode) & 0o7777 }
    if mask & FUSE_SET_ATTR_UID != 0 { user = status.st_uid }
    if mask & FUSE_SET_ATTR_GID != 0 { group = status.st_gid }
    if mask & FUSE_SET_ATTR_ATIME_NOW != 0 {
      accessed = .now
    } else if mask & FUSE_SET_ATTR_ATIME != 0 {
      accessed = .at(FileTime(status.st_atim))
    }
    if mask & FUSE_SET_ATTR_MTIME_NOW != 0 {
      modified = .now
    } else if mask & FUSE_SET_ATTR_MTIME != 0 {
      modified = .at(FileTime(status.st_mtim))
    }
  }
}

extension RenameMode {
  /// Reads the flags of renameat2(2), of which the kernel passes on RENAME_WHITEOUT, too.
  init(flags: UInt32) throws(FilesystemError) {
    switch flags {
    case 0: self = .replacing
    case UInt32(RENAME_NOREPLACE): self = .keeping
    case UInt32(RENAME_EXCHANGE): self = .exchanging
    default: throw .invalid
    }
  }
}

extension AttributeSetting {
  /// Reads the flags of setxattr(2).
  init(flags: Int32) throws(FilesystemError) {
    switch flags {
    case 0: self = .always
    case Int32(XATTR_CREATE): self = .creating
    case Int32(XATTR_REPLACE): self = .replacing
    default: throw .invalid
    }
  }
}

extension RangeKind {
  /// Reads what lseek(2) is to look for; the kernel finds all else by itself.
  init(whence: Int32) throws(FilesystemError) {
    switch whence {
    case SEEK_DATA: self = .data
    case SEEK_HOLE: self = .hole
    default: throw .invalid
    }
  }
}
