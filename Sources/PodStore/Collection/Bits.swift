/// Some of the numbers below a limit.
struct Bits {
  private var words: [UInt64]

  /// None of the numbers below `count`.
  init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  /// Whether `index` is one of them.
  subscript(index: Int) -> Bool { words[index / 64] & (1 << UInt64(index % 64)) != 0 }

  /// Adds a number; returns whether it was not there.
  mutating func insert(_ index: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(index % 64)
    guard words[index / 64] & bit == 0 else { return false }
    words[index / 64] |= bit
    return true
  }
}
