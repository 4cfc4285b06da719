import Synchronization

/// Counts the seals of a workspace, so that who read the store before one notices that it is late.
final class SealCount: Sendable {
  private let count = Atomic<Int>(0)

  /// The number of seals so far.
  var value: Int { count.load(ordering: .acquiring) }

  /// Counts one, after the store has it and before the file says so.
  func increment() { count.add(1, ordering: .acquiringAndReleasing) }
}
