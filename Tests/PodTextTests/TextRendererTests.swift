import PodPickle
import PodTesting
import PodText
import Testing

@Suite struct TextRendererTests {
  private func text(of name: String, limit: Int = 1 << 20) throws -> String {
    let part = ObjectGraph.Part(stream: ByteSource(SamplePickles.stream(name)))
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
