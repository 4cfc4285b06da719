import PodPickle
import PodTesting
import Testing

@Suite struct CoVariableTests {
  /// Variables as one pickler of CPython writes them, one dump each.
  private func groups(_ dumps: String...) throws -> [[Int]] {
    try ObjectGraph.scan(
      dumps.map { .init(stream: ByteSource(SamplePickles.bytes($0))) }
    ).coVariables()
  }

  @Test("A list that two variables reach links them: x = [1]; y = [x]; z = 'a'")
  func list() throws {
    let found = try groups(
      "80059506000000000000005d944b01612e", "80059506000000000000005d946800612e",
      "80059505000000000000008c0161942e")
    #expect(found == [[0, 1], [2]])
  }

  @Test("A tuple of numbers and strings links nothing: x = [t]; y = {'k': t}")
  func tuple() throws {
    let found = try groups(
      "8005950e000000000000005d944b014b028c0173948794612e",
      "8005950a000000000000007d948c016b946802732e")
    #expect(found == [[0], [1]])
  }

  @Test("A tuple with a list in it links")
  func tupleOfList() throws {
    let found = try groups(
      "8005950d000000000000005d944b015d944b02618694612e",
      "8005950a000000000000007d948c016b946802732e")
    #expect(found == [[0, 1]])
  }

  @Test("A datetime links nothing")
  func datetime() throws {
    let found = try groups(
      "8005952d000000000000005d948c086461746574696d65948c086461746574696d65949394430a07e40101000000"
        + "0000009485945294612e",
      "80059506000000000000005d946806612e")
    #expect(found == [[0], [1]])
  }

  @Test(
    "What a class by value makes links as the class says",
    arguments: [
      (
        "80059542000000000000005d948c17636c6f75647069636b6c652e636c6f75647069636b6c65948c0d5f627569"
          + "6c74696e5f747970659493948c08436f6465547970659485945294295294612e",
        "8005950a000000000000007d948c016b946807732e", [[0], [1]]
      ),
      (
        "8005953c000000000000005d948c17636c6f75647069636b6c652e636c6f75647069636b6c65948c135f6d616b"
          + "655f736b656c65746f6e5f656e756d949394295294295294612e",
        "8005950a000000000000007d948c016b946805732e", [[0], [1]]
      ),
      (
        "8005953d000000000000005d948c17636c6f75647069636b6c652e636c6f75647069636b6c65948c145f6d616b"
          + "655f736b656c65746f6e5f636c617373949394295294295294612e",
        "8005950a000000000000007d948c016b946805732e", [[0, 1]]
      ),
    ])
  func madeByMade(first: String, second: String, expected: [[Int]]) throws {
    #expect(try groups(first, second) == expected)
  }

  @Test("Objects that two co-variables share are in the pods of both")
  func shared() throws {
    let graph = try ObjectGraph.scan([
      .init(
        stream: ByteSource(
          SamplePickles.bytes("8005950e000000000000005d944b014b028c0173948794612e"))),
      .init(stream: ByteSource(SamplePickles.bytes("8005950a000000000000007d948c016b946802732e"))),
    ])
    var pods = MemoryPods()
    let roots = graph.split(groups: [[0], [1]]) { pods.put($0) }
    for (index, root) in roots.enumerated() {
      let joined = try pods.join(root, limit: 100)
      let read = { (blob: Blob) throws(PickleError) in try pods.bytes(of: blob) }
      #expect(
        try joined.emit(root: 0).bytes(read: read) == graph.emit(root: index).bytes(read: read))
    }
  }
}
