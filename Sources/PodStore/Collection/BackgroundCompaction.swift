import Glibc
import Synchronization

/// Compaction beside the work of a process that saves, once it has been at it for some seconds.
///
/// There is one thread for it in a process, and it ends before the process does. A process that was
/// forked has none until it saves.
final class BackgroundCompaction: Sendable {
  private static let delay = Duration.seconds(5)
  private static let pause = Duration.seconds(60)

  /// The process that compaction is running in, so that a forked child knows it is another's.
  private static let runningIn = Atomic<Int32>(0)
  private static let isEnding = Atomic<Bool>(false)
  private static let endsBeforeExit = atexit { BackgroundCompaction.end() } == 0

  private let next = Mutex<ContinuousClock.Instant?>(nil)

  /// Is told that the process has saved something.
  func wake(_ engine: Engine) {
    let now = ContinuousClock.now
    let isDue = next.withLock { next in
      guard let due = next, now >= due else {
        next = next ?? now + Self.delay
        return false
      }
      next = now + Self.pause
      return true
    }
    if isDue { Self.start(engine) }
  }

  private static func start(_ engine: Engine) {
    let process = CurrentProcess.id
    let other = runningIn.exchange(process, ordering: .acquiringAndReleasing)
    guard other != process, endsBeforeExit else { return }
    let isStarted = Leisure.detach {
      do throws(StoreError) {
        try Compactor.run(in: engine) { !isEnding.load(ordering: .relaxed) }
      } catch {
        // Nothing is lost by it. It will be tried again, and `podfs gc` says what is wrong.
      }
      runningIn.store(0, ordering: .releasing)
    }
    if !isStarted { runningIn.store(0, ordering: .releasing) }
  }

  /// Waits for the end of compaction, which is near: libraries that it uses end with the process.
  private static func end() {
    isEnding.store(true, ordering: .relaxed)
    for _ in 0..<1000 where runningIn.load(ordering: .acquiring) == CurrentProcess.id {
      usleep(1000)
    }
  }
}
