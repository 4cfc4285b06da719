import Synchronization

/// Counts the changes of a workspace's files, so that who read the store before one notices that it
/// is late.
final class SealCount: Sendable {
  private let count = Atomic<Int>(0)

  /// The number of changes so far.
  var value: Int { count.load(ordering: .acquiring) }

  /// Counts one, after the store has it and before the file says so.
  func increment() { count.add(1, ordering: .acquiringAndReleasing) }
}
