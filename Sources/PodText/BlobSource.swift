public import PodModel
public import PodPickle

/// Where the bytes are that a graph left in pods.
///
/// A source remembers why it could not read; here it only matters that it could not.
public protocol BlobSource {
  /// Returns the bytes of a blob in `range`, which lies within it.
  func bytes(of blob: Blob, in range: Range<Int>) throws(BlobError) -> [UInt8]
  /// Returns what the index of a blob names, in order, and whether each of them holds bytes; nothing
  /// if the blob itself holds bytes.
  func parts(of blob: Blob) throws(BlobError) -> [(blob: Blob, isData: Bool)]
  /// Returns the SHA-256 digest of `bytes`.
  func digest(of bytes: [UInt8]) -> PodID
  /// Returns what a raw deflate stream makes; nil if that is not `count` bytes.
  func inflate(_ bytes: [UInt8], count: Int) -> [UInt8]?
  /// Throws once nobody wants the text any more; asked now and then where nothing is read.
  func checkIsWanted() throws(BlobError)
}

extension BlobSource {
  /// Returns what a blob consists of, in order and unread: the pods that its bytes are in.
  func pieces(of blob: Blob) throws(BlobError) -> [Blob] {
    var pieces: [Blob] = []
    var work = [(blob: blob, isData: false)]
    while let (next, isData) = work.popLast() {
      let parts = isData ? [] : try parts(of: next)
      if parts.isEmpty { pieces.append(next) }
      work += parts.reversed()
    }
    return pieces
  }

  /// Does nothing: somebody waits for the text.
  public func checkIsWanted() throws(BlobError) {}

  /// Returns nil: what is compressed is told by its checksum.
  public func inflate(_ bytes: [UInt8], count: Int) -> [UInt8]? { nil }
}

/// A blob could not be read; its source knows why.
public struct BlobError: Error {
  /// Creates the error.
  public init() {}
}

/// The bytes of a text or a buffer: in memory, or in pods that are read when they are wanted.
enum Payload {
  case memory([UInt8])
  case stored(Blob, any BlobSource)

  /// The number of bytes.
  var count: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .stored(let blob, _): blob.count
    }
  }

  /// Returns the bytes in `range`, which lies within the payload.
  func bytes(in range: Range<Int>) throws(BlobError) -> [UInt8] {
    switch self {
    case .memory(let bytes): Array(bytes[range])
    case .stored(let blob, let source): try source.bytes(of: blob, in: range)
    }
  }

  /// Returns all bytes.
  func bytes() throws(BlobError) -> [UInt8] {
    if case .memory(let bytes) = self { return bytes }
    return try bytes(in: 0..<count)
  }
}
