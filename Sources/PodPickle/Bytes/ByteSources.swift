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

  /// Appends bytes of a source that lie within it.
  @inline(__always)
  func append(_ number: Int, _ range: Range<Int>, to output: inout [UInt8]) {
    unsafe output.append(contentsOf: slice(number, range))
  }

  /// The byte of a source at `offset`, which lies within it.
  func byte(_ number: Int, at offset: Int) -> UInt8 {
    unsafe slice(number, offset..<(offset + 1))[0]
  }

  /// Compares bytes of two sources that lie within them.
  @inline(__always)
  func equal(
    _ number: Int, _ range: Range<Int>, to other: Int, _ otherRange: Range<Int>
  ) -> Bool {
    guard range.count == otherRange.count else { return false }
    return unsafe memcmp(
      bases[number] + range.lowerBound, bases[other] + otherRange.lowerBound, range.count) == 0
  }

  /// The hash of bytes of a source that lie within it; see ``ByteSource/hash(_:)``.
  @inline(__always)
  func hash(_ number: Int, _ range: Range<Int>) -> UInt64 {
    unsafe podHash(of: slice(number, range))
  }

  @inline(__always)
  private func slice(_ number: Int, _ range: Range<Int>) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: bases[number] + range.lowerBound, count: range.count)
  }
}
