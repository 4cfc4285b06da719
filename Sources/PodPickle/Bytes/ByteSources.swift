import Glibc

/// The sources of a graph, by number.
///
/// Reading through the table takes no reference to a source: a graph reads
/// millions of payloads, and counting references for each took a fifth of the
/// time of a scan.
@safe struct ByteSources {
  private var sources: [ByteSource] = []
  private var bases: [UnsafeRawPointer] = unsafe []

  /// The number of sources.
  var count: Int { sources.count }

  /// The source with the number `number`.
  subscript(number: Int) -> ByteSource { sources[number] }

  /// Adds a source and returns its number.
  mutating func add(_ source: ByteSource) -> Int {
    sources.append(source)
    unsafe bases.append(source.base)
    return sources.count - 1
  }

  /// Puts `source` in the place of an earlier one.
  mutating func replace(_ number: Int, with source: ByteSource) {
    sources[number] = source
    unsafe bases[number] = source.base
  }

  /// The number of bytes of all sources.
  var byteCount: Int { sources.reduce(0) { $0 + $1.count } }

  /// Appends bytes of a source that lie within it.
  @inline(__always)
  func append(_ number: Int, _ range: Range<Int>, to output: inout [UInt8]) {
    unsafe output.append(contentsOf: slice(number, range))
  }

  /// Appends bytes of a source that lie within it.
  @inline(__always)
  func append(_ number: Int, _ range: Range<Int>, to output: inout GrowingBytes) {
    unsafe output.append(BorrowedBytes(start: bases[number] + range.lowerBound, count: range.count))
  }

  /// Calls `body` with the places of the sources in memory.
  @unsafe func withBases<Result, E>(
    _ body: (UnsafeBufferPointer<UnsafeRawPointer>) throws(E) -> Result
  ) throws(E) -> Result {
    try unsafe bases.withUnsafeBufferPointer(body)
  }

  /// The byte of a source at `offset`, which lies within it.
  func byte(_ number: Int, at offset: Int) -> UInt8 {
    unsafe slice(number, offset..<(offset + 1))[0]
  }

  /// Compares bytes of a source with as many of another, from `start` on, that lie within them.
  @inline(__always)
  func equal(_ number: Int, _ range: Range<Int>, to other: Int, at start: Int) -> Bool {
    unsafe memcmp(bases[number] + range.lowerBound, bases[other] + start, range.count) == 0
  }

  /// The hash of bytes of a source that lie within it; see ``ByteSource/hash(_:)``.
  @inline(__always)
  func hash(_ number: Int, _ range: Range<Int>) -> UInt64 {
    unsafe podHash(of: slice(number, range))
  }

  /// A hash of bytes of a source that lie within it, for tables that are not kept.
  ///
  /// Nobody can choose bytes with equal hashes who does not know `seed`.
  @inline(__always)
  func tableHash(_ number: Int, _ range: Range<Int>, seed: UInt64) -> UInt64 {
    unsafe PodPickle.tableHash(
      of: bases[number] + range.lowerBound, count: range.count, seed: seed)
  }

  @inline(__always)
  private func slice(_ number: Int, _ range: Range<Int>) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: bases[number] + range.lowerBound, count: range.count)
  }
}

/// A hash of bytes in memory, for tables that are not kept.
@inline(__always)
func tableHash(of start: UnsafeRawPointer, count: Int, seed: UInt64) -> UInt64 {
  func word(at offset: Int) -> UInt64 {
    unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
  var hash = seed ^ UInt64(count)
  if count >= 8 {
    var offset = 0
    while offset + 8 < count {
      hash = fold(hash, word(at: offset))
      offset += 8
    }
    return fold(hash, word(at: count - 8))
  }
  if count >= 4 {
    let first = unsafe start.loadUnaligned(as: UInt32.self)
    let last = unsafe start.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
    return fold(hash, UInt64(first) << 32 | UInt64(last))
  }
  var rest: UInt64 = 0
  for offset in 0..<count {
    rest = unsafe rest << 8 | UInt64(start.load(fromByteOffset: offset, as: UInt8.self))
  }
  return fold(hash, rest)
}

/// Mixes one word into a hash for a table that is not kept.
@inline(__always)
func fold(_ hash: UInt64, _ word: UInt64) -> UInt64 {
  let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
  return product.high ^ product.low
}
