import CLinux

/// What fallocate(2) is to do with a range.
public struct AllocationMode: OptionSet, Sendable {
  /// The bits, as in fallocate(2).
  public let rawValue: Int32

  /// Creates a mode from its bits; see ``isKnown``.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The size of the file stays.
  public static let keepingSize = Self(rawValue: FALLOC_FL_KEEP_SIZE)
  /// The range becomes zeros and takes no room.
  public static let punching = Self(rawValue: FALLOC_FL_PUNCH_HOLE)
  /// The range becomes zeros and keeps its room.
  public static let zeroing = Self(rawValue: FALLOC_FL_ZERO_RANGE)

  /// Whether workspace files know the mode; only what keeps the size can make a hole.
  public var isKnown: Bool {
    let known: [Self] = [
      [], .keepingSize, [.punching, .keepingSize], .zeroing, [.zeroing, .keepingSize],
    ]
    return known.contains(self)
  }
}
