import Glibc
import Synchronization

/// Work on a thread of its own that goes on when the call that began it returns.
public final class BackgroundWork: Sendable {
  private let isOver = Atomic(false)

  /// Begins `body`; where there is no thread for it, it runs at once.
  public init(_ body: @escaping @Sendable () -> Void) {
    let hasThread = Leisure.detach {
      body()
      self.isOver.store(true, ordering: .releasing)
    }
    if !hasThread {
      body()
      isOver.store(true, ordering: .releasing)
    }
  }

  /// Waits until it is done, at most so many steps of 0.2 ms; returns whether it is.
  public func wait(steps: Int64 = .max) -> Bool {
    var rest = steps
    while !isOver.load(ordering: .acquiring) {
      guard rest > 0 else { return false }
      usleep(200)
      rest -= 1
    }
    return true
  }
}
