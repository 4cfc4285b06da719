import PodModel
import PodPickle
import PodTesting
import Testing

@Suite struct PodFormatTests {
  /// Splits roots 0 and up of `streams`, and reads their pods by the drawings of the format.
  @discardableResult
  private func check(_ streams: [[UInt8]]) throws -> PodReader {
    let graph = try ObjectGraph.scan(streams.map { ObjectGraph.Part(stream: ByteSource($0)) })
    let roots = Array(streams.indices)
    var pods = MemoryPods()
    let root = graph.split(groups: [roots]) { pods.put($0) }[0]
    let reader = try PodReader(pods, root: root)
    #expect(reader.pieces == graph.pieces(roots: roots))
    #expect(reader.protocolVersion == graph.protocolVersion)
    return reader
  }

  @Test("Pods are as the format is drawn", arguments: SamplePickles.all.map(\.name))
  func samples(name: String) throws { try check([SamplePickles.stream(name)]) }

  /// The opcodes that push `text`.
  private func string(_ count: Int, _ byte: UInt8) -> [UInt8] {
    [0x58] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
      + [UInt8](repeating: byte, count: count)
  }

  private func number(_ value: Int) -> [UInt8] {
    [0x4a] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func fetch(_ index: Int) -> [UInt8] {
    [0x6a] + (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
  }

  @Test("References that leave their pods lead to the objects that they led to")
  func graphOfManyPods() throws {
    // Lists of 50 numbers and of references to lists before, all in the memo.
    var generator = SeededGenerator(seed: 11)
    var stream: [UInt8] = [0x80, 4, 0x5d, 0x94, 0x28]
    for list in 1..<2000 {
      stream += [0x5d, 0x94, 0x28]
      for _ in 0..<50 { stream += number(Int.random(in: 0..<1 << 30, using: &generator)) }
      for _ in 0..<Int.random(in: 0..<9, using: &generator) {
        stream += fetch(Int.random(in: 0...list, using: &generator))
      }
      stream.append(0x65)
    }
    let reader = try check([stream + [0x65, 0x2e]])
    #expect(reader.holeCount > 7000)
    #expect(reader.depth >= 2)
  }

  @Test("Objects in objects without end are few pods deep, and found at any depth")
  func depth() throws {
    // A list that holds 100 numbers and a list that holds 100 numbers and … the first list.
    let count = 3000
    var stream: [UInt8] = [0x80, 4]
    for list in 0..<count {
      stream += [0x5d, 0x94, 0x28]
      for item in 0..<100 { stream += number(list << 8 | item) }
    }
    for list in 0..<count { stream += fetch(list / 2) + [0x65] }
    let reader = try check([stream + [0x2e]])
    #expect(reader.depth > 14)
    #expect(reader.depth < 60)
  }

  @Test("Many roots are cut into runs, and share objects across them")
  func manyRoots() throws {
    let first: [UInt8] = [0x80, 4, 0x5d, 0x94, 0x2e]
    let others = (0..<2000).map { number in
      [0x80, 4] + fetch(0) + self.number(number) + string(20, 97) + [0x87, 0x2e]
    }
    let reader = try check([first] + others)
    #expect(reader.depth > 0)
    #expect(reader.holeCount > 1500)
  }

  @Test("Many texts in one pod are numbered beyond what fits in a tag")
  func manyTexts() throws {
    var stream: [UInt8] = [0x80, 4, 0x5d, 0x28]
    for count in 0..<150 { stream += string(count % 75, 97) }
    stream += Array("cposix\nsystem\ncposix\nabort\ncposix\nsystem\n".utf8)
    try check([stream + [0x65, 0x2e]])
  }

  @Test("A text or list that is met again counts as a reference where pods are cut")
  func repetition() throws {
    var stream: [UInt8] = [0x80, 4, 0x28] + string(3000, 97) + [0x94]
    for _ in 0..<600 { stream += fetch(0) }
    let reader = try check([stream + [0x74, 0x2e]])
    #expect(reader.depth == 1)
    #expect(reader.holeCount == 0)
  }
}
