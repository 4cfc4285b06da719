import Glibc
import Synchronization

/// O_PATH, whose macro Swift does not import: a descriptor to look names up from.
private let pathOnly: Int32 = 0o10_000_000

/// The directory of a store, by which its files are reached.
///
/// A store may have been made by somebody else, so nothing in it decides which file outside of it
/// is read, written or removed: names are looked up from the descriptor of this directory, a
/// symbolic link on the way is refused, and so is anything but a regular file where a file belongs.
/// All methods may be called from any thread.
public final class StoreDirectory: Sendable {
  /// The path as it was given; symbolic links in it are followed.
  public let path: String
  private let descriptor = Mutex<Int32?>(nil)

  /// Creates a value; the directory is opened when it is first needed.
  public init(_ path: String) { self.path = path }

  deinit { descriptor.withLock { if let open = $0 { _ = close(open) } } }

  /// Returns the descriptor of the directory.
  func root() throws(StoreError) -> Int32 {
    try descriptor.withLock { descriptor throws(StoreError) in
      if let descriptor { return descriptor }
      let opened = unsafe Glibc.open(path, pathOnly | O_DIRECTORY | O_CLOEXEC)
      guard opened >= 0 else { throw StoreError(call: "open", path: path, errno: errno) }
      descriptor = opened
      return opened
    }
  }

  /// Opens the file or, with `O_DIRECTORY`, the directory called `name`, and returns its descriptor.
  ///
  /// - Parameter name: a path from the store's directory.
  public func open(
    _ name: String, _ flags: Int32, mode: UInt32 = 0o600
  ) throws(StoreError) -> Int32 {
    try withParent(of: name) { parent, last throws(StoreError) in
      // A FIFO would be waited for.
      let careful = flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
      let opened = unsafe openat(parent, last, careful, mode)
      let failure = errno
      let wanted = flags & O_DIRECTORY != 0 ? S_IFDIR : S_IFREG
      var status = stat()
      guard opened >= 0 else {
        if unsafe fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 {
          try require(status, toBe: wanted, name)
        }
        throw StoreError(call: "open", path: "\(path)/\(name)", errno: failure)
      }
      do throws(StoreError) {
        guard unsafe fstat(opened, &status) == 0 else {
          throw StoreError(call: "stat", path: "\(path)/\(name)", errno: errno)
        }
        try require(status, toBe: wanted, name)
      } catch {
        _ = close(opened)
        throw error
      }
      return opened
    }
  }

  /// Returns the status of what is called `name`, which must be a file or directory; nil without it.
  func status(of name: String) throws(StoreError) -> stat? {
    do throws(StoreError) {
      return try withParent(of: name) { parent, last throws(StoreError) in
        var status = stat()
        guard unsafe fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
          throw StoreError(call: "stat", path: "\(path)/\(name)", errno: errno)
        }
        if status.st_mode & S_IFMT != S_IFDIR { try require(status, toBe: S_IFREG, name) }
        return status
      }
    } catch {
      guard error.isMissingFile else { throw error }
      return nil
    }
  }

  /// Calls `body` with the descriptor of the directory that `name` lies in, and its last part.
  func withParent<Result>(
    of name: String, _ body: (Int32, String) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    var parts = name.split(separator: "/").map { String($0) }
    precondition(!parts.isEmpty && !parts.contains(".."), "a name leads into the store")
    let last = parts.removeLast()
    let root = try root()
    var parent = root
    defer { if parent != root { _ = close(parent) } }
    for (index, part) in parts.enumerated() {
      let next = unsafe openat(parent, part, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        let (failure, name) = (errno, parts[...index].joined(separator: "/"))
        var status = stat()
        if unsafe fstatat(parent, part, &status, AT_SYMLINK_NOFOLLOW) == 0 {
          try require(status, toBe: S_IFDIR, name)
        }
        throw StoreError(call: "open", path: "\(path)/\(name)", errno: failure)
      }
      if parent != root { _ = close(parent) }
      parent = next
    }
    return try body(parent, last)
  }

  private func require(
    _ status: stat, toBe wanted: UInt32, _ name: String
  ) throws(StoreError) {
    let kind = status.st_mode & S_IFMT
    var isOthers = kind == S_IFREG && status.st_nlink > 1
    if isOthers { isOthers = status.st_uid != (try owner()) }
    if kind == wanted, !isOthers { return }
    let text =
      switch kind {
      case _ where isOthers: "another user's file that was linked there"
      case S_IFLNK: "a symbolic link"
      case S_IFIFO: "a FIFO"
      case S_IFDIR: "a directory"
      case S_IFREG: "a file"
      case S_IFSOCK: "a socket"
      default: "a device"
      }
    throw .unexpectedFile(path: "\(path)/\(name)", kind: text)
  }

  /// The absolute path of the directory without symbolic links, for programs that want one.
  var resolvedPath: String {
    get throws(StoreError) {
      guard let resolved = unsafe realpath("/proc/self/fd/\(try root())", nil) else {
        throw StoreError(call: "realpath", path: path, errno: errno)
      }
      defer { unsafe free(resolved) }
      return unsafe String(cString: resolved)
    }
  }

  /// Returns the number of the user who owns the directory.
  func owner() throws(StoreError) -> UInt32 {
    var status = stat()
    guard unsafe fstat(try root(), &status) == 0 else {
      throw StoreError(call: "stat", path: path, errno: errno)
    }
    return status.st_uid
  }
}

/// A file or directory of a store.
struct StorePath: Sendable, CustomStringConvertible {
  let store: StoreDirectory
  /// The path from the store's directory.
  let name: String

  /// The path as a person would write it.
  var description: String { "\(store.path)/\(name)" }

  /// What is called `name` in this directory.
  static func / (directory: StorePath, name: String) -> StorePath {
    StorePath(store: directory.store, name: "\(directory.name)/\(name)")
  }

  /// The path whose name has `suffix` appended.
  func appending(_ suffix: String) -> StorePath {
    StorePath(store: store, name: name + suffix)
  }
}

extension StoreDirectory {
  /// What is called `name` in the store's directory.
  static func / (store: StoreDirectory, name: String) -> StorePath {
    StorePath(store: store, name: name)
  }
}
