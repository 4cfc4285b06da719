import Glibc

/// Standard error as a file.
enum StandardError {
  /// Which file it is, and how long.
  struct State {
    /// The disk and the number of the file.
    let identity: [UInt64]
    /// The number of bytes.
    let size: Int64

    fileprivate init(_ status: stat) {
      identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
      size = Int64(status.st_size)
    }
  }

  /// Returns its state, or nil if it is closed.
  static var state: State? {
    var status = stat()
    return unsafe fstat(STDERR_FILENO, &status) == 0 ? State(status) : nil
  }

  /// Returns the state that it would have if it were the file at `path`, or nil if there is none.
  static func state(at path: String) -> State? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? State(status) : nil
  }

  /// Makes it the file at `path`, which is made if it is not there; false if that is impossible.
  @discardableResult
  static func open(_ path: String) -> Bool {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK
    guard let file = try? Descriptor(opening: path, flags, mode: 0o600) else { return false }
    return dup2(file.number, STDERR_FILENO) >= 0
  }

  /// Empties the file.
  static func empty() { _ = ftruncate(STDERR_FILENO, 0) }

  /// Takes the only lock on the file, held until it is replaced; false if another process has it.
  static func lock() -> Bool { flock(STDERR_FILENO, LOCK_EX | LOCK_NB) == 0 }
}
