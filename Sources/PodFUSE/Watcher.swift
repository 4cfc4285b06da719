import CFuse
import Glibc
import PodFilesystem

/// A thread that tells the kernel what other processes change in the store.
@safe struct Watcher: ~Copyable {
  private let filesystem: Filesystem
  private let thread: pthread_t?

  /// Begins to watch for the session of libfuse that serves `filesystem`.
  init(_ filesystem: Filesystem, session: OpaquePointer) {
    self.filesystem = filesystem
    let work = unsafe Unmanaged.passRetained(Work(filesystem, session: session))
    var thread = pthread_t()
    let failure = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, work.toOpaque())
    self.thread = failure == 0 ? thread : nil
    if failure != 0 { unsafe work.release() }
  }

  /// Ends the filesystem, and returns when nobody watches any more.
  consuming func end() {
    filesystem.end()
    if let thread { pthread_join(thread, nil) }
  }

  /// What the thread does.
  private final class Work {
    private let filesystem: Filesystem
    private let session: UInt

    init(_ filesystem: Filesystem, session: OpaquePointer) {
      self.filesystem = filesystem
      self.session = UInt(bitPattern: session)
    }

    func run() {
      let session = session
      let canForgetNames = unsafe Self.forgetNames(of: OpaquePointer(bitPattern: session))
      filesystem.watch(canForgetNames: canForgetNames) { notice in
        unsafe Self.send(notice, to: OpaquePointer(bitPattern: session))
      }
    }

    /// Has the kernel ask for every name again, and tells whether it can: since Linux 6.16, by
    /// FUSE_NOTIFY_INC_EPOCH, which libfuse does not know.
    @discardableResult
    private static func forgetNames(of session: OpaquePointer?) -> Bool {
      let size = MemoryLayout<fuse_out_header>.size
      var message = fuse_out_header(len: UInt32(size), error: 8, unique: 0)
      return unsafe Glibc.write(fuse_session_fd(session), &message, size) == size
    }

    private static func send(_ notice: Notice, to session: OpaquePointer?) {
      switch notice {
      case .names: unsafe forgetNames(of: session)
      case .attributes(let inode):
        // An offset below 0 leaves the cached bytes alone. That the kernel does not know the inode
        // is no failure.
        unsafe fuse_lowlevel_notify_inval_inode(session, inode.value, -1, 0)
      case .wake(let waiter):
        let waiter = unsafe OpaquePointer(bitPattern: waiter.value)
        unsafe fuse_lowlevel_notify_poll(waiter)
        unsafe fuse_pollhandle_destroy(waiter)
      case .drop(let waiter):
        unsafe fuse_pollhandle_destroy(OpaquePointer(bitPattern: waiter.value))
      }
    }
  }
}

extension WaiterNumber {
  /// The number of who polls, or nil if nobody wants to be woken.
  init?(_ handle: OpaquePointer?) {
    guard let handle = unsafe handle else { return nil }
    self.init(UInt(bitPattern: handle))
  }
}
