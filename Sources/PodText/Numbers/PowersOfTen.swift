/// The powers of ten from 10^-292 to 10^324, with 128 significant bits each, rounded up.
///
/// They are worked out when they are first wanted: 617 powers are 10 KiB, and take less than a
/// millisecond.
struct PowersOfTen {
  /// The exponent of the first.
  private static let least = -292
  private static let greatest = 324

  /// All of them.
  static let shared = PowersOfTen()

  private var high: [UInt64] = []
  private var low: [UInt64] = []

  /// The bits of 10^`exponent` from its topmost one on.
  @inline(__always)
  subscript(exponent: Int) -> (high: UInt64, low: UInt64) {
    let index = exponent - Self.least
    return (high[index], low[index])
  }

  private init() {
    // 10^-k is 2^1152 / 10^k: what the division leaves over is far below the bits that are kept.
    var words = [UInt64](repeating: 0, count: 18) + [1]
    var below: [(high: UInt64, low: UInt64)] = []
    for _ in 1...(-Self.least) {
      var remainder: UInt64 = 0
      for index in words.indices.reversed() {
        (words[index], remainder) = (10 as UInt64).dividingFullWidth((remainder, words[index]))
      }
      below.append(Self.topBits(of: words, isExact: false))
    }
    for power in below.reversed() { append(power) }
    words = [1]
    for _ in 0...Self.greatest {
      append(Self.topBits(of: words, isExact: true))
      var carry: UInt64 = 0
      for index in words.indices {
        let product = words[index].multipliedFullWidth(by: 10)
        let (sum, overflow) = product.low.addingReportingOverflow(carry)
        words[index] = sum
        carry = product.high + (overflow ? 1 : 0)
      }
      if carry > 0 { words.append(carry) }
    }
  }

  private mutating func append(_ power: (high: UInt64, low: UInt64)) {
    high.append(power.high)
    low.append(power.low)
  }

  /// The topmost 128 bits of a number, plus one if it has others, or is not `isExact`.
  private static func topBits(
    of words: [UInt64], isExact: Bool
  ) -> (high: UInt64, low: UInt64) {
    let top = words.lastIndex { $0 != 0 } ?? 0
    func word(_ place: Int) -> UInt64 { place < 0 ? 0 : words[place] }
    let shift = UInt64(word(top).leadingZeroBitCount)
    func shifted(_ place: Int) -> UInt64 {
      shift == 0 ? word(place) : word(place) << shift | word(place - 1) >> (64 - shift)
    }
    let isWhole =
      isExact && shifted(top - 2) == 0 && words.prefix(max(0, top - 2)).allSatisfy { $0 == 0 }
    let (low, carry) = shifted(top - 1).addingReportingOverflow(isWhole ? 0 : 1)
    return (shifted(top) + (carry ? 1 : 0), low)
  }
}
