import Testing

@testable import podfs

@Suite struct VisibleTextTests {
  /// The visible form of bytes that come in pieces of `size`.
  private func visible(_ bytes: [UInt8], inPiecesOf size: Int = .max) -> String {
    var visible = VisibleText()
    var output: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      visible.append(Array(rest.prefix(size)), to: &output)
      rest = rest.dropFirst(size)
    }
    visible.end(in: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test("Control characters are written as cat -v does, but for tabs and newlines")
  func controls() {
    #expect(
      visible(Array("a\tb\n\u{1b}[31m\u{1b}]0;t\u{7}\r\n\u{7f}\u{0}".utf8))
        == "a\tb\n^[[31m^[]0;t^G^M\n^?^@")
  }

  @Test("What hides, or turns the direction of writing, is shown by its number")
  func hidden() {
    #expect(
      visible(Array("\u{9b}31m\u{202e}x\u{2066}\u{200b}\u{feff}\u{2028}\u{ad}\u{e0041}".utf8))
        == "<U+009B>31m<U+202E>x<U+2066><U+200B><U+FEFF><U+2028><U+00AD><U+E0041>")
    #expect(visible(Array("a\u{200d}b\u{fe0f}".utf8)) == "a<U+200D>b<U+FE0F>")
    #expect(visible(Array("é\u{200d}\u{200d}".utf8)) == "é\u{200d}<U+200D>")
  }

  @Test("Readable text of any script stays as it is")
  func readable() {
    for text in ["ünï ✓ 変数 한글 עברית", "می‌خواهم", "👩‍👩‍👧 ❤️ 1️⃣ 🇩🇪", "e\u{301}", "\u{600}\u{661}"] {
      #expect(visible(Array(text.utf8)) == text)
      #expect(text.printable == text)
    }
  }

  @Test("Bytes that are no UTF-8 are shown by their numbers")
  func noText() {
    #expect(visible([0x9b, 0x41, 0xff, 0xc0, 0x80, 0xe2, 0x80]) == "<9B>A<FF><C0><80><E2><80>")
    #expect(visible([0xed, 0xa0, 0x80]) == "<ED><A0><80>")
    #expect(visible([0xe0, 0x9f, 0xbf, 0xf0, 0x8f, 0xbf, 0xbf]) == "<E0><9F><BF><F0><8F><BF><BF>")
    #expect(visible([0xf4, 0x90, 0x80, 0x80, 0xf5]) == "<F4><90><80><80><F5>")
  }

  @Test("Every character is either shown as it is or by its number, whatever the piece")
  func everyCharacter() {
    for value in UInt32(0)...0x10ffff where value % 97 == 0 || value < 0x2100 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(scalar)
      let shown = visible(Array(text.utf8))
      let isPlain = text.printable == text || value == 9 || value == 10
      #expect(isPlain == (shown == text))
    }
  }

  @Test("Pieces that end within a character make no difference", arguments: 1...5)
  func pieces(size: Int) {
    let bytes = Array("aé変\u{202e}👩‍👧\u{1b}[".utf8) + [0xf0, 0x9f, 0x41, 0xe2, 0x80]
    #expect(visible(bytes, inPiecesOf: size) == visible(bytes))
  }

  @Test("JSON means the same with its hidden characters escaped")
  func json() {
    #expect("\"\u{202e}\u{9b}é\u{e0041}\"".printableJSON == #""\u202e\u009bé\udb40\udc41""#)
  }
}
