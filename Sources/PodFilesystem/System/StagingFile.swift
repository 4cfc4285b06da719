import CLinux
import Glibc
import PodStore

/// O_TMPFILE, whose macro Swift cannot import: open a file without a name in a directory.
private let unnamedFile: CInt = 0o20_000_000 | O_DIRECTORY

/// The bytes of one workspace file that are not sealed yet, in the store's staging directory.
///
/// It has no name, so however the daemon ends, the disk gets its room back and nothing is left to
/// be cleaned up. The system calls may run on any thread at once; who changes a file whose bytes
/// are being sealed is for ``WorkspaceFile`` to order.
final class StagingFile: Sendable {
  let descriptor: CInt

  /// A path that leads to the file as long as this process has it open.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// The folders of a store that hold such files.
  enum Folder: String {
    /// Bytes that are not sealed yet.
    case staging
    /// Bytes that can be deleted at any time.
    case cache
  }

  /// Makes an empty file in a folder of `store`.
  init(in store: StoreDirectory, _ folder: Folder) throws(FilesystemError) {
    let directory = try Self.open(folder, of: store)
    defer { close(directory) }
    let flags = O_RDWR | O_CLOEXEC
    let unnamed = unsafe openat(directory, ".", flags | unnamedFile, 0o600)
    guard unnamed < 0 else {
      descriptor = unnamed
      return
    }
    // Some filesystems have no O_TMPFILE: overlayfs before Linux 6.3, and NFS.
    guard [EOPNOTSUPP, EISDIR].contains(Glibc.errno) else { throw .staging(Glibc.errno) }
    let name = "\(UInt64.random(in: .min ... .max))"
    descriptor = unsafe openat(directory, name, flags | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0 else { throw .staging(Glibc.errno) }
    unsafe unlinkat(directory, name, 0)
  }

  private static func open(
    _ folder: Folder, of store: StoreDirectory
  ) throws(FilesystemError) -> CInt {
    do throws(StoreError) {
      return try store.open(folder.rawValue, O_RDONLY | O_DIRECTORY)
    } catch { throw .store(error) }
  }

  deinit { close(descriptor) }

  /// Fills `bytes` from `offset`; returns how many there are before the end of the file.
  func read(
    into bytes: inout MutableRawSpan, at offset: Int64
  ) throws(FilesystemError) -> Int {
    var failure: CInt?
    let filled = unsafe bytes.withUnsafeMutableBytes { buffer in
      var filled = 0
      while filled < buffer.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        let got = unsafe pread(descriptor, rest.baseAddress, rest.count, Int(offset) + filled)
        if got > 0 { filled += got }
        if got == 0 { break }
        if got < 0, Glibc.errno != EINTR {
          failure = Glibc.errno
          break
        }
      }
      return filled
    }
    if let failure { throw .staging(failure) }
    return filled
  }

  /// Writes `bytes` at `offset` and returns how many were written; fewer when the disk is full.
  func write(_ bytes: Span<UInt8>, at offset: Int64) throws(FilesystemError) -> Int {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(droppingFirst: written)
      let count = unsafe rest.withUnsafeBufferPointer { buffer in
        unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, Int(offset) + written)
      }
      if count >= 0 {
        written += count
      } else if Glibc.errno != EINTR {
        guard written == 0 else { break }
        throw .staging(Glibc.errno)
      }
    }
    return written
  }

  /// Cuts the file, or lets it grow with zeros.
  func truncate(to size: Int64) throws(FilesystemError) {
    guard ftruncate(descriptor, Int(size)) == 0 else { throw .staging(Glibc.errno) }
  }

  /// Reserves room for a range, or makes it zeros.
  func allocate(
    _ count: Int64, at offset: Int64, _ mode: AllocationMode
  ) throws(FilesystemError) {
    while podfs_fallocate(descriptor, mode.rawValue, Int(offset), Int(count)) != 0 {
      guard Glibc.errno == EINTR else { throw .staging(Glibc.errno) }
    }
  }

  /// How many blocks of 512 bytes the disk has for the file.
  var blocks: Int64 {
    var status = stat()
    // A descriptor of one's own has a status.
    unsafe fstat(descriptor, &status)
    return Int64(status.st_blocks)
  }

  /// Returns where the next byte of data or the next hole is, at `offset` or behind it.
  func position(of kind: RangeKind, from offset: Int64) throws(FilesystemError) -> Int64 {
    let found = lseek(descriptor, Int(offset), kind == .data ? SEEK_DATA : SEEK_HOLE)
    guard found >= 0 else {
      throw Glibc.errno == ENXIO ? .behindEnd : .staging(Glibc.errno)
    }
    return Int64(found)
  }

  /// Copies the file to a new file called `name` in the staging folder of `store`.
  func keep(as name: String, in store: StoreDirectory) throws(FilesystemError) {
    let directory = try Self.open(.staging, of: store)
    defer { close(directory) }
    let copy = unsafe openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard copy >= 0 else { throw .staging(Glibc.errno) }
    defer { close(copy) }
    var offset = 0
    while true {
      let count = unsafe sendfile(copy, descriptor, &offset, 1 << 30)
      if count == 0 { return }
      guard count > 0 else { throw .staging(Glibc.errno) }
    }
  }
}
