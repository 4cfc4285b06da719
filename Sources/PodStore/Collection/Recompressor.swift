import PodModel
import PodPickle

/// Finds smaller forms of pods that were written in a hurry.
///
/// Pods that stand together are of one kind: where one does not shrink, the next few are not tried.
struct Recompressor: ~Copyable {
  private static let restAfterFailure = 127

  private let deflater = Deflater(.best)
  private let digest = Digest()
  private var rest = 0

  /// Returns a smaller form of a pod with what the index says of it, or nil if it stays as it is.
  ///
  /// A pod in zlib format must lose a fiftieth, one that is kept as it is a fifth: long arrays of
  /// numbers are read without inflating them.
  mutating func smaller(
    _ pod: PodRow, stored: () throws(StoreError) -> [UInt8]
  ) throws(StoreError) -> (pod: PodRow, stored: [UInt8])? {
    guard Self.mayShrink(pod) else { return nil }
    guard rest == 0 else {
      rest -= 1
      return nil
    }
    guard let shrunk = shrink(pod, stored: try stored()) else {
      rest = Self.restAfterFailure
      return nil
    }
    return shrunk
  }

  /// Whether it is worth to look at a pod's bytes.
  static func mayShrink(_ pod: PodRow) -> Bool {
    pod.location.codec != .delta && pod.location.count >= Compressibility.minimumCount
  }

  /// Tells whether a pack would lose a twentieth or more, from samples of what it holds.
  func pays(for pack: SealedPack, _ samples: [PodRow]) throws(StoreError) -> Bool {
    var (before, after) = (0, 0)
    for pod in samples {
      let at = pod.location
      let stored = try pack.bytes(in: at.position..<at.position + Int64(at.storedCount))
      guard stored.count == at.storedCount else { continue }
      before += at.storedCount
      after += shrink(pod, stored: stored)?.pod.location.storedCount ?? at.storedCount
    }
    return before - after > before / 20
  }

  private func shrink(_ pod: PodRow, stored: [UInt8]) -> (pod: PodRow, stored: [UInt8])? {
    var bytes = stored
    var limit = Compressibility.limit(for: stored.count)
    if pod.location.codec == .zlib {
      guard let plain = Inflater.decompress(stored, count: pod.location.count) else { return nil }
      bytes = plain
      limit = stored.count - stored.count / 50
    }
    guard let packed = bytes.withSpan({ deflater.compress($0, limit: limit) }),
      bytes.withSpan({ digest($0) }) == pod.id
    else { return nil }
    var location = pod.location
    location.codec = .zlib
    location.storedCount = packed.count
    let isLeaf = bytes[0] == PodFormat.dataKind
    return (PodRow(id: pod.id, location: location, base: nil, isLeaf: isLeaf), packed)
  }
}
