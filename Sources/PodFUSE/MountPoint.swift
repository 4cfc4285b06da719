import CFuse
import Glibc

/// A directory that a store is about to be mounted on; no other podfs mounts there as long as the
/// value lives.
public struct MountPoint: ~Copyable {
  /// The absolute path, without symlinks.
  public let path: String
  /// The directory, whose lock is the turn to mount on it.
  private let turn: Int32

  /// Checks that a store can be mounted at `path`; what a daemon left there that was killed is
  /// detached first.
  public init(_ path: String, forStoreAt store: String) throws(MountError) {
    // A daemon that was killed twice left two.
    for _ in 0..<16 where Self.isStale(path) {
      try Self.detach(path)
    }
    let turn = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard turn >= 0 else {
      switch errno {
      case ENOENT: throw .missing(path: path)
      case ENOTDIR: throw .notDirectory(path: path)
      case let error: throw .refused(path: path, errno: error)
      }
    }
    do throws(MountError) {
      guard flock(turn, LOCK_EX | LOCK_NB) == 0 else { throw .taken(path: path) }
      self.path = try Self.checked(path, forStoreAt: store)
    } catch {
      close(turn)
      throw error
    }
    self.turn = turn
  }

  deinit { close(turn) }

  private static func checked(
    _ path: String, forStoreAt store: String
  ) throws(MountError) -> String {
    let absolute = absolute(path)
    let store = Self.absolute(store)
    guard absolute != store, !absolute.hasPrefix(store + "/") else {
      throw .insideStore(path: path, store: store)
    }
    guard !store.hasPrefix(absolute == "/" ? "/" : absolute + "/") else {
      throw .aroundStore(path: path, store: store)
    }
    let mounts = try MountTable.read().map(\.path)
    guard !mounts.contains(absolute) else { throw .alreadyMounted(path: path) }
    if let mount = mounts.last(where: { absolute.hasPrefix($0 + "/") }) {
      throw .insideMount(path: path, mount: mount)
    }
    guard try isEmpty(path) else { throw .notEmpty(path: path) }
    return absolute
  }

  /// Ends the mount at `path`, which is as in ``MountTable``; fails while it is in use.
  ///
  /// With `lazily`, it is gone at once even so, and its daemon ends with the last use. Does not wait
  /// for a daemon that hangs.
  public static func unmount(_ path: String, lazily: Bool = false) throws(MountError) {
    guard try MountTable.read().contains(where: { $0.path == path }) else {
      throw .notMounted(path: path)
    }
    if lazily { return try detach(path) }
    if unsafe umount2(path, 0) == 0 { return }
    switch errno {
    case EPERM: try runFusermount(["-u"], path)
    case EBUSY where isStale(path): try detach(path)
    case EBUSY: throw .busy(path: path)
    case EINVAL, ENOENT: throw .notMounted(path: path)
    case let error: throw .refused(path: path, errno: error)
    }
  }

  /// Whether a daemon that is gone left its mount at `path`.
  public static func isStale(_ path: String) -> Bool {
    // The kernel may still know what stat(2) asks for.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 { close(descriptor) }
    return descriptor < 0 && errno == ENOTCONN
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

  private static func absolute(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Runs the program that may unmount for an ordinary user.
  private static func runFusermount(_ options: [String], _ path: String) throws(MountError) {
    let arguments = ["fusermount3"] + options + ["--", path]
    var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    let (status, text) = CapturedErrors.during { () -> Int32 in
      var process = pid_t()
      let failure = unsafe posix_spawnp(&process, "fusermount3", nil, nil, &pointers, environ)
      guard failure == 0 else { return -1 }
      var status: Int32 = 0
      while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
      return status
    }
    if status == 0 { return }
    // Its exit code is the same whatever the reason is.
    if text.contains("busy") { throw .busy(path: path) }
    throw .failed(path: path, text: text.isEmpty ? "fusermount3 cannot be run" : text)
  }
}
