import Glibc

/// Bytes that stay in place while they are read.
///
/// A source either owns its memory or stands for memory that the caller keeps
/// alive and unchanged for as long as the source, or a graph over it, is used.
/// Every access is checked against ``count``.
@safe public struct ByteSource {
  let base: UnsafeRawPointer
  private let owner: Allocation?

  /// The number of bytes.
  public let count: Int

  /// Creates a source with a copy of `bytes`.
  public init(_ bytes: [UInt8]) {
    let allocation = Allocation(count: bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      unsafe UnsafeMutableRawPointer(mutating: allocation.base).copyMemory(
        from: source.baseAddress ?? allocation.base, byteCount: source.count)
    }
    unsafe base = allocation.base
    owner = allocation
    count = bytes.count
  }

  /// Creates a source over memory that the caller keeps alive and unchanged.
  @unsafe public init(borrowing bytes: UnsafeRawBufferPointer) {
    if let start = bytes.baseAddress {
      unsafe base = start
      owner = nil
    } else {
      let allocation = Allocation(count: 0)
      unsafe base = allocation.base
      owner = allocation
    }
    count = bytes.count
  }

  /// Creates a source with a copy of the bytes of another.
  public init(copying other: ByteSource) {
    let allocation = Allocation(count: other.count)
    unsafe UnsafeMutableRawPointer(mutating: allocation.base).copyMemory(
      from: other.base, byteCount: other.count)
    unsafe base = allocation.base
    owner = allocation
    count = other.count
  }

  /// The byte at `offset`.
  subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < count, "read beyond the end of a byte source")
    return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// A copy of the bytes in `range`.
  public func bytes(in range: Range<Int>) -> [UInt8] {
    unsafe Array(slice(range))
  }

  /// Appends the bytes in `range` to `output`.
  func append(_ range: Range<Int>, to output: inout [UInt8]) {
    unsafe output.append(contentsOf: slice(range))
  }

  /// Says whether the bytes in `range` are `other`'s bytes in `otherRange`.
  func equal(_ range: Range<Int>, to other: ByteSource, _ otherRange: Range<Int>) -> Bool {
    guard range.count == otherRange.count else { return false }
    let (ours, theirs) = unsafe (slice(range), other.slice(otherRange))
    guard let left = ours.baseAddress, let right = theirs.baseAddress else { return true }
    return unsafe memcmp(left, right, range.count) == 0
  }

  /// Says whether this is the same memory as `other`.
  func isIdentical(to other: ByteSource) -> Bool {
    unsafe base == other.base && count == other.count
  }

  /// A reader that begins at the first byte.
  func reader() -> ByteReader { unsafe ByteReader(base: base, count: count, owner: owner) }

  /// A reader of the bytes in `range`; its offsets are those of the source.
  func reader(in range: Range<Int>) -> ByteReader {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "read beyond the end of a byte source")
    return unsafe ByteReader(
      base: base, count: range.upperBound, owner: owner, offset: range.lowerBound)
  }

  /// A hash of the bytes in `range`.
  ///
  /// It is the same on every machine and a part of the format: borders between pods depend on it.
  func hash(_ range: Range<Int>) -> UInt64 { unsafe podHash(of: slice(range)) }

  private func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "read beyond the end of a byte source")
    return unsafe UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// Calls `body` with the bytes in `range`, which must not leave it.
  public func withBytes<R, E>(
    in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(slice(range))
  }
}

@inline(__always)
func podHash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
  var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
  var offset = 0
  while offset + 8 <= bytes.count {
    let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    hash = mix(hash, UInt64(littleEndian: word))
    offset += 8
  }
  if offset < bytes.count {
    var word: UInt64 = 0
    for index in offset..<bytes.count { unsafe word = word << 8 | UInt64(bytes[index]) }
    hash = mix(hash, word)
  }
  return hash
}

/// Mixes one word into a hash.
@inline(__always)
func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
  let product = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
  return product ^ (product >> 29)
}

/// Memory of a source that owns its bytes.
@safe final class Allocation {
  let base: UnsafeRawPointer

  init(count: Int) {
    unsafe base = UnsafeRawPointer(
      UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 16))
  }

  deinit { unsafe base.deallocate() }
}
