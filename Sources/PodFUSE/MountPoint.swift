import CFuse
import Glibc

/// A path that a store is to be mounted on, or is mounted on.
public struct MountPoint: Sendable {
  /// The absolute path, without symlinks.
  public let path: String

  /// Checks that a store can be mounted at `path`; what a daemon left there that was killed is
  /// detached first.
  public init(_ path: String, forStoreAt store: String) throws(MountError) {
    // A daemon that was killed twice left two.
    for _ in 0..<16 where Self.isStale(path) {
      try Self.detach(path)
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw errno == ENOENT ? .missing(path: path) : .refused(path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notDirectory(path: path) }
    let absolute = Self.absolute(path)
    let store = Self.absolute(store)
    guard absolute != store, !absolute.hasPrefix(store + "/") else {
      throw .insideStore(path: path, store: store)
    }
    guard try Self.isEmpty(path) else {
      throw Self.isMounted(path) ? .alreadyMounted(path: path) : .notEmpty(path: path)
    }
    self.path = absolute
  }

  /// Ends the mount at `path`; fails while it is in use.
  ///
  /// With `lazily`, it is gone at once even so, and its daemon ends with the last use.
  public static func unmount(_ path: String, lazily: Bool = false) throws(MountError) {
    if lazily || isStale(path) { return try detach(path) }
    let path = absolute(path)
    guard isMounted(path) else { throw .notMounted(path: path) }
    if unsafe umount2(path, 0) == 0 { return }
    switch errno {
    case EPERM: try runFusermount(["-u"], path)
    case EBUSY: throw .busy(path: path)
    case EINVAL: throw .notMounted(path: path)
    case let error: throw .refused(path: path, errno: error)
    }
  }

  /// Whether a daemon that is gone left its mount at `path`.
  private static func isStale(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) != 0 && errno == ENOTCONN
  }

  private static func detach(_ path: String) throws(MountError) {
    if unsafe umount2(path, Int32(MNT_DETACH)) == 0 { return }
    guard errno == EPERM else { throw .refused(path: path, errno: errno) }
    try runFusermount(["-u", "-z"], path)
  }

  private static func isEmpty(_ path: String) throws(MountError) -> Bool {
    guard let directory = unsafe opendir(path) else {
      throw .refused(path: path, errno: errno)
    }
    defer { unsafe closedir(directory) }
    var count = 0
    while unsafe readdir(directory) != nil { count += 1 }
    return count <= 2
  }

  /// Whether `path` is another file system than the directory that holds it.
  private static func isMounted(_ path: String) -> Bool {
    var status = stat()
    var parent = stat()
    return unsafe stat(path, &status) == 0 && stat(path + "/..", &parent) == 0
      && (status.st_dev != parent.st_dev)
  }

  private static func absolute(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Runs the program that may unmount for an ordinary user.
  private static func runFusermount(_ options: [String], _ path: String) throws(MountError) {
    let arguments = ["fusermount3", "-q"] + options + ["--", path]
    var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    var process = pid_t()
    let failure = unsafe posix_spawnp(&process, "fusermount3", nil, nil, &pointers, environ)
    guard failure == 0 else { throw .refused(path: path, errno: failure) }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw .busy(path: path) }
  }
}
