/// Texts and bytes as Python's `repr` writes them.
extension PythonText {
  private static let backslash = UInt8(ascii: "\\")

  /// Appends quotes and what stands between them, of bytes.
  ///
  /// - Parameter isArray: whether they are of a bytearray, in which Python escapes single quotes
  ///   within double ones, too.
  static func append(literal bytes: [UInt8], isArray: Bool = false, to output: inout [UInt8]) {
    let escaped = isArray ? UInt8(ascii: "'") : backslash
    append(bytes[...], escaping: escaped, to: &output) { rest, _, output in
      appendEscape(of: rest[rest.startIndex], to: &output)
      return 1
    }
  }

  /// Appends what `append` does, which is a text in UTF-8, in quotes; false and nothing if there is
  /// none.
  ///
  /// Most need no more than the quotes, and none of these is copied twice.
  static func appendString(to text: inout [UInt8], _ append: (inout [UInt8]) -> Bool) -> Bool {
    let start = text.count
    text.append(UInt8(ascii: "'"))
    guard append(&text) else {
      text.removeLast()
      return false
    }
    for index in (start + 1)..<text.count {
      let byte = text[index]
      if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "'"), byte != backslash { continue }
      let string = Array(text[(start + 1)...])
      text.removeSubrange(start...)
      Self.append(string: string[...], to: &text)
      return true
    }
    text.append(UInt8(ascii: "'"))
    return true
  }

  /// Appends a text in UTF-8, in which lone surrogates may stand as three bytes each.
  static func append(string text: ArraySlice<UInt8>, to output: inout [UInt8]) {
    append(text, to: &output) { rest, quote, output in
      let (scalar, length) = decode(rest)
      append(scalar, quote: quote, to: &output)
      return length
    }
  }

  /// Appends quotes and what stands between them; `escape` appends what begins with a byte that is
  /// not plain, and returns how many bytes that were.
  ///
  /// - Parameter escaped: a byte that has a backslash before it, beside quotes and backslashes.
  private static func append(
    _ bytes: ArraySlice<UInt8>, escaping escaped: UInt8 = backslash, to output: inout [UInt8],
    escape: (_ rest: ArraySlice<UInt8>, _ quote: UInt8, inout [UInt8]) -> Int
  ) {
    let quote = quote(for: bytes)
    output.append(quote)
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte >= 0x20, byte < 0x7f, byte != quote, byte != backslash, byte != escaped {
        index += 1
        continue
      }
      output += bytes[start..<index]
      if byte == quote || byte == backslash || byte == escaped {
        output.append(backslash)
        output.append(byte)
        index += 1
      } else {
        index += escape(bytes[index...], quote, &output)
      }
      start = index
    }
    output += bytes[start...]
    output.append(quote)
  }

  /// Python writes single quotes unless there are such in the text and no double ones.
  private static func quote(for text: ArraySlice<UInt8>) -> UInt8 {
    let single = UInt8(ascii: "'")
    let double = UInt8(ascii: "\"")
    return text.contains(single) && !text.contains(double) ? double : single
  }

  private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
    output.append(backslash)
    switch byte {
    case 0x0a: output.append(UInt8(ascii: "n"))
    case 0x0d: output.append(UInt8(ascii: "r"))
    case 0x09: output.append(UInt8(ascii: "t"))
    default:
      output.append(UInt8(ascii: "x"))
      output.append(hexDigit(byte >> 4))
      output.append(hexDigit(byte & 15))
    }
  }

  static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// Decodes a scalar or a lone surrogate; bytes that are neither are taken one by one.
  private static func decode(_ rest: ArraySlice<UInt8>) -> (scalar: UInt32, length: Int) {
    let start = rest.startIndex
    let first = rest[start]
    let length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
    guard length > 1, length <= rest.count else { return (UInt32(first), 1) }
    var scalar = UInt32(first) & (0x7f >> UInt32(length))
    for byte in rest[(start + 1)..<(start + length)] {
      guard byte & 0xc0 == 0x80 else { return (UInt32(first), 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3f)
    }
    return (scalar, length)
  }

  private static func append(_ value: UInt32, quote: UInt8, to output: inout [UInt8]) {
    if value < 0x80 {
      let byte = UInt8(value)
      if byte == quote || byte == backslash { output.append(backslash) }
      if byte >= 0x20 && byte < 0x7f { return output.append(byte) }
      return appendEscape(of: byte, to: &output)
    }
    if let scalar = Unicode.Scalar(value), isPrintable(scalar) {
      return output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
    }
    let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
    output.append(backslash)
    output += letter.utf8
    for place in (0..<width).reversed() {
      output.append(hexDigit(UInt8(value >> (4 * UInt32(place)) & 15)))
    }
  }

  /// The version of Unicode that Python 3.11 has: characters that came later are escaped, whatever
  /// this program knows of them.
  private static let unicodeVersion = 14

  /// What `str.isprintable` says of a character: neither control, format, private nor separator.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    // Of the first ones, most are, and asking takes long.
    if (0xa1...0x24f).contains(scalar.value) { return scalar.value != 0xad }
    guard let age = scalar.properties.age, age.major <= unicodeVersion else { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}
