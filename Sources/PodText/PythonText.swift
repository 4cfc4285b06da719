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
    case .bytes(let bytes): [UInt8(ascii: "b")] + quoted(bytes) { escape(byte: $0) }
    case .byteArray(let bytes):
      Array("bytearray(b".utf8) + quoted(bytes) { escape(byte: $0) } + Array(")".utf8)
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

  // MARK: Text

  static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  private static func string(_ text: [UInt8]) -> [UInt8] {
    let isPlain = text.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    if isPlain { return quoted(text) { escape(byte: $0) } }
    let quote = quote(for: text)
    var output = [quote]
    var index = 0
    while index < text.count {
      let (scalar, length) = decode(text, at: index)
      output += escape(scalar, quote: quote)
      index += length
    }
    return output + [quote]
  }

  /// Python writes single quotes unless there are such in the text and no double ones.
  private static func quote(for text: [UInt8]) -> UInt8 {
    let single = UInt8(ascii: "'")
    let double = UInt8(ascii: "\"")
    return text.contains(single) && !text.contains(double) ? double : single
  }

  private static func quoted(_ bytes: [UInt8], _ escape: (UInt8) -> [UInt8]) -> [UInt8] {
    let quote = quote(for: bytes)
    var output = [quote]
    output.reserveCapacity(bytes.count + 2)
    for byte in bytes {
      if byte == quote || byte == UInt8(ascii: "\\") {
        output += [UInt8(ascii: "\\"), byte]
      } else if byte >= 0x20 && byte < 0x7f {
        output.append(byte)
      } else {
        output += escape(byte)
      }
    }
    return output + [quote]
  }

  private static func escape(byte: UInt8) -> [UInt8] {
    switch byte {
    case 0x0a: Array("\\n".utf8)
    case 0x0d: Array("\\r".utf8)
    case 0x09: Array("\\t".utf8)
    default: Array("\\x".utf8) + [hexDigit(byte >> 4), hexDigit(byte & 15)]
    }
  }

  /// Decodes a scalar or a lone surrogate; bytes that are neither are taken one by one.
  private static func decode(_ text: [UInt8], at index: Int) -> (scalar: UInt32, length: Int) {
    let first = text[index]
    let length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
    guard length > 1, index + length <= text.count else { return (UInt32(first), 1) }
    var scalar = UInt32(first) & (0x7f >> UInt32(length))
    for byte in text[(index + 1)..<(index + length)] {
      guard byte & 0xc0 == 0x80 else { return (UInt32(first), 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3f)
    }
    return (scalar, length)
  }

  private static func escape(_ value: UInt32, quote: UInt8) -> [UInt8] {
    if value < 0x80 {
      let byte = UInt8(value)
      if byte == quote || byte == UInt8(ascii: "\\") { return [UInt8(ascii: "\\"), byte] }
      return byte >= 0x20 && byte < 0x7f ? [byte] : escape(byte: byte)
    }
    if let scalar = Unicode.Scalar(value), isPrintable(scalar) {
      return Array(String(Character(scalar)).utf8)
    }
    let (prefix, width) = value < 0x100 ? ("\\x", 2) : value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
    let digits = (0..<width).map { hexDigit(UInt8(value >> (4 * UInt32(width - 1 - $0)) & 15)) }
    return Array(prefix.utf8) + digits
  }

  /// What `str.isprintable` says of a character: neither control, format, private nor separator.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      false
    default: true
    }
  }
}
