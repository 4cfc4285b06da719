import Glibc

/// Work that nobody waits for, on a thread that yields to all others.
enum BackgroundThread {
  private final class Work {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// The lowest priority that still gets some time when all processors are busy: others may wait for
  /// a lock that the thread holds.
  private static let niceness: CInt = 10

  /// Runs `body` on a thread of its own; not at all, if there can be none.
  static func detach(_ body: @escaping @Sendable () -> Void) {
    if let thread = begin(body) { pthread_detach(thread) }
  }

  /// Runs `body` on a thread of its own, which the caller must join; not at all, if there can be none.
  static func begin(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var thread = pthread_t()
    let work = unsafe Unmanaged.passRetained(Work(body))
    let failure = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        // Linux takes it for that of the thread alone.
        setpriority(CInt(PRIO_PROCESS.rawValue), 0, BackgroundThread.niceness)
        unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    if failure == 0 { return thread }
    unsafe work.release()
    return nil
  }
}
