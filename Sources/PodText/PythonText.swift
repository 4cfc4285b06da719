import PodPickle

/// Scalars as Python's `repr` writes them.
enum PythonText {
  /// Integers over this many bytes, some 4300 digits, are written in hexadecimal: decimal takes
  /// quadratic time, and Python refuses it.
  private static let decimalLimit = 1786

  static func text(of scalar: Scalar) -> [UInt8] {
    var text: [UInt8] = []
    append(scalar, to: &text)
    return text
  }

  /// Appends the text of `scalar`.
  static func append(_ scalar: Scalar, to text: inout [UInt8]) {
    switch scalar {
    case .none: text += "None".utf8
    case .bool(let value): text += value ? "True".utf8 : "False".utf8
    case .int(let value): append(value, to: &text)
    case .bigInt(let digits): text += bigInt(digits)
    case .float(let value): text += float(value).utf8
    case .string(let string): append(string: string[...], to: &text)
    case .bytes(let bytes):
      text.append(UInt8(ascii: "b"))
      append(literal: bytes, to: &text)
    case .byteArray(let bytes):
      text += "bytearray(b".utf8
      append(literal: bytes, isArray: true, to: &text)
      text.append(UInt8(ascii: ")"))
    case .other(let other): text += other.utf8
    }
  }

  private static func append(_ value: Int64, to text: inout [UInt8]) {
    if value < 0 { text.append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    let start = text.count
    repeat {
      text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    text[start...].reverse()
  }

  /// A name of a module, class or attribute; what a terminal would not show is escaped.
  static func name(_ name: String) -> String {
    if name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return name }
    guard !name.unicodeScalars.allSatisfy(isPrintable) else { return name }
    return name.unicodeScalars.reduce(into: "") { text, scalar in
      text += isPrintable(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  /// A number of 64 bits as `repr` writes it, which changes to exponents at 1e16, not between 2^53
  /// and 2^54.
  static func float(_ value: Double) -> String {
    let text = value.description
    guard value.magnitude > 0x1p53, value.magnitude <= 0x1p54 else { return text }
    let sign = value < 0 ? "-" : ""
    if text.hasSuffix("e+15") {
      let digits = text.dropLast(4).filter(\.isNumber)
      return sign + digits + String(repeating: "0", count: max(0, 16 - digits.count)) + ".0"
    }
    guard value.magnitude >= 1e16, text.hasSuffix(".0") else { return text }
    let digits = text.dropLast(2).drop { $0 == "-" }
    let fraction = String(digits.dropFirst().reversed().drop { $0 == "0" }.reversed())
    return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e+16"
  }

  // MARK: Integers

  private static func bigInt(_ digits: [UInt8]) -> [UInt8] {
    let isNegative = (digits.last ?? 0) & 0x80 != 0
    var magnitude = digits
    if isNegative {
      var carry = true
      for index in magnitude.indices {
        magnitude[index] = ~magnitude[index]
        if carry { (magnitude[index], carry) = magnitude[index].addingReportingOverflow(1) }
      }
    }
    let text = magnitude.count > decimalLimit ? hexadecimal(magnitude) : decimal(magnitude)
    return (isNegative ? [UInt8(ascii: "-")] : []) + text
  }

  private static func hexadecimal(_ magnitude: [UInt8]) -> [UInt8] {
    let digits = magnitude.reversed().flatMap { [hexDigit($0 >> 4), hexDigit($0 & 15)] }
    return Array("0x".utf8) + digits.drop { $0 == UInt8(ascii: "0") }
  }

  /// Divides by 10^19 again and again.
  private static func decimal(_ magnitude: [UInt8]) -> [UInt8] {
    let divisor: UInt64 = 10_000_000_000_000_000_000
    var limbs = stride(from: 0, to: magnitude.count, by: 8).map { start in
      magnitude[start..<min(start + 8, magnitude.count)].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
    }
    var groups: [UInt64] = []
    while limbs.last == 0 { limbs.removeLast() }
    while !limbs.isEmpty {
      var remainder: UInt64 = 0
      for index in limbs.indices.reversed() {
        (limbs[index], remainder) = divisor.dividingFullWidth((remainder, limbs[index]))
      }
      groups.append(remainder)
      while limbs.last == 0 { limbs.removeLast() }
    }
    var text = String(groups.last ?? 0)
    for group in groups.dropLast().reversed() {
      let digits = String(group)
      text += String(repeating: "0", count: 19 - digits.count) + digits
    }
    return Array(text.utf8)
  }
}
