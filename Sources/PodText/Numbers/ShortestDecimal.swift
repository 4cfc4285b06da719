/// The shortest decimal that is read as a binary floating point number, and of these the nearest.
///
/// After Raffaele Giulietti, "The Schubfach way to render doubles" (2020): of the decimals of two
/// neighbouring lengths at most four can be meant, and products with a power of ten, of which a bit
/// says whether they were exact, decide between them.
struct ShortestDecimal {
  /// The number is `digits` times 10^`exponent`; the digits may end in zeros.
  var digits: UInt64
  var exponent: Int

  /// Finds the decimal of `significand` times 2^`exponent`.
  ///
  /// - Parameter isBorder: whether the numbers below lie closer together than those above.
  @inline(__always)
  init(significand: UInt64, exponent: Int, isBorder: Bool, _ powers: borrowing PowersOfTen) {
    let isOdd = significand & 1
    let scale = (exponent &* 1_262_611 &- (isBorder ? 524_031 : 0)) >> 22
    let shift = UInt64(exponent &+ (-scale &* 1_741_647) >> 19 &+ 1)
    let power = powers[-scale]
    let value = Self.product(power, (4 &* significand) << shift)
    let below = 4 &* significand &- 2 &+ (isBorder ? 1 : 0)
    let lower = Self.product(power, below << shift) &+ isOdd
    let upper = Self.product(power, (4 &* significand &+ 2) << shift) &- isOdd
    let whole = value / 4
    if whole >= 10 {
      let tens = whole / 10
      let isDown = lower <= 40 &* tens
      let isUp = 40 &* tens &+ 40 <= upper
      if isDown != isUp {
        digits = tens &+ (isUp ? 1 : 0)
        self.exponent = scale + 1
        return
      }
    }
    self.exponent = scale
    let isDown = lower <= 4 &* whole
    let isUp = 4 &* whole &+ 4 <= upper
    if isDown != isUp {
      digits = whole &+ (isUp ? 1 : 0)
      return
    }
    let middle = 4 &* whole &+ 2
    digits = whole &+ (value > middle || value == middle && whole & 1 == 1 ? 1 : 0)
  }

  /// The product without its lowest 128 bits, of which the last bit keeps whether there were any.
  @inline(__always)
  private static func product(_ power: (high: UInt64, low: UInt64), _ factor: UInt64) -> UInt64 {
    let (middle, carry) = power.high.multipliedFullWidth(by: factor).low
      .addingReportingOverflow(power.low.multipliedFullWidth(by: factor).high)
    let high = power.high.multipliedFullWidth(by: factor).high &+ (carry ? 1 : 0)
    return high | (middle > 1 ? 1 : 0)
  }
}
