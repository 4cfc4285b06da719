/// Texts as protocol 0 writes them, on one line of ASCII or Latin-1 with escapes.
enum LegacyText {
  /// The UTF-8 of a unicode text: `\\u0041` and `\\U00000041` stand for characters, other bytes for
  /// those of Latin-1.
  static func unicode(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(line.count)
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      index += 1
      if byte == UInt8(ascii: "\\"), index < line.endIndex {
        let width = line[index] == UInt8(ascii: "u") ? 4 : line[index] == UInt8(ascii: "U") ? 8 : 0
        if width > 0, let value = hexadecimal(line[(index + 1)...].prefix(width), width) {
          append(value, to: &text)
          index += 1 + width
          continue
        }
      }
      append(UInt32(byte), to: &text)
    }
    return text
  }

  /// The bytes of a str of Python 2, which is written as `repr` does, without the quotes.
  static func plain(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(line.count)
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < line.endIndex else {
        text.append(byte)
        continue
      }
      let escaped = line[index]
      if escaped == UInt8(ascii: "x"), let value = hexadecimal(line[(index + 1)...].prefix(2), 2) {
        text.append(UInt8(value))
        index += 3
        continue
      }
      index += 1
      switch escaped {
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(escaped)
      default: text += [byte, escaped]
      }
    }
    return text
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>, _ width: Int) -> UInt32? {
    guard digits.count == width else { return nil }
    var value: UInt32 = 0
    for digit in digits {
      guard let nibble = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(nibble)
    }
    return value
  }

  /// Appends a character; a lone surrogate stands as three bytes, as in later protocols.
  private static func append(_ value: UInt32, to text: inout [UInt8]) {
    if let scalar = Unicode.Scalar(value) {
      text += String(Character(scalar)).utf8
    } else if value < 0x10000 {
      text += [0xe0 | UInt8(value >> 12), 0x80 | UInt8(value >> 6 & 63), 0x80 | UInt8(value & 63)]
    } else {
      append(0xfffd, to: &text)
    }
  }
}
