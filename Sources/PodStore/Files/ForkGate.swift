import Glibc
import Synchronization

/// Keeps a fork from happening in the middle of a transaction of another thread.
///
/// A child inherits what SQLite remembers of the locks of this process, and would believe that it
/// has them. Between transactions there are none. So each use of a connection is a passage of the
/// gate, of which there may be many at once, and a fork waits until nobody is passing.
enum ForkGate {
  /// How many are passing, or ``forking``.
  private static let state = Atomic<UInt64>(0)
  private static let forking = UInt64.max

  /// Runs `body` while no other thread can fork; it may pass the gate again.
  static func pass<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    _ = isWatched
    enter()
    defer { state.subtract(1, ordering: .releasing) }
    return try body()
  }

  private static func enter() {
    while true {
      let passing = state.load(ordering: .relaxed)
      if passing == forking {
        usleep(20)
      } else if state.weakCompareExchange(
        expected: passing, desired: passing + 1, ordering: .acquiring
      ).exchanged {
        return
      }
    }
  }

  /// Whether forks of this process look at the gate, from the first use on.
  private static let isWatched =
    pthread_atfork(
      {
        while !ForkGate.close() { usleep(20) }
      }, { ForkGate.open() }, { ForkGate.open() }) == 0

  private static func close() -> Bool {
    state.compareExchange(expected: 0, desired: forking, ordering: .acquiring).exchanged
  }

  private static func open() { state.store(0, ordering: .releasing) }
}
