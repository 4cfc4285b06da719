/// Numbers as Python's `repr` writes them, straight into a buffer.
extension [UInt8] {
  /// No number that is written here is longer.
  private static var numberLimit: Int { 40 }

  /// Appends an integer in decimal.
  @inline(__always)
  mutating func append(decimal value: Int64) {
    append(addingCapacity: Self.numberLimit) { (span: inout OutputSpan<UInt8>) in
      if value < 0 { span.append(UInt8(ascii: "-")) }
      span.append(decimal: value.magnitude)
    }
  }

  /// Appends an integer in decimal.
  @inline(__always)
  mutating func append(decimal value: UInt64) {
    append(addingCapacity: Self.numberLimit) { (span: inout OutputSpan<UInt8>) in
      span.append(decimal: value)
    }
  }

  /// Appends an integer of `width` digits at least, with zeros before it.
  mutating func append(decimal value: UInt64, width: Int) {
    var least: UInt64 = 1
    for _ in 1..<Swift.max(width, 2) {
      least *= 10
      if value < least { append(UInt8(ascii: "0")) }
    }
    append(decimal: value)
  }

  /// Appends a number of 64 bits.
  ///
  /// - Parameter isWhole: whether `.0` is left out, as within complex numbers.
  @inline(__always)
  mutating func append(float value: Double, isWhole: Bool = false) {
    let bits = value.bitPattern
    appendFloat(
      isNegative: bits >> 63 == 1, exponentBits: Int(bits >> 52) & 2047,
      fraction: bits & (1 << 52 - 1), FloatFormat(fractionBits: 52, exponentLimit: 2047), isWhole)
  }

  /// Appends a number of 32 bits.
  @inline(__always)
  mutating func append(float value: Float, isWhole: Bool = false) {
    let bits = value.bitPattern
    appendFloat(
      isNegative: bits >> 31 == 1, exponentBits: Int(bits >> 23) & 255,
      fraction: UInt64(bits & (1 << 23 - 1)), FloatFormat(fractionBits: 23, exponentLimit: 255),
      isWhole)
  }

  /// Appends a number of 16 bits.
  mutating func append(halfBits bits: UInt16, isWhole: Bool = false) {
    appendFloat(
      isNegative: bits >> 15 == 1, exponentBits: Int(bits >> 10) & 31,
      fraction: UInt64(bits & (1 << 10 - 1)), FloatFormat(fractionBits: 10, exponentLimit: 31),
      isWhole)
  }

  @inline(__always)
  private mutating func appendFloat(
    isNegative: Bool, exponentBits: Int, fraction: UInt64, _ format: FloatFormat, _ isWhole: Bool
  ) {
    append(addingCapacity: Self.numberLimit) { (span: inout OutputSpan<UInt8>) in
      if exponentBits == format.exponentLimit {
        span.append(notFinite: fraction, isNegative: isNegative)
        return
      }
      if isNegative { span.append(UInt8(ascii: "-")) }
      let isNormal = exponentBits != 0
      let significand = isNormal ? fraction | 1 << UInt64(format.fractionBits) : fraction
      let exponent = Swift.max(exponentBits, 1) &- format.bias
      if significand == 0 {
        span.append(UInt8(ascii: "0"))
        if !isWhole { span.appendPointZero() }
      } else if exponent <= 0, exponent > -63,
        significand & (1 << UInt64(-exponent) &- 1) == 0
      {
        // A whole number of at most 53 bits, so it is below 1e16.
        span.append(decimal: significand >> UInt64(-exponent))
        if !isWhole { span.appendPointZero() }
      } else {
        let decimal = ShortestDecimal(
          significand: significand, exponent: exponent, isBorder: fraction == 0 && exponentBits > 1,
          .shared)
        span.append(decimal, isWhole: isWhole)
      }
    }
  }
}

/// The layout of a binary floating point number.
private struct FloatFormat {
  var fractionBits: Int
  /// The exponent of infinities and of what is no number.
  var exponentLimit: Int

  /// What is taken from an exponent so that the significand is a whole number.
  var bias: Int { exponentLimit / 2 &+ fractionBits }
}

extension OutputSpan<UInt8> {
  fileprivate mutating func append(notFinite fraction: UInt64, isNegative: Bool) {
    if fraction == 0, isNegative { append(UInt8(ascii: "-")) }
    let text: (UInt8, UInt8, UInt8) =
      fraction == 0
      ? (UInt8(ascii: "i"), UInt8(ascii: "n"), UInt8(ascii: "f"))
      : (UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "n"))
    append(text.0)
    append(text.1)
    append(text.2)
  }

  @inline(__always)
  fileprivate mutating func appendPointZero() {
    append(UInt8(ascii: "."))
    append(UInt8(ascii: "0"))
  }

  /// Appends an integer in decimal.
  @inline(__always)
  fileprivate mutating func append(decimal value: UInt64) {
    if value < 100_000_000 { return appendFew(UInt32(truncatingIfNeeded: value)) }
    let (top, rest) = value.quotientAndRemainder(dividingBy: 100_000_000)
    if top < 100_000_000 {
      appendFew(UInt32(truncatingIfNeeded: top))
    } else {
      let (first, second) = top.quotientAndRemainder(dividingBy: 100_000_000)
      appendFew(UInt32(truncatingIfNeeded: first))
      append(Self.digits(UInt32(truncatingIfNeeded: second)), from: 0, to: 8)
    }
    append(Self.digits(UInt32(truncatingIfNeeded: rest)), from: 0, to: 8)
  }

  /// Appends an integer of at most eight digits.
  @inline(__always)
  private mutating func appendFew(_ value: UInt32) {
    if value < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
    let digits = Self.digits(value)
    append(digits, from: (digits & 0x0f0f_0f0f_0f0f_0f0f).trailingZeroBitCount / 8, to: 8)
  }

  /// Appends some of eight digits.
  @inline(__always)
  private mutating func append(_ digits: UInt64, from start: Int, to end: Int) {
    var rest = digits >> UInt64(8 &* start)
    for _ in start..<end {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// Eight digits, the first in the lowest byte: halves, quarters and eighths at once.
  @inline(__always)
  private static func digits(_ value: UInt32) -> UInt64 {
    var lanes = UInt64(value / 10_000) | UInt64(value % 10_000) << 32
    let hundreds = (lanes &* 10_486) >> 20 & 0x0000_007f_0000_007f
    lanes = hundreds | (lanes &- hundreds &* 100) << 16
    let tens = (lanes &* 103) >> 10 & 0x000f_000f_000f_000f
    return (tens | (lanes &- tens &* 10) << 8) | 0x3030_3030_3030_3030
  }

  /// Appends a decimal as Python lays it out: with an exponent below 1e-4 and from 1e16 on.
  @inline(__always)
  fileprivate mutating func append(_ decimal: ShortestDecimal, isWhole: Bool) {
    // 17 digits, the first alone, then twice eight.
    var digits = decimal.digits
    var point = decimal.exponent &+ 17
    while digits < 1_000_000_000 {
      digits &*= 100_000_000
      point &-= 8
    }
    while digits < 10_000_000_000_000_000 {
      digits &*= 10
      point &-= 1
    }
    let (top, last) = digits.quotientAndRemainder(dividingBy: 100_000_000)
    let (first, middle) = top.quotientAndRemainder(dividingBy: 100_000_000)
    let leading = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: first)
    let words = (
      Self.digits(UInt32(truncatingIfNeeded: middle)), Self.digits(UInt32(truncatingIfNeeded: last))
    )
    let zeros = 0x3030_3030_3030_3030 as UInt64
    let count =
      words.1 != zeros
      ? 17 &- (words.1 ^ zeros).leadingZeroBitCount / 8
      : 9 &- (words.0 ^ zeros).leadingZeroBitCount / 8
    if point > 16 || point < -3 {
      append(leading)
      if count > 1 { append(UInt8(ascii: ".")) }
      append(words, from: 1, to: count)
      append(exponent: point &- 1)
    } else if point <= 0 {
      append(UInt8(ascii: "0"))
      append(UInt8(ascii: "."))
      append(repeating: UInt8(ascii: "0"), count: -point)
      append(leading)
      append(words, from: 1, to: count)
    } else {
      append(leading)
      append(words, from: 1, to: point)
      if count > point {
        append(UInt8(ascii: "."))
        append(words, from: point, to: count)
      } else if !isWhole {
        appendPointZero()
      }
    }
  }

  /// Appends some of sixteen digits, of which the first has the number 1.
  @inline(__always)
  private mutating func append(_ words: (UInt64, UInt64), from start: Int, to end: Int) {
    if start < 9 { append(words.0, from: start &- 1, to: Swift.min(end, 9) &- 1) }
    if end > 9 { append(words.1, from: Swift.max(start, 9) &- 9, to: end &- 9) }
  }

  private mutating func append(exponent: Int) {
    append(UInt8(ascii: "e"))
    append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    let magnitude = exponent.magnitude
    if magnitude < 10 { append(UInt8(ascii: "0")) }
    append(decimal: UInt64(magnitude))
  }
}
