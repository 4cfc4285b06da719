import PodModel
import Testing

@testable import podfs

@Suite struct TableTests {
  @Test("Columns are as wide as their widest cell, and lines end without spaces")
  func alignment() {
    var table = Table([.left, .right])
    table.add("name", "size", "type")
    table.add("x", "12 B", "")
    table.add("変数", "7 B", "list")
    #expect(table.lines == ["name  size  type", "x     12 B", "変数   7 B  list"])
  }

  @Test("What a terminal would obey is shown and not sent")
  func printable() {
    let text = "a\u{1b}[31m\n\t\u{7f}\u{202e}b\u{9b}"
    #expect(text.printable == "a\\x1b[31m\\n\\t\\x7f\\u202eb\\x9b")
    #expect("ünï ✓ 変数".printable == "ünï ✓ 変数")
  }

  @Test("A text is cut so that it fits with its ellipsis")
  func cutting() {
    #expect("abcdef".cut(toColumns: 6) == "abcdef")
    #expect("abcdef".cut(toColumns: 5) == "abcd…")
    #expect("変数変数".cut(toColumns: 5) == "変数…")
  }

  @Test(
    "A number of bytes has at most three digits before the unit",
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10_137, "9.9 KiB"), (10_200, "10 KiB"),
      (1_048_063, "1023 KiB"), (1_048_064, "1.0 MiB"), (1 << 60, "1024 PiB"),
    ] as [(Int64, String)])
  func bytes(count: Int64, expected: String) {
    #expect(byteText(count) == expected)
  }

  @Test("JSON escapes what must be escaped, and nothing else")
  func json() {
    let value = JSON.object([
      "text": .string("\"\\\n\u{1}é/"), "list": .array([.number(-1), .null, .bool(true)]),
      "nan": .fraction(.nan), "half": .fraction(0.5),
    ])
    #expect(
      value.description
        == #"{"text": "\"\\\n\u0001é/", "list": [-1, null, true], "nan": null, "half": 0.5}"#)
  }
}
