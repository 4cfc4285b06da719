/// Bytes on their way to a terminal, with everything that it would obey, or not show, made visible.
///
/// Everything that is written to a terminal passes through here, or through ``String/printable``:
/// what comes from a store was written by anybody, and an escape sequence can rewrite what is
/// already on the screen, and on some terminals run a program.
///
/// Tabs, newlines and readable UTF-8 stay as they are. Other control characters are written as
/// `cat -v` does, `^[`; those beyond ASCII and bytes that are no UTF-8 as `less` does, `<U+202E>` and
/// `<9B>`.
struct VisibleText {
  /// The beginning of a character whose end has not come yet.
  private var begun: [UInt8] = []
  private var previous: Unicode.Scalar = "\n"

  /// Appends the visible form of `bytes`, which may end within a character, to `output`.
  mutating func append(_ bytes: [UInt8], to output: inout [UInt8]) {
    if begun.isEmpty, bytes.allSatisfy(Self.isPlain) {
      output += bytes
      if let last = bytes.last { previous = Unicode.Scalar(last) }
      return
    }
    var rest = (begun + bytes)[...]
    begun = []
    while true {
      let plain = rest.prefix(while: Self.isPlain)
      output += plain
      if let last = plain.last { previous = Unicode.Scalar(last) }
      rest = rest[plain.endIndex...]
      guard let first = rest.first else { return }
      let count = Self.byteCount(of: first)
      let character = rest.prefix(count)
      if character.count < count, character.dropFirst().allSatisfy({ $0 & 0xc0 == 0x80 }) {
        begun = Array(rest)
        return
      }
      if let scalar = Self.scalar(of: character, count: count) {
        if scalar.isHidden(after: previous) {
          output += Self.shown(scalar)
        } else {
          output += character
        }
        previous = scalar
        rest = rest.dropFirst(count)
      } else {
        output += Self.shown(first)
        previous = "\n"
        rest = rest.dropFirst()
      }
    }
  }

  /// Appends what is left of a character that never ended.
  mutating func end(in output: inout [UInt8]) {
    for byte in begun { output += Self.shown(byte) }
    self = VisibleText()
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20..<0x7f).contains(byte) || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
  }

  /// The number of bytes of the character that begins with `byte`.
  private static func byteCount(of byte: UInt8) -> Int {
    switch byte {
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 1
    }
  }

  /// The character that `bytes` are; nil if they are none, or are not its only form.
  private static func scalar(of bytes: ArraySlice<UInt8>, count: Int) -> Unicode.Scalar? {
    guard bytes.count == count, let first = bytes.first else { return nil }
    if count == 1 { return first < 0x80 ? Unicode.Scalar(first) : nil }
    var value = UInt32(first) & (0x7f >> UInt32(count))
    for byte in bytes.dropFirst() {
      guard byte & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    let least: UInt32 = count == 2 ? 0x80 : count == 3 ? 0x800 : 0x10000
    return value >= least ? Unicode.Scalar(value) : nil
  }

  private static func shown(_ scalar: Unicode.Scalar) -> [UInt8] {
    switch scalar.value {
    case 0x09, 0x0a: [UInt8(scalar.value)]
    case 0x00..<0x20, 0x7f: [UInt8(ascii: "^"), UInt8(scalar.value ^ 0x40)]
    case let value: Array("<U+\(hexadecimal(value, digits: 4).uppercased())>".utf8)
    }
  }

  private static func shown(_ byte: UInt8) -> [UInt8] {
    Array("<\(hexadecimal(UInt32(byte), digits: 2).uppercased())>".utf8)
  }
}

extension String {
  /// The text without characters that would move the cursor, break the line or be invisible: these
  /// are escaped as in a Python literal.
  var printable: String { replacingHidden(with: \.escaped) }

  /// The text, which is JSON, with the same characters escaped as JSON has it: it means the same.
  var printableJSON: String {
    replacingHidden { scalar in
      String(scalar).utf16.map { "\\u" + hexadecimal(UInt32($0), digits: 4) }.joined()
    }
  }

  private func replacingHidden(with escape: (Unicode.Scalar) -> String) -> String {
    if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
    var text = ""
    var previous: Unicode.Scalar = "\n"
    for scalar in unicodeScalars {
      if scalar.isHidden(after: previous) {
        text += escape(scalar)
      } else {
        text.unicodeScalars.append(scalar)
      }
      previous = scalar
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether a terminal would obey it, or show nothing where it stands.
  ///
  /// Joiners and variation selectors make one character of two in many scripts and pictures, so
  /// one of them is fine after a character that it can belong to.
  fileprivate func isHidden(after previous: Unicode.Scalar) -> Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    case .format where Self.visibleFormats.contains(value): return false
    default: break
    }
    switch value {
    case 0x200c, 0x200d, 0xfe00...0xfe0f:
      let hasBase = previous.value >= 0x80 && !previous.properties.isDefaultIgnorableCodePoint
      return !hasBase && !(value == 0xfe0f && previous.properties.isEmoji)
    default:
      return properties.generalCategory == .format || properties.isDefaultIgnorableCodePoint
    }
  }

  /// Signs that stand around numbers in Arabic and other scripts, which Unicode counts as formats.
  private static let visibleFormats: Set<UInt32> = [
    0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6dd, 0x70f, 0x890, 0x891, 0x8e2, 0x110bd, 0x110cd,
  ]

  fileprivate var escaped: String {
    switch self {
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    default:
      let (mark, digits) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
      return "\\\(mark)\(hexadecimal(value, digits: digits))"
    }
  }
}

private func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
