import CFuse
import Glibc
public import PodFilesystem

/// A filesystem that is mounted, from its making to its end.
///
/// Requests wait from the mount on and are answered while ``serve(stoppingAtSignals:onReady:)``
/// runs. When the value ends, so does the mount.
@safe public struct Mount: ~Copyable {
  /// Where it is mounted: the absolute path.
  public let path: String
  private let session: OpaquePointer
  private let filesystem: Unmanaged<Filesystem>
  private let asCaller: Privilege

  /// Runs something with the permissions of whoever mounts, where the store is used with others.
  public typealias Privilege = (_ body: () -> Void) -> Void

  /// Whether this process may mount.
  public static var isAvailable: Bool { deviceError == nil }

  private static var deviceError: Int32? {
    let descriptor = unsafe open("/dev/fuse", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return errno }
    close(descriptor)
    return nil
  }

  /// Mounts `filesystem` at `path`.
  ///
  /// - Parameter asCaller: how the mount point and `/dev/fuse` are used; requests are answered with
  ///   the permissions of the thread that serves.
  public init(
    _ filesystem: Filesystem, at path: String, options: MountOptions = MountOptions(),
    asCaller: @escaping Privilege = { $0() }
  ) throws(MountError) {
    let retained = unsafe Unmanaged.passRetained(filesystem)
    var mounted: Result<(session: OpaquePointer, path: String), MountError>?
    asCaller {
      do throws(MountError) {
        unsafe mounted = .success(
          try Self.mounted(retained, at: path, source: filesystem.storePath, options))
      } catch { unsafe mounted = .failure(error) }
    }
    switch unsafe mounted {
    case .success(let mount)?:
      self.path = unsafe mount.path
      unsafe session = mount.session
      unsafe self.filesystem = retained
      self.asCaller = asCaller
    case .failure(let error)?:
      unsafe retained.release()
      throw error
    case nil: preconditionFailure("whoever gives permissions runs what needs them")
    }
  }

  deinit {
    let session = unsafe session
    asCaller { unsafe fuse_session_unmount(session) }
    unsafe fuse_session_destroy(session)
    unsafe filesystem.release()
  }

  private static func mounted(
    _ filesystem: Unmanaged<Filesystem>, at path: String, source: String, _ options: MountOptions
  ) throws(MountError) -> (session: OpaquePointer, path: String) {
    if let error = deviceError { throw .noDevice(errno: error) }
    let point = try MountPoint(path, forStoreAt: source)
    let (session, text) = unsafe CapturedErrors.during {
      unsafe Self.session(filesystem, mountedAt: point.path, source: source, options)
    }
    guard let session = unsafe session else { throw .failed(path: path, text: text) }
    return unsafe (session, point.path)
  }

  private static func session(
    _ filesystem: Unmanaged<Filesystem>, mountedAt path: String, source: String,
    _ options: MountOptions
  ) -> OpaquePointer? {
    guard let session = unsafe Self.session(filesystem, source: source, options) else { return nil }
    if unsafe fuse_session_mount(session, path) == 0, unsafe podfs_session_hook(session) == 0 {
      return unsafe session
    }
    unsafe fuse_session_unmount(session)
    unsafe fuse_session_destroy(session)
    return nil
  }

  /// Makes a session of libfuse; `source` is what the list of mounts shows.
  private static func session(
    _ filesystem: Unmanaged<Filesystem>, source: String, _ options: MountOptions
  ) -> OpaquePointer? {
    // Commas part options and backslashes escape them.
    let name = source.reduce(into: "") { $0 += ",\\".contains($1) ? "\\\($1)" : "\($1)" }
    let list = ["fsname=\(name)", "subtype=podfs"] + options.words
    let words = ["podfs", "-o", list.joined(separator: ",")]
    var pointers = unsafe words.map { unsafe strdup($0) }
    defer { unsafe pointers.forEach { unsafe free($0) } }
    var operations = operations()
    return unsafe pointers.withUnsafeMutableBufferPointer { pointers in
      var arguments = unsafe fuse_args(
        argc: Int32(words.count), argv: pointers.baseAddress, allocated: 0)
      return unsafe podfs_session_new(
        &arguments, &operations, MemoryLayout<fuse_lowlevel_ops>.size, filesystem.toOpaque())
    }
  }

  /// Answers requests until the mount is ended.
  ///
  /// With `stoppingAtSignals`, SIGTERM, SIGINT and SIGHUP end it too; only one mount of a process
  /// can have that. `onReady` is called when the mount can be used.
  public consuming func serve(
    stoppingAtSignals: Bool, onReady: () -> Void
  ) throws(MountError) {
    if stoppingAtSignals {
      var none = sigset_t()
      unsafe sigemptyset(&none)
      unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
      unsafe fuse_set_signal_handlers(session)
    }
    defer { if stoppingAtSignals { unsafe fuse_remove_signal_handlers(session) } }
    let configuration = unsafe fuse_loop_cfg_create()
    defer { unsafe fuse_loop_cfg_destroy(configuration) }
    // A close waits for the disk; others should not wait for it.
    unsafe fuse_loop_cfg_set_max_threads(configuration, 64)
    unsafe fuse_loop_cfg_set_idle_threads(configuration, 16)
    greet()
    let path = path
    asCaller { ReadAhead.set(forMountAt: path) }
    unsafe filesystem.takeUnretainedValue().mounted(at: path)
    unsafe filesystem.takeUnretainedValue().use(KernelFiles(of: session))
    let watcher = unsafe Watcher(filesystem.takeUnretainedValue(), session: session)
    onReady()
    let result = unsafe podfs_session_loop(session, configuration)
    watcher.end()
    // Positive is the signal that ended it.
    if result < 0 { throw .ended(path: path, errno: -result) }
  }

  /// Answers the first request, in which the kernel and libfuse agree on how they speak.
  ///
  /// Until then the kernel keeps all others waiting and takes no settings.
  private borrowing func greet() {
    var request = unsafe fuse_buf()
    defer { unsafe free(request.mem) }
    while unsafe fuse_session_exited(session) == 0 {
      let count = unsafe fuse_session_receive_buf(session, &request)
      if count > 0 { unsafe fuse_session_process_buf(session, &request) }
      if count != -EINTR { return }
    }
  }
}
