/// Where in a value a pod stands: the way from the root, or what a run of items ends with.
///
/// The pods of one site in two versions of a value are probably alike, so that the later one can be
/// kept as its difference from the earlier. A site is a hint: it names nothing, and says nothing of
/// what the pod holds.
public struct PodSite: Hashable, Sendable, BitwiseCopyable {
  private let hash: UInt64

  /// The site of a whole value; values that may be versions of each other have the same `seed`.
  public init(seed: UInt64 = 0) { hash = mix(seed, 0x5e) }

  /// The site of a whole value, with a seed made of a text.
  public init(text: String) {
    let source = ByteSource(Array(text.utf8))
    self.init(seed: source.hash(0..<source.count))
  }

  private init(hash: UInt64) { self.hash = hash }

  /// The site that is one step further in: by an index, or by the hash of a key or a border.
  @inline(__always)
  func step(_ label: UInt64) -> PodSite { PodSite(hash: mix(hash, label &+ 1)) }
}
