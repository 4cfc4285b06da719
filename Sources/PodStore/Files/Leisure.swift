import Glibc

/// Work that takes only the time of the processor that nobody else wants.
enum Leisure {
  /// Runs `body` on a thread of the lowest priority, and returns when it is done.
  ///
  /// The caller does nothing meanwhile, so it is as if it ran here. It should hold no lock: who
  /// waits for that would wait for all others, too.
  static func run(_ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
      guard let thread = start(Work(isLeisurely: true, body)) else { return body() }
      pthread_join(thread, nil)
    }
  }

  /// Runs `body` on a thread of its own, with the priority of this one; returns whether there is one.
  static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let thread = start(Work(isLeisurely: false, body)) else { return false }
    pthread_detach(thread)
    return true
  }

  /// Runs `body` on a thread of its own, which the caller must join, with the priority of this one.
  static func begin(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    start(Work(isLeisurely: false, body))
  }

  private static func start(_ work: Work) -> pthread_t? {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(work)
    let code = unsafe pthread_create(&thread, nil, performWork, argument.toOpaque())
    if code == 0 { return thread }
    unsafe argument.release()
    return nil
  }

  /// SCHED_IDLE, which the headers hide.
  private static let idle: Int32 = 5

  fileprivate static func lowerPriority() {
    var parameters = sched_param()
    // Where that is not allowed, the work has the priority of the process.
    unsafe sched_setscheduler(0, idle, &parameters)
  }
}

/// What a thread does.
private final class Work {
  let isLeisurely: Bool
  let body: () -> Void

  init(isLeisurely: Bool, _ body: @escaping () -> Void) {
    self.isLeisurely = isLeisurely
    self.body = body
  }
}

private func performWork(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
  if work.isLeisurely { Leisure.lowerPriority() }
  work.body()
  return nil
}
