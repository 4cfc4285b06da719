public import PodModel

/// A long run of bytes that is kept in pods of its own, and not read yet.
public struct Blob: Hashable, Sendable {
  /// Runs over this length, in bytes, are cut by content into pods of their own.
  public static let threshold = 4096

  /// The number of bytes.
  public let count: Int
  /// The pod that holds the bytes, or the index of the pods that do.
  public let pod: PodID

  /// Creates a blob from its parts.
  public init(count: Int, pod: PodID) {
    self.count = count
    self.pod = pod
  }
}
