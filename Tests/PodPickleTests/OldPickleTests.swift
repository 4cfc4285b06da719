import PodPickle
import PodTesting
import Testing

/// Pickles of Python 2.7, of extension codes and of persistent identifiers.
@Suite struct OldPickleTests {
  private func value(_ graph: ObjectGraph, _ index: Int, of node: ObjectGraph.Node) -> Scalar? {
    let children = Array(graph.children(of: node))
    return graph.scalar(of: children[index])
  }

  @Test(
    "What Python 2.7 pickles is read, in each of its protocols",
    arguments: [
      """
      286470310a532761270a286c70320a49310a614c3130303030303030303030303030303030303030303030
      3030304c0a6146322e350a61566772fcdf650a70330a614e614930310a615327785c6e79270a70340a61
      2849310a49320a7470350a61732e
      """,
      """
      7d71015501615d7102284b014c31303030303030303030303030303030303030303030303030304c0a4740
      0400000000000058070000006772c3bcc39f6571034e4930310a5503780a797104284b014b0274710565
      732e
      """,
      """
      80027d71015501615d7102284b018a0b0000004a4801141695450847400400000000000058070000006772
      c3bcc39f6571034e885503780a7971044b014b0286710565732e
      """,
    ])
  func python2(digits: String) throws {
    let graph = try scan(SamplePickles.bytes(digits))
    let root = graph.roots[0]
    #expect(graph.kind(of: root) == .dict)
    #expect(value(graph, 0, of: root) == .string(Array("a".utf8)))
    let list = Array(graph.children(of: root))[1]
    #expect(graph.children(of: list).count == 8)
    #expect(value(graph, 0, of: list) == .int(1))
    #expect(value(graph, 2, of: list) == .float(2.5))
    #expect(value(graph, 4, of: list) == Scalar.none)
    #expect(value(graph, 5, of: list) == .bool(true))
    let tuple = Array(graph.children(of: list))[7]
    #expect(graph.kind(of: tuple) == .tuple)
    #expect(value(graph, 1, of: tuple) == .int(2))
  }

  @Test(
    "Instances of Python 2.7, of old classes and of new, are objects with a state",
    arguments: [
      """
      286c70300a28695f5f6d61696e5f5f0a4f6c640a70310a286470320a532778270a70330a49310a73626163
      636f70795f7265670a5f7265636f6e7374727563746f720a70340a28635f5f6d61696e5f5f0a4e65770a
      70350a635f5f6275696c74696e5f5f0a6f626a6563740a70360a4e7470370a5270380a286470390a5327
      79270a7031300a49320a7362612e
      """,
      """
      5d71002828635f5f6d61696e5f5f0a4f6c640a71016f71027d710355017871044b01736263636f70795f72
      65670a5f7265636f6e7374727563746f720a710528635f5f6d61696e5f5f0a4e65770a7106635f5f6275
      696c74696e5f5f0a6f626a6563740a71074e7471085271097d710a550179710b4b027362652e
      """,
      """
      80025d71002828635f5f6d61696e5f5f0a4f6c640a71016f71027d710355017871044b017362635f5f6d61
      696e5f5f0a4e65770a7105298171067d710755017971084b027362652e
      """,
    ])
  func python2Instances(digits: String) throws {
    let graph = try scan(SamplePickles.bytes(digits))
    let objects = Array(graph.children(of: graph.roots[0]))
    #expect(objects.map { graph.typeName(of: $0) } == ["__main__.Old", "__main__.New"])
    #expect(graph.kind(of: objects[0]) == .oldInstance)
    for object in objects {
      let state = try #require(graph.children(of: object).last)
      #expect(graph.kind(of: state) == .state)
    }
  }

  @Test("Extension codes of one, two and four bytes are atoms")
  func extensions() throws {
    let graph = try scan(
      SamplePickles.bytes("8004950f000000000000005d94288207832c018470110100652e"))
    let codes = graph.children(of: graph.roots[0]).map { graph.scalar(of: $0) }
    #expect(codes == [.other("extension 7"), .other("extension 300"), .other("extension 70000")])
  }

  @Test(
    "Persistent identifiers stand for what they name, in lines and on the stack",
    arguments: [
      "286c70300a5070310a6149320a612e", "5d710028580200000070317101514b02652e",
      "8005950d000000000000005d94288c02703194514b02652e",
    ])
  func persistent(digits: String) throws {
    let graph = try scan(SamplePickles.bytes(digits))
    let children = Array(graph.children(of: graph.roots[0]))
    #expect(graph.kind(of: children[0]) == .persistent)
    #expect(value(graph, 0, of: children[0]) == .string(Array("p1".utf8)))
    #expect(graph.scalar(of: children[1]) == .int(2))
  }

  @Test("A bytearray and a buffer, writable or not, are what they are")
  func buffers() throws {
    let inBand = try scan([0x80, 5, 0x96, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0x2e])
    #expect(inBand.scalar(of: inBand.roots[0]) == .byteArray([1, 2, 3]))
    let readOnly = try scan([0x80, 5, 0x96, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0x98, 0x2e])
    #expect(readOnly.scalar(of: readOnly.roots[0]) == .bytes([9]))
    #expect(throws: PickleError.self) { try scan([0x80, 5, 0x4e, 0x98, 0x2e]) }
  }
}
