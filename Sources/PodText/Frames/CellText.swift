import PodPickle

/// Texts as they stand in a table.
extension [UInt8] {
  /// Appends `text`, in double quotes if it has a comma or double quotes.
  mutating func append(csv text: some Collection<UInt8>) {
    guard text.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else {
      return self += text
    }
    append(UInt8(ascii: "\""))
    for byte in text {
      if byte == UInt8(ascii: "\"") { append(byte) }
      append(byte)
    }
    append(UInt8(ascii: "\""))
  }

  /// Appends the text of a str: as it is, or as `repr` writes it where it could be taken for
  /// something else, or would not stay on one line.
  ///
  /// - Parameter isAlone: whether the column has nothing but str and what is missing.
  mutating func append(cell text: some Collection<UInt8>, isAlone: Bool) {
    append(isAlone: isAlone) { $0.append(contentsOf: text) }
  }

  /// The same for a text that `write` appends.
  @inline(__always)
  mutating func append(isAlone: Bool, _ write: (inout [UInt8]) -> Void) {
    let start = count
    write(&self)
    var isPlain = true
    for byte in self[start...] {
      isPlain = isPlain && Self.isPlain(byte)
    }
    if isPlain, !Self.looksLikeOther(self[start...], isAlone: isAlone) { return }
    rewrite(Array(self[start...]), isAlone: isAlone)
  }

  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"")
  }

  /// Puts what a table has for `text` in the place of its own bytes at the end.
  private mutating func rewrite(_ text: [UInt8], isAlone: Bool) {
    removeLast(text.count)
    if Self.isPrintable(text[...]), !Self.looksLikeOther(text[...], isAlone: isAlone) {
      append(csv: text)
    } else {
      append(csv: PythonText.text(of: .string(text)))
    }
  }

  /// Whether a str could be taken for no str.
  private static func looksLikeOther(_ text: ArraySlice<UInt8>, isAlone: Bool) -> Bool {
    guard let first = text.first else { return true }
    switch first {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return true
    case UInt8(ascii: "<"), UInt8(ascii: "N"), UInt8(ascii: "n"):
      if text.count <= 4, missing.contains(where: { $0[...] == text }) { return true }
    default: break
    }
    guard !isAlone else { return false }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"),
      UInt8(ascii: "<"):
      return true
    case UInt8(ascii: "T"), UInt8(ascii: "F"), UInt8(ascii: "i"):
      return text.count <= 5 && words.contains { $0[...] == text }
    default: return false
    }
  }

  private static let missing = ["NaN", "NaT", "<NA>", "None", "nan"].map { Array($0.utf8) }
  private static let words = ["True", "False", "inf"].map { Array($0.utf8) }

  /// Whether text that is not all ASCII has no controls, and is UTF-8.
  private static func isPrintable(_ text: ArraySlice<UInt8>) -> Bool {
    var before: UInt8 = 0
    for byte in text {
      if byte < 0x20 || byte == 0x7f { return false }
      if before == 0xc2, byte < 0xa0 { return false }
      before = byte
    }
    return String(validating: text, as: UTF8.self) != nil
  }
}
