import PodPickle
import PodTesting
import Testing

/// A scan of one stream.
func scan(_ stream: [UInt8]) throws(PickleError) -> ObjectGraph {
  try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(stream))])
}

@Suite struct ScanTests {
  @Test(
    "What is no pickle is an error, and says what is wrong",
    arguments: [
      ("nothing", []),
      ("no opcode", [0xff]),
      ("only a protocol", [0x80, 5]),
      ("protocol 6", [0x80, 6, 0x4e, 0x2e]),
      ("an empty stack", [0x80, 5, 0x2e]),
      ("two values", [0x80, 5, 0x4e, 0x4e, 0x2e]),
      ("a missing mark", [0x80, 5, 0x5d, 0x65, 0x2e]),
      ("an open mark", [0x80, 5, 0x28, 0x4e, 0x2e]),
      ("a memo entry that was never made", [0x80, 5, 0x6a, 0, 0, 0, 0x80, 0x2e]),
      ("a string of 2^63 bytes", [0x80, 5, 0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x2e]),
      ("a bytearray of 2^40 bytes", [0x80, 5, 0x96, 0, 0, 0, 0, 0, 1, 0, 0, 0x2e]),
      ("a frame beyond the end", [0x80, 5, 0x95, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0x4e, 0x2e]),
      ("a number of -1 bytes", [0x80, 5, 0x8b, 0xff, 0xff, 0xff, 0xff, 0x2e]),
      ("a key without a value", [0x80, 5, 0x7d, 0x28, 0x4e, 0x75, 0x2e]),
      ("a call without arguments", [0x80, 5, 0x4e, 0x4e, 0x52, 0x2e]),
      ("a buffer that was not handed over", [0x80, 5, 0x97, 0x2e]),
      ("a global of numbers", [0x80, 5, 0x4b, 1, 0x4b, 1, 0x93, 0x2e]),
      ("a state for None", [0x80, 5, 0x4e, 0x4e, 0x62, 0x2e]),
      ("items for a tuple", [0x80, 5, 0x29, 0x4e, 0x61, 0x2e]),
      ("a line without an end", Array("I12".utf8)),
      ("a text", Array("hello, world\n".utf8)),
      ("bytes behind the end", [0x80, 5, 0x4e, 0x2e, 0]),
      ("two pickles", [0x80, 5, 0x4e, 0x2e, 0x80, 5, 0x4e, 0x2e]),
    ])
  func refused(what: String, stream: [UInt8]) {
    #expect(throws: PickleError.self, "\(what)") { try scan(stream) }
  }

  @Test("The pickles of a file are read one after the other")
  func sequence() throws {
    let source = ByteSource([0x80, 5, 0x4e, 0x2e, 0x80, 2, 0x5d, 0x2e, 0x80])
    let first = try ObjectGraph.scan(source, from: 0)
    #expect(first.end == 4)
    let second = try ObjectGraph.scan(source, from: first.end)
    #expect(second.graph.kind(of: second.graph.roots[0]) == .list)
    #expect(second.end == 8)
    #expect(throws: PickleError.self) { try ObjectGraph.scan(source, from: second.end) }
  }

  @Test("A pickle that is cut anywhere is an error")
  func truncated() throws {
    for (name, stream) in SamplePickles.all {
      for end in 0..<stream.count {
        #expect(throws: PickleError.self, "\(name), cut at \(end)") {
          try scan(Array(stream[..<end]))
        }
      }
    }
  }

  @Test("A memo index of 2^31 costs one entry")
  func farMemo() throws {
    let graph = try scan([0x80, 5, 0x5d, 0x72, 0, 0, 0, 0x80, 0x30, 0x6a, 0, 0, 0, 0x80, 0x2e])
    #expect(graph.kind(of: graph.roots[0]) == .list)
    #expect(graph.count == 1)
  }

  @Test("Equal short strings are one node, however many stand between them")
  func equalStrings() throws {
    let count = 10_000
    let strings = (0..<2 * count).flatMap { number in
      let text = Array("item \(number % count)".utf8)
      return [0x8c, UInt8(text.count)] + text
    }
    let graph = try scan([0x80, 5, 0x28] + strings + [0x6c, 0x2e])
    let children = Array(graph.children(of: graph.roots[0]))
    #expect(graph.count == count + 1)
    #expect(children[..<count].elementsEqual(children[count...]))
    #expect(Set(children).count == count)
    #expect(graph.scalar(of: children[count + 1234]) == .string(Array("item 1234".utf8)))
  }

  @Test("Lists in each other, 300,000 deep, need no recursion")
  func deep() throws {
    let depth = 300_000
    var stream: [UInt8] = [0x80, 5]
    stream += repeatElement(0x5d, count: depth)
    stream += repeatElement(0x61, count: depth - 1)
    stream.append(0x2e)
    let graph = try scan(stream)
    #expect(graph.count == depth)
    #expect(graph.coVariables() == [[0]])
    var pods = MemoryPods()
    let root = try #require(graph.split(groups: [[0]]) { pods.put($0) }.first)
    let joined = try pods.join(root, limit: graph.emittedCounts()[0])
    #expect(joined.emittedCounts() == graph.emittedCounts())
  }

  @Test("Parts share one memo, and buffers are handed over in order")
  func parts() throws {
    let graph = try ObjectGraph.scan([
      .init(stream: ByteSource([0x80, 5, 0x5d, 0x94, 0x2e])),
      .init(
        stream: ByteSource([0x80, 5, 0x68, 0, 0x97, 0x97, 0x98, 0x87, 0x2e]),
        buffers: [ByteSource([1, 2]), ByteSource([3])]),
    ])
    let children = Array(graph.children(of: graph.roots[1]))
    #expect(children[0] == graph.roots[0])
    #expect(graph.scalar(of: children[1]) == .byteArray([1, 2]))
    #expect(graph.scalar(of: children[2]) == .bytes([3]))
  }

  @Test(
    "Numbers of every opcode have their values",
    arguments: [
      ([0x4b, 255], Scalar.int(255)), ([0x4d, 0, 1], .int(256)),
      ([0x4a, 255, 255, 255, 255], .int(-1)), ([0x8a, 1, 0x80], .int(-128)), ([0x8a, 0], .int(0)),
      ([0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], .bigInt([0, 0, 0, 0, 0, 0, 0, 0, 1])),
      ([0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], .float(1.5)),
      ([0x49, 0x30, 0x31, 0x0a], .bool(true)), ([0x49, 0x31, 0x32, 0x0a], .int(12)),
      ([0x4c, 0x31, 0x4c, 0x0a], .int(1)), ([0x46, 0x31, 0x2e, 0x35, 0x0a], .float(1.5)),
      ([0x4e], .none), ([0x88], .bool(true)),
    ])
  func numbers(opcodes: [UInt8], value: Scalar) throws {
    let graph = try scan(opcodes + [0x2e])
    #expect(graph.scalar(of: graph.roots[0]) == value)
  }
}
