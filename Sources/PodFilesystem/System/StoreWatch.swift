import Glibc
import Synchronization

/// Waits until some process may have changed a store.
///
/// Every transaction is written to the log of the database, which the kernel tells of (inotify).
/// That comes a moment before the transaction can be read. Where the kernel cannot tell, as when a
/// user has too many such watches, waiting just takes its time.
final class StoreWatch: Sendable {
  /// The descriptor of inotify; negative if there is none.
  private let events: CInt
  private let isStopped = Atomic(false)
  /// A pipe that can be read once waiting is to end, and its other end.
  ///
  /// Without one, waiting goes on until its time is over.
  private let stopped: CInt
  private let stopping: CInt

  /// Watches the database at `path`, which is open.
  init(ofDatabaseAt path: String) {
    events = inotify_init1(CInt(IN_NONBLOCK | IN_CLOEXEC))
    if events >= 0 { _ = unsafe inotify_add_watch(events, path + "-wal", UInt32(IN_MODIFY)) }
    var ends: [CInt] = [-1, -1]
    if unsafe pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
    (stopped, stopping) = (ends[0], ends[1])
  }

  deinit {
    for descriptor in [events, stopped, stopping] where descriptor >= 0 { close(descriptor) }
  }

  /// What ended a wait.
  enum Wake {
    /// Something was written.
    case write
    /// The time is over.
    case time
    /// Nobody wants to know any more.
    case stop
  }

  /// Waits for a write, at most for `milliseconds`.
  func wait(milliseconds: Int) -> Wake {
    // A negative descriptor is passed over.
    var descriptors = [
      pollfd(fd: stopped, events: Int16(POLLIN), revents: 0),
      pollfd(fd: events, events: Int16(POLLIN), revents: 0),
    ]
    let count = unsafe poll(&descriptors, 2, CInt(milliseconds))
    if isStopped.load(ordering: .acquiring) { return .stop }
    guard count > 0 else { return .time }
    var told = [UInt8](repeating: 0, count: 4096)
    while unsafe read(events, &told, told.count) > 0 {}
    return .write
  }

  /// Ends all waiting, for good.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    var byte: UInt8 = 0
    _ = unsafe write(stopping, &byte, 1)
  }
}
