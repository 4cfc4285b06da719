import PodPickle
import PodTesting
import PodText
import Testing

@Suite struct TextRendererTests {
  private func text(of name: String, limit: Int = 1 << 20) throws -> String {
    try text(ofPickle: SamplePickles.stream(name), limit: limit)
  }

  private func text(ofPickle stream: [UInt8], limit: Int = 1 << 20) throws -> String {
    let part = ObjectGraph.Part(stream: ByteSource(stream))
    let graph = try ObjectGraph.scan([part])
    let bytes = try renderText(graph, root: 0, name: "x", limit: limit, blobs: MemoryBlobs())
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("Integers of any size are written in decimal")
  func integers() throws {
    #expect(
      try text(of: "ints") == """
        [
          0,
          255,
          256,
          65535,
          65536,
          -1,
          2147483647,
          2147483648,
          -2147483648,
          9223372036854775808,
          -1606938044258990275541962092341162602522202993782792835301376,
        ]

        """)
  }

  @Test("A string is written as Python's repr does, lone surrogates and all")
  func string() throws {
    #expect(try text(of: "str") == "'grüße \\ud800 😀'\n")
  }

  @Test("What was shown before is named by its path")
  func shared() throws {
    #expect(try text(of: "self list") == "[\n  1,\n  <same as x>,\n]\n")
    #expect(try text(of: "self dict") == "{\n  'me': <same as x>,\n}\n")
  }

  /// The pickle of a list with one text of some length many times.
  private static func repeated(_ length: Int, times: Int) -> [UInt8] {
    let count = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let text =
      [0x58] + count + [UInt8](repeating: UInt8(ascii: "a"), count: length) + [0x71, 0, 0x30]
    let items = [[UInt8]](repeating: [0x68, 0], count: times).joined()
    return [0x80, 4] + text + [0x5d, 0x28] + items + [0x65, 0x2e]
  }

  @Test("A long text is shown once, a short one wherever it is")
  func sharedText() throws {
    let long = String(repeating: "a", count: 300)
    #expect(
      try text(ofPickle: Self.repeated(300, times: 3))
        == "[\n  '\(long)',\n  <same as x[0]>,\n  <same as x[0]>,\n]\n")
    let short = "  '" + String(repeating: "a", count: 200) + "',\n"
    #expect(try text(ofPickle: Self.repeated(200, times: 3)) == "[\n\(short)\(short)\(short)]\n")
  }

  @Test("A small pickle does not make a text without end")
  func growth() throws {
    let stream = Self.repeated(250, times: 100_000)
    let text = try text(ofPickle: stream, limit: 1 << 16)
    #expect(text.utf8.count < 1 << 19)
    #expect(text.hasSuffix("times as long as the value\n"))
  }

  @Test("Short containers within others stand on one line")
  func nested() throws {
    #expect(
      try text(of: "deep dict") == """
        {
          'a': {
            'b': {
              'c': [
                1,
                {
                  'd': (2, 3),
                },
              ],
            },
          },
        }

        """)
  }

  @Test("An object is written with its class and attributes")
  func object() throws {
    #expect(try text(of: "slots") == "zoo.Slotted(\n  a = [1],\n)\n")
  }

  @Test("An array of numbers has an element a line")
  func array() throws {
    let expected =
      "(\n  numpy.ndarray(shape=(5,), dtype=int64),\n    0\n    1\n    2\n    3\n    4\n"
      + "  <same as x[0]>,\n)\n"
    let found = try text(of: "numpy shared")
    #expect(found.replacing("[\n", with: "(\n").replacing("\n]\n", with: "\n)\n") == expected)
  }
}
