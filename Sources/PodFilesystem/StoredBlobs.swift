public import PodModel
public import PodPickle
public import PodStore
public import PodText
import Synchronization

/// The blobs of a store, for texts and comparisons.
public final class StoredBlobs: BlobSource {
  private let store: Store
  /// Blobs that were read from lately: their indexes are read once.
  private let contents = Mutex<[Blob: Content]>([:])
  private let failure = Mutex<StoreError?>(nil)
  private let isWanted: @Sendable () -> Bool

  private static let contentLimit = 256

  /// Reads from `store`, as long as it is wanted.
  public init(_ store: Store, isWanted: @escaping @Sendable () -> Bool = { true }) {
    self.store = store
    self.isWanted = isWanted
  }

  /// Returns what `body` returns; throws what the store threw if a blob could not be read.
  public func run<Result>(
    _ body: (StoredBlobs) throws(BlobError) -> Result
  ) throws(StoreError) -> Result {
    do { return try body(self) } catch {
      guard let cause = failure.withLock({ $0 }) else {
        preconditionFailure("a blob that could not be read has a cause")
      }
      throw cause
    }
  }

  /// Returns the bytes of a blob in `range`.
  public func bytes(of blob: Blob, in range: Range<Int>) throws(BlobError) -> [UInt8] {
    try noting { () throws(StoreError) in
      try content(of: blob).read(at: Int64(range.lowerBound), count: range.count)
    }
  }

  /// Returns what the index of a blob names, and whether each of them holds bytes.
  public func parts(of blob: Blob) throws(BlobError) -> [(blob: Blob, isData: Bool)] {
    try noting { () throws(StoreError) in try content(of: blob).parts(of: blob) }
  }

  /// Returns the SHA-256 digest of `bytes`.
  public func digest(of bytes: [UInt8]) -> PodID { PodID(digestOf: bytes) }

  /// Throws once nobody wants anything any more.
  public func checkIsWanted() throws(BlobError) { try noting { () throws(StoreError) in } }

  /// Returns what a raw deflate stream makes; nil if that is not `count` bytes.
  public func inflate(_ bytes: [UInt8], count: Int) -> [UInt8]? {
    Inflater.decompress(raw: bytes, count: count)
  }

  private func content(of blob: Blob) -> Content {
    contents.withLock { contents in
      if let known = contents[blob] { return known }
      if contents.count >= Self.contentLimit { contents = [:] }
      let content = store.open(blob)
      contents[blob] = content
      return content
    }
  }

  private func noting<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(BlobError) -> Result {
    do throws(StoreError) {
      guard isWanted() else { throw .interrupted }
      return try body()
    } catch {
      failure.withLock { $0 = $0 ?? error }
      throw BlobError()
    }
  }
}
