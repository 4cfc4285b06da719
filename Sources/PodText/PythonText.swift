import PodPickle

/// Scalars as Python's `repr` writes them.
enum PythonText {
  /// Integers over this many bytes are written in hexadecimal: decimal takes quadratic time.
  private static let decimalLimit = 1024

  static func text(of scalar: Scalar) -> [UInt8] {
    switch scalar {
    case .none: Array("None".utf8)
    case .bool(let value): Array((value ? "True" : "False").utf8)
    case .int(let value): Array(String(value).utf8)
    case .bigInt(let digits): bigInt(digits)
    case .float(let value): Array(float(value).utf8)
    case .string(let text): string(text)
    case .bytes(let bytes): Array("b".utf8) + literal(bytes)
    case .byteArray(let bytes): Array("bytearray(b".utf8) + literal(bytes) + Array(")".utf8)
    case .other(let text): Array(text.utf8)
    }
  }

  /// A name of a module, class or attribute; what a terminal would not show is escaped.
  static func name(_ name: String) -> String {
    guard !name.unicodeScalars.allSatisfy(isPrintable) else { return name }
    return name.unicodeScalars.reduce(into: "") { text, scalar in
      text += isPrintable(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  /// A number of 64 bits as `repr` writes it, which changes to exponents at 1e16, not at 2^54.
  static func float(_ value: Double) -> String {
    let text = value.description
    guard value.magnitude >= 1e16, value.magnitude <= 0x1p54, text.hasSuffix(".0") else {
      return text
    }
    let digits = text.dropLast(2).drop { $0 == "-" }
    let fraction = String(digits.dropFirst().reversed().drop { $0 == "0" }.reversed())
    let sign = value < 0 ? "-" : ""
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

  /// Divides by 10^9 again and again.
  private static func decimal(_ magnitude: [UInt8]) -> [UInt8] {
    var limbs = stride(from: 0, to: magnitude.count, by: 4).map { start in
      magnitude[start..<min(start + 4, magnitude.count)].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      }
    }
    var groups: [UInt64] = []
    while !limbs.isEmpty {
      var remainder: UInt64 = 0
      for index in limbs.indices.reversed() {
        let value = remainder << 32 | limbs[index]
        limbs[index] = value / 1_000_000_000
        remainder = value % 1_000_000_000
      }
      groups.append(remainder)
      while limbs.last == 0 { limbs.removeLast() }
    }
    var text = String(groups.last ?? 0)
    for group in groups.dropLast().reversed() {
      let digits = String(group)
      text += String(repeating: "0", count: 9 - digits.count) + digits
    }
    return Array(text.utf8)
  }
}
