import Glibc
import PodModel

/// An open file, closed when it goes out of scope.
///
/// Reads and writes name their position, so threads may share one.
struct File: ~Copyable, Sendable {
  /// What a file is opened for.
  enum Mode {
    /// Reading a file.
    case reading
    /// Reading and writing a file that must not exist yet.
    case creating
    /// Reading and writing a file that exists.
    case updating
    /// Locking or flushing a directory.
    case directory

    fileprivate var flags: Int32 {
      switch self {
      case .reading: O_RDONLY
      case .creating: O_RDWR | O_CREAT | O_EXCL
      case .updating: O_RDWR
      case .directory: O_RDONLY | O_DIRECTORY
      }
    }
  }

  /// The path it was opened at, for errors.
  let path: String
  let descriptor: Int32

  /// Opens a file of a store.
  init(_ place: StorePath, _ mode: Mode) throws(StoreError) {
    self.init(path: place.description, descriptor: try Self.opened(place, mode))
  }

  private static func opened(_ place: StorePath, _ mode: Mode) throws(StoreError) -> Int32 {
    let descriptor = try place.store.open(place.name, mode.flags)
    guard case .creating = mode else { return descriptor }
    do throws(StoreError) { try place.store.handOver(descriptor, place.name) } catch {
      _ = close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Opens a store's own directory, to lock it.
  init(_ store: StoreDirectory) throws(StoreError) {
    let descriptor = unsafe openat(try store.root(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw StoreError(call: "open", path: store.path, errno: errno) }
    self.init(path: store.path, descriptor: descriptor)
  }

  /// Opens a file that the caller names, for reading; it need not be in a store.
  init(readingAnywhere path: String) throws(StoreError) {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw StoreError(call: "open", path: path, errno: errno) }
    self.init(path: path, descriptor: descriptor)
  }

  /// Takes a descriptor of a file that is open already, and leaves the original to its owner.
  init(duplicating original: Int32, path: String) throws(StoreError) {
    let descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
    if descriptor < 0 { throw StoreError(call: "dup", path: path, errno: errno) }
    self.init(path: path, descriptor: descriptor)
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// The number of digits in the names of files that ``createLocked(in:suffix:)`` makes.
  static let randomNameCount = 32

  /// Makes a file with a name of 32 random digits, locked by the time that anyone may rely on it.
  ///
  /// Whoever finds it before it is locked takes it for left behind, and removes it; then there will
  /// be another.
  static func createLocked(
    in directory: StorePath, suffix: String
  ) throws(StoreError) -> File {
    while true {
      let random = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
      let digits = PodID(words: SIMD4(random[0], random[1], 0, 0)).description
      let name = digits.prefix(randomNameCount) + suffix
      let file = try File(directory / String(name), .creating)
      if try file.tryLock(), try file.isLinked() { return file }
    }
  }

  /// Opens a file of a store for reading, or returns nil if there is none.
  static func ifThere(_ path: StorePath) throws(StoreError) -> File? {
    do throws(StoreError) {
      return try File(path, .reading)
    } catch {
      guard error.isMissingFile else { throw error }
      return nil
    }
  }

  // An error of close is of no use: what must be on disk was flushed before.
  deinit { _ = Glibc.close(descriptor) }

  /// Returns the `count` bytes at `position`, or fewer at the end of the file.
  func read(_ count: Int, at position: Int64) throws(StoreError) -> [UInt8] {
    try ReadBuffer.bytes(capacity: count) { buffer throws(StoreError) in
      try buffer.append(upTo: count) { bytes throws(StoreError) in
        try read(into: &bytes, at: position)
      }
    }
  }

  /// Fills `bytes` with those at `position`; returns how many there are before the end of the file.
  func read(into bytes: inout MutableRawSpan, at position: Int64) throws(StoreError) -> Int {
    var failure: Int32 = 0
    let filled = unsafe bytes.withUnsafeMutableBytes { buffer in
      var filled = 0
      while filled < buffer.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        let got = unsafe pread(descriptor, rest.baseAddress, rest.count, Int(position) + filled)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
      return filled
    }
    if failure != 0 { throw StoreError(call: "read", path: path, errno: failure) }
    return filled
  }

  /// Writes all of `bytes` at `position`.
  func write(_ bytes: RawSpan, at position: Int64) throws(StoreError) {
    let failure: Int32 = unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        let put = unsafe pwrite(descriptor, rest.baseAddress, rest.count, Int(position) + done)
        if put < 0 && errno == EINTR { continue }
        if put < 0 { return errno }
        done += put
      }
      return 0
    }
    if failure != 0 { throw StoreError(call: "write", path: path, errno: failure) }
  }

  /// Returns when what was written is on the disk.
  func flush() throws(StoreError) {
    if fdatasync(descriptor) != 0 { throw StoreError(call: "fdatasync", path: path, errno: errno) }
  }

  /// Has the kernel begin to put what was written on the disk; nothing is certain of it by that.
  ///
  /// Linux writes what is to be dropped before it drops it, and does not wait for that.
  func startFlush(of count: Int, at position: Int64) {
    _ = posix_fadvise(descriptor, Int(position), count, POSIX_FADV_DONTNEED)
  }

  /// Copies a range of another file to `position`, within the kernel.
  func copy(
    _ range: Range<Int64>, of source: borrowing File, to position: Int64
  ) throws(StoreError) {
    guard lseek(descriptor, Int(position), SEEK_SET) >= 0 else {
      throw StoreError(call: "lseek", path: path, errno: errno)
    }
    var offset = Int(range.lowerBound)
    while offset < range.upperBound {
      let count = unsafe sendfile(
        descriptor, source.descriptor, &offset, Int(range.upperBound) - offset)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw StoreError(call: "sendfile", path: path, errno: errno) }
      // The source is shorter than it was.
      if count == 0 { throw StoreError(call: "sendfile", path: source.path, errno: EIO) }
    }
  }

  /// Cuts the file to `size` bytes.
  func truncate(to size: Int64) throws(StoreError) {
    if ftruncate(descriptor, Int(size)) != 0 {
      throw StoreError(call: "truncate", path: path, errno: errno)
    }
  }

  /// The size in bytes.
  func size() throws(StoreError) -> Int64 {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw StoreError(call: "stat", path: path, errno: errno)
    }
    return Int64(status.st_size)
  }

  /// Whether the file still has a name.
  func isLinked() throws(StoreError) -> Bool {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw StoreError(call: "stat", path: path, errno: errno)
    }
    return status.st_nlink > 0
  }

  /// Locks the file, until it is closed in every process that inherited it.
  ///
  /// Returns whether that worked, which it does not while another open file has the lock.
  func tryLock() throws(StoreError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    throw StoreError(call: "flock", path: path, errno: errno)
  }

  /// Locks the file as ``tryLock()`` does, once nobody else has the lock.
  func lock() throws(StoreError) {
    while flock(descriptor, LOCK_EX) != 0 {
      if errno != EINTR { throw StoreError(call: "flock", path: path, errno: errno) }
    }
  }
}
