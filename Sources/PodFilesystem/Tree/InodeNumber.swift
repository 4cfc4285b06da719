/// The number of a file or directory in the mount, as `ls -i` shows it.
public struct InodeNumber: Hashable, Sendable {
  /// The number itself.
  public let value: UInt64

  /// Wraps a number; whether anything has it is for the filesystem to say.
  public init(_ value: UInt64) { self.value = value }

  /// The directory that is mounted.
  public static let root = InodeNumber(1)
}
