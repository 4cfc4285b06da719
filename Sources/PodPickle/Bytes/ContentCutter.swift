/// Cuts bytes where their content says, so that an insertion moves no border but its own.
///
/// FastCDC (Xia et al., "FastCDC: a Fast and Efficient Content-Defined
/// Chunking Approach for Data Deduplication", USENIX ATC 2016): a gear hash
/// rolls over the bytes, a border is where its upper bits are zero; no border
/// before the minimum; more bits before the average and fewer behind it draw
/// lengths to the average. The borders are part of the format: stores share
/// pieces only as long as the table and the numbers of bits stay.
///
/// The minimum is larger than in the paper, and the bits are fewer before the
/// average: pieces are as long on average, and an edit makes as many of them
/// new or fewer, but nearly half of the bytes are passed over.
public struct ContentCutter: Sendable {
  /// The lengths in bytes; the average is a power of two.
  public let minimum: Int
  let average: Int
  /// The longest piece.
  public let maximum: Int
  private let strictMask: UInt64
  private let weakMask: UInt64

  /// A cutter for buffers of `count` bytes: pieces of 9 KiB on average, of 72 KiB in huge ones.
  public init(forCount count: Int) {
    self.init(averageBits: count < 64 << 20 ? 13 : 16)
  }

  init(averageBits bits: Int) {
    average = 1 << bits
    minimum = average / 8 * 5
    maximum = average * 4
    // The upper bits of a gear hash depend on the most bytes.
    strictMask = ~(UInt64.max >> UInt64(bits))
    weakMask = ~(UInt64.max >> UInt64(bits - 2))
  }

  /// The end of the piece of `source` that begins at `start`.
  public func end(of source: ByteSource, from start: Int, to limit: Int) -> Int {
    guard limit - start > minimum else { return limit }
    let length = unsafe source.withBytes(in: start..<min(limit, start + maximum)) { bytes in
      unsafe border(in: bytes)
    }
    return start + length
  }

  private func border(in bytes: UnsafeRawBufferPointer) -> Int {
    let middle = min(average, bytes.count)
    var hash: UInt64 = 0
    return unsafe Self.gear.withUnsafeBufferPointer { gear in
      unsafe Self.border(in: bytes, minimum..<middle, gear, strictMask, &hash)
        ?? Self.border(in: bytes, middle..<bytes.count, gear, weakMask, &hash) ?? bytes.count
    }
  }

  /// The end of the first byte in `range` behind which the masked bits of the hash are zero.
  @inline(__always)
  private static func border(
    in bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ gear: UnsafeBufferPointer<UInt64>,
    _ mask: UInt64, _ hash: inout UInt64
  ) -> Int? {
    var index = range.lowerBound
    // Two bytes a step, so that one step waits for the hash of the last only once.
    while index &+ 2 <= range.upperBound {
      let first = unsafe gear[Int(bytes[index])]
      let both = unsafe first << 1 &+ gear[Int(bytes[index &+ 1])]
      if (hash << 1 &+ first) & mask == 0 { return index &+ 1 }
      hash = hash << 2 &+ both
      index &+= 2
      if hash & mask == 0 { return index }
    }
    while index < range.upperBound {
      unsafe hash = hash << 1 &+ gear[Int(bytes[index])]
      index &+= 1
      if hash & mask == 0 { return index }
    }
    return nil
  }

  /// A random word for every byte: the SplitMix64 sequence from zero.
  private static let gear: [UInt64] = (1...256).map { index in
    var word = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
