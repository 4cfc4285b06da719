public import PodModel
public import PodPickle
public import PodText

/// The blobs of pods in memory.
public struct MemoryBlobs: BlobSource {
  private let pods: MemoryPods

  /// Reads from `pods`.
  public init(_ pods: MemoryPods = MemoryPods()) { self.pods = pods }

  /// Returns the bytes of a blob in `range`.
  public func bytes(of blob: Blob, in range: Range<Int>) throws(BlobError) -> [UInt8] {
    do { return Array(try pods.bytes(of: blob)[range]) } catch { throw BlobError() }
  }

  /// Returns what the index of a blob names, and whether each of them holds bytes.
  public func parts(of blob: Blob) throws(BlobError) -> [(blob: Blob, isData: Bool)] {
    do {
      guard case .parts(let parts) = try blob.contents(of: pods.pods[blob.pod] ?? []) else {
        return []
      }
      return parts.map { ($0, pods.pods[$0.pod]?.count == $0.count + 1) }
    } catch { throw BlobError() }
  }

  /// Returns a name that is good enough for a test.
  public func digest(of bytes: [UInt8]) -> PodID {
    var pods = MemoryPods()
    return pods.put(bytes)
  }
}
