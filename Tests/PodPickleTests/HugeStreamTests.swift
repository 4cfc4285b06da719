import Glibc
import PodPickle
import Testing

/// Streams of over 4 GiB, in memory that is mapped but mostly not there.
@Suite(.serialized) struct HugeStreamTests {
  private static let payload = (4 << 30) + 12_345

  /// Calls `body` with a stream of `head`, a payload of zeros of over 4 GiB, and `tail`.
  private func withStream(
    head: [UInt8], tail: [UInt8], _ body: (ByteSource) throws -> Void
  ) throws {
    let count = head.count + Self.payload + tail.count
    let memory = unsafe mmap(
      nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    let base = try unsafe #require(memory)
    try #require(unsafe base != MAP_FAILED)
    defer { unsafe munmap(base, count) }
    unsafe base.copyMemory(from: head, byteCount: head.count)
    unsafe (base + head.count + Self.payload).copyMemory(from: tail, byteCount: tail.count)
    try body(
      unsafe ByteSource(borrowing: UnsafeRawBufferPointer(start: base, count: count)))
  }

  /// An opcode with its length of eight bytes.
  private func header(_ opcode: UInt8) -> [UInt8] {
    [opcode] + (0..<8).map { UInt8(truncatingIfNeeded: Self.payload >> (8 * $0)) }
  }

  @Test("A payload of over 4 GiB has its length, and is emitted with it")
  func payload() throws {
    for opcode in [0x8e, 0x96] as [UInt8] {
      try withStream(head: [0x80, 5] + header(opcode), tail: [0x94, 0x2e]) { source in
        let graph = try ObjectGraph.scan([.init(stream: source)])
        #expect(graph.payloadSize(of: graph.roots[0]) == Self.payload)
        #expect(graph.emittedCounts() == [source.count])
      }
    }
  }

  @Test("Objects, memo entries and texts beyond 4 GiB are found")
  func beyond() throws {
    // A list of the payload, a list, a text, that list and text again, and a number.
    let tail: [UInt8] =
      [0x94, 0x5d, 0x94, 0x8c, 3, 0x61, 0x62, 0x63, 0x94, 0x68, 2, 0x68, 3, 0x4d, 0x39, 0x30]
      + [0x65, 0x2e]
    try withStream(head: [0x80, 5, 0x5d, 0x94, 0x28] + header(0x8e), tail: tail) { source in
      let graph = try ObjectGraph.scan([.init(stream: source)])
      let children = Array(graph.children(of: graph.roots[0]))
      #expect(children.count == 6)
      #expect(graph.payloadSize(of: children[0]) == Self.payload)
      #expect(graph.kind(of: children[1]) == .list)
      #expect(children[1] == children[3] && children[2] == children[4])
      #expect(graph.scalar(of: children[2]) == .string(Array("abc".utf8)))
      #expect(graph.scalar(of: children[5]) == .int(12345))
    }
  }

  @Test("A frame header beyond 4 GiB is checked against the end")
  func frame() throws {
    let frame: [UInt8] = [0x94, 0x30, 0x95, 200, 0, 0, 0, 0, 0, 0, 0, 0x4e, 0x2e]
    try withStream(head: [0x80, 5] + header(0x8e), tail: frame) { source in
      #expect(throws: PickleError.self) { try ObjectGraph.scan([.init(stream: source)]) }
    }
  }
}
