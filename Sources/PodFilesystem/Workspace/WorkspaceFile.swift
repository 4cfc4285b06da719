import PodModel
import PodStore
import Synchronization

/// A file of a workspace: its bytes as the mount shows them, and what of them is not sealed yet.
///
/// What a program wrote becomes a version when it has closed the file, and the error of that is
/// close's. "Closed" is not one event, though: `dup` and `fork` make one open file that is closed
/// many times, a shell closes a file before it writes the first byte, and a mapping is written
/// after the close. So dirt belongs to the file, not to the handle, and every event that may be
/// the last one looks at it.
///
/// ## Invariants
///
/// 1. Bytes change, and are sealed, only under `changes`: what is sealed never moves meanwhile.
/// 2. Only a bound file is sealed; nothing binds a name to a file but create, lookup and rename.
/// 3. A file that is dirty or open for writing keeps its name, whatever other processes bind to
///    it: the last writer wins, and nothing that was written is lost without an error.
/// 4. Bytes that the kernel may have cached change only by requests of the kernel. What another
///    process binds to the name is another file with another number.
/// 5. What is read through a handle can be read until it is closed: there is a lease of a version
///    that is open, whatever the name means by then.
final class WorkspaceFile: Sendable {
  let inode: InodeNumber
  let session: SessionID
  let backing: Backing
  /// Counts each change between its effect in the store and that in the file.
  let seals: SealCount
  /// When the file was made, or first seen.
  let made = FileTime.now
  /// Held over every change of the bytes and over sealing; never while asking for attributes.
  let changes = Mutex<Void>(())
  let state: Mutex<State>

  /// Where the bytes are.
  enum Bytes: Sendable {
    /// There are none.
    case none
    /// The first `count` bytes of a version, which nobody has copied; under a lease, if the file
    /// is open.
    case prefix(of: Version, count: Int64, under: Lease?)
    /// In a file of their own.
    case staged(StagingFile, count: Int64)

    var count: Int64 {
      switch self {
      case .none: 0
      case .prefix(of: _, let count, under: _), .staged(_, let count): count
      }
    }
  }

  /// Whether the bytes are those of ``State/sealed``.
  enum Dirt: Sendable {
    case none
    /// The file was made or emptied by open, and no byte followed: only the last close says that
    /// none will.
    case emptied
    /// The file was written or cut.
    case written
    /// Sealing failed and the caller of close knows.
    case refused
  }

  /// What is known of an open handle that may write.
  struct Writer: Sendable {
    /// Whether bytes came through it.
    var wrote = false
    /// Whether it was closed since; it may be a duplicate's close.
    var closed = false
    /// Why the last write through it failed, if it did.
    var failure: FilesystemError?
  }

  /// What a file's name leads to.
  enum Binding: Sendable {
    /// To the file.
    case bound
    /// Not to the file: it was removed or replaced through the mount.
    case removed
    /// Not to the file: another process, or a failure, gave the name to something else.
    case superseded
  }

  struct State: Sendable {
    /// The name, or the last one if there is none now.
    var name: VariableName
    var binding = Binding.bound
    var bytes: Bytes
    /// What the store binds to the name, as far as this mount did it or saw it.
    var sealed: Version?
    var dirt: Dirt
    /// Whether what was written last came from a process that was killed.
    var abandoned = false
    /// How many handles are open, of those that write and the others.
    var handles = 0
    var writers: [HandleNumber: Writer] = [:]
    /// How many times the kernel was told of the inode, less how many it forgot.
    var lookups: UInt64 = 0
    var permissions: UInt32
    var times: FileTimes
    /// The extended attributes that were set, while the store does not bind the name to the file.
    var attributes: [String: [UInt8]] = [:]

    /// Whether the file keeps its name whatever the store binds to it (invariant 3).
    var isPinned: Bool { dirt != .none || !writers.isEmpty }

    /// What is to be remembered of the file besides its value.
    var status: FileStatus { FileStatus(permissions: permissions, times: times) }
  }

  /// Makes the file that a name of the store leads to.
  init(
    inode: InodeNumber, session: SessionID, name: VariableName, entry: WorkspaceEntry,
    backing: Backing, seals: SealCount
  ) {
    self.inode = inode
    self.session = session
    self.backing = backing
    self.seals = seals
    let version = entry.version
    state = Mutex(
      State(
        name: name, bytes: .prefix(of: version, count: version.summary.size, under: nil),
        sealed: version, dirt: .none, permissions: entry.permissions, times: entry.times))
  }

  /// Makes an empty file that is no version yet.
  init(
    inode: InodeNumber, session: SessionID, name: VariableName, permissions: UInt32,
    backing: Backing, seals: SealCount
  ) {
    self.inode = inode
    self.session = session
    self.backing = backing
    self.seals = seals
    state = Mutex(
      State(
        name: name, bytes: .none, sealed: nil, dirt: .emptied, permissions: permissions,
        times: FileTimes(.now)))
  }

  /// What `stat` shows.
  var attributes: Attributes {
    let (permissions, times, bytes, binding) = state.withLock { state in
      (state.permissions, state.times, state.bytes, state.binding)
    }
    var attributes = Attributes(
      inode: inode, kind: .file, permissions: permissions, size: bytes.count, times: times)
    attributes.links = binding == .bound ? 1 : 0
    if case .staged(let file, count: _) = bytes { attributes.blocks = file.blocks }
    return attributes
  }

  /// The version whose value the file shows, or nil while its bytes are those of none.
  var version: Version? { state.withLock { $0.dirt == .none ? $0.sealed : nil } }

  /// The version that the store binds to the name, whatever was written since.
  var sealedVersion: VersionID? { state.withLock { $0.binding == .bound ? $0.sealed?.id : nil } }
}

extension WorkspaceEntry {
  /// The permissions to show.
  var permissions: UInt32 { status.permissions ?? FileStatus.usualPermissions }

  /// The times to show: that of the version, if no others are remembered.
  var times: FileTimes { status.times ?? FileTimes(FileTime(version.time)) }
}

extension WorkspaceFile {
  /// Changes the state, bytes among it: what these held goes when the lock is free again.
  @discardableResult
  func changeBytes<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
    let (result, old) = state.withLock { state in
      let old = state.bytes
      return (change(&state), old)
    }
    return withExtendedLifetime(old) { result }
  }

  /// Appends up to `count` bytes from `offset`; fewer only at the end.
  func read(
    at offset: Int64, count: Int, into buffer: inout ReadBuffer
  ) throws(FilesystemError) {
    let bytes = state.withLock { $0.bytes }
    let count = Int(clamping: min(Int64(count), bytes.count - offset))
    guard offset >= 0, count > 0 else { return }
    switch bytes {
    case .none: break
    case .prefix(of: let version, count: _, under: let lease):
      try backing.read(version, under: lease, at: offset, count: count, into: &buffer)
    case .staged(let file, count: _):
      try buffer.append(upTo: count) { bytes throws(FilesystemError) in
        try file.read(into: &bytes, at: offset)
      }
    }
  }

  /// Returns where the next byte of data or the next hole is, at `offset` or behind it.
  ///
  /// The end of the file counts as a hole, and a version has no other.
  func position(of kind: RangeKind, from offset: Int64) throws(FilesystemError) -> Int64 {
    let bytes = state.withLock { $0.bytes }
    guard offset >= 0, offset < bytes.count else { throw .behindEnd }
    if case .staged(let file, let count) = bytes {
      return min(try file.position(of: kind, from: offset), count)
    }
    return kind == .data ? offset : bytes.count
  }
}
