import Glibc

/// Work on a thread of its own, whose end is waited for when this goes away.
///
/// So no thread outlives the call that began it.
struct ConcurrentWork: ~Copyable, Sendable {
  private let thread: pthread_t?

  /// Begins `body`; where there is no thread for it, it runs at once.
  init(_ body: @escaping @Sendable () -> Void) {
    thread = Leisure.begin(body)
    if thread == nil { body() }
  }

  deinit { if let thread { pthread_join(thread, nil) } }
}
