/// Cuts bytes where their content says, so that an insertion moves no border but its own.
///
/// FastCDC (Xia et al., "FastCDC: a Fast and Efficient Content-Defined
/// Chunking Approach for Data Deduplication", USENIX ATC 2016): a gear hash
/// rolls over the bytes, a border is where masked bits of it are zero; no
/// border before the minimum; a stricter mask before the average and a weaker
/// one behind it draw lengths to the average. The borders are part of the
/// format: stores share pieces only as long as the table and masks stay.
public struct ContentCutter: Sendable {
  /// The lengths in bytes; the average is a power of two.
  public let minimum: Int
  let average: Int
  /// The longest piece.
  public let maximum: Int
  private let strictMask: UInt64
  private let weakMask: UInt64

  /// A cutter for buffers of `count` bytes: pieces of 8 KiB on average, of 64 KiB in huge ones.
  public init(forCount count: Int) {
    self.init(averageBits: count < 64 << 20 ? 13 : 16)
  }

  init(averageBits bits: Int) {
    average = 1 << bits
    minimum = average / 4
    maximum = average * 4
    // The upper bits of a gear hash depend on the most bytes.
    strictMask = ((1 << UInt64(bits + 2)) - 1) << UInt64(62 - bits)
    weakMask = ((1 << UInt64(bits - 2)) - 1) << UInt64(66 - bits)
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
    var hash: UInt64 = 0
    var index = minimum
    let middle = min(average, bytes.count)
    return unsafe Self.gear.withUnsafeBufferPointer { gear in
      while index < middle {
        unsafe hash = hash << 1 &+ gear[Int(bytes[index])]
        if hash & strictMask == 0 { return index + 1 }
        index += 1
      }
      while index < bytes.count {
        unsafe hash = hash << 1 &+ gear[Int(bytes[index])]
        if hash & weakMask == 0 { return index + 1 }
        index += 1
      }
      return bytes.count
    }
  }

  /// A random word for every byte: the SplitMix64 sequence from zero.
  private static let gear: [UInt64] = (1...256).map { index in
    var word = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
