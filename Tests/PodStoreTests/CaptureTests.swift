import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct CaptureTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var session: SessionID { temporary.session }

  init() throws { temporary = try TemporaryStore() }

  /// The dump of a list that holds what `items` push.
  private func list(_ items: [UInt8]) -> [UInt8] { [0x5d, 0x94, 0x28] + items + [0x65] }

  private func longString(_ character: Character) -> [UInt8] {
    let length: [UInt8] = [0x40, 0x42, 0x0f, 0x00]  // 1,000,000
    let byte = character.asciiValue ?? 0
    return [0x58] + length + Array(repeating: byte, count: 1_000_000) + [0x94]
  }

  private func variable(_ name: String, _ body: [UInt8]) throws -> CapturedVariable {
    CapturedVariable(
      name: try VariableName(name),
      part: ObjectGraph.Part(stream: ByteSource([0x80, 5] + body + [0x2e])))
  }

  private func file(_ name: String, in number: CommitNumber) throws -> [UInt8] {
    let manifest = try store.manifest(of: number, in: session)
    let version = try #require(manifest.versions[VariableName(name)])
    let content = try store.open(version)
    #expect(content.size == version.summary.size)
    return try content.read(at: 0, count: Int(content.size))
  }

  @Test("The first variable whose pickle cannot be read is known by name")
  func refused() throws {
    let good = try ["a", "b", "c", "d", "e"].map { try variable($0, [0x4b, 1]) }
    #expect(CapturedNamespace(good).refused() == .nothing)
    for number in good.indices {
      var variables = good
      for later in variables.indices[number...].prefix(2) {
        variables[later] = try variable(good[later].name.text, [0x68, 9])
      }
      #expect(CapturedNamespace(variables).refused() == .one(good[number].name))
    }
    let tuple = CapturedNamespace(names: good.map(\.name), tuple: good[0].part)
    #expect(tuple.refused() == .some)
  }

  @Test("x = [a]; y = [b]; x.append(y): three commits, each as it was, and no string twice")
  func sharedLists() throws {
    let (zero, one) = (longString("0"), longString("1"))
    let before = try store.statistics().podBytes
    let first = try store.capture([variable("x", list(zero))], in: session).commit
    let second = try store.capture(
      [variable("x", list(zero)), variable("y", list(one))],
      base: NamespaceBase(commit: first.number), in: session
    ).commit
    // x holds y, and y is object 2 of the memo that both dumps share.
    let third = try store.capture(
      [variable("x", list(zero + list(one))), variable("y", [0x68, 2])],
      base: NamespaceBase(commit: second.number),
      in: session
    ).commit
    #expect(try store.statistics().podBytes - before < 2_200_000)

    #expect(try file("x", in: first.number).count < 1_000_100)
    #expect(try store.manifest(of: second.number, in: session).coVariables.count == 2)
    #expect(try store.manifest(of: third.number, in: session).coVariables.count == 1)
    #expect(try file("x", in: third.number).count > 2_000_000)
    #expect(try file("y", in: third.number) == file("y", in: second.number))

    let both = try store.manifest(of: third.number, in: session)
    let versions = both.names.compactMap { both.versions[$0] }
    let tuple = try store.openTuple(of: versions, under: store.lease(versions[0]))
    let graph = try ObjectGraph.scan([
      .init(stream: ByteSource(tuple.read(at: 0, count: Int(tuple.size))))
    ])
    let values = Array(graph.children(of: graph.roots[0]))
    #expect(Array(graph.children(of: values[0])).last == values[1])
  }

  @Test("A namespace that did not change keeps its versions and puts no pod")
  func unchanged() throws {
    let variables = try [variable("x", list(longString("0"))), variable("n", [0x4b, 1])]
    let first = try store.capture(variables, in: session).commit
    let pods = try store.statistics().pods
    let second = try store.capture(
      variables, base: NamespaceBase(commit: first.number), in: session
    ).commit
    #expect(try store.statistics().pods == pods)
    #expect(
      try store.manifest(of: first.number, in: session)
        == store.manifest(of: second.number, in: session))
  }

  @Test("A stream that is no pickle saves nothing and is an error")
  func badStream() throws {
    #expect(throws: StoreError.self) { try store.capture([variable("x", [0xff])], in: session) }
    #expect(try store.head(of: session).commit == nil)
  }

  @Test("A variable that is given twice is an error")
  func twice() throws {
    #expect(throws: StoreError.invalidCommit(reason: "'x' is given twice")) {
      try store.capture([variable("x", [0x4e]), variable("x", [0x4e])], in: session)
    }
  }

  @Test("A buffer that was saved before and is saved again is the same blob")
  func knownBuffer() throws {
    let buffer = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
    func capture(_ bytes: [UInt8]) throws -> Commit {
      let part = ObjectGraph.Part(
        stream: ByteSource([0x80, 5, 0x97, 0x2e]), buffers: [ByteSource(bytes)])
      let variable = CapturedVariable(name: try VariableName("x"), part: part)
      return try store.capture([variable], in: session).commit
    }
    let first = try capture(buffer)
    let changed = try capture(buffer.reversed())
    let again = try capture(buffer)
    #expect(try file("x", in: again.number) == file("x", in: first.number))
    #expect(try file("x", in: changed.number) != file("x", in: first.number))
    #expect(try Array(file("x", in: again.number).dropFirst(11).prefix(200_000)) == buffer)
  }

  @Test("A long buffer is cut and named as it is in memory, wherever it stands")
  func longBuffer() throws {
    let offset = 3
    var state: UInt64 = 7
    let bytes = (0..<5_000_001).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    let site = PodSite(text: "x")
    let source = ByteSource(bytes)
    var names: [PodID] = []
    let blob = try store.withWriter { writer throws(StoreError) in
      try Blob.put(source, offset..<bytes.count, at: site) { pod, _ throws(StoreError) in
        let id = try writer.put(pod)
        names.append(id)
        return id
      }
    }
    let put = try store.withWriter { writer throws(StoreError) in
      try writer.put(source, offset..<bytes.count, at: site)
    }
    #expect(put == blob)
    #expect(names.count > 300)
    let part = ObjectGraph.Part(
      stream: ByteSource([0x80, 5, 0x97, 0x2e]), buffers: [ByteSource(Array(bytes[offset...]))])
    let variable = CapturedVariable(name: try VariableName("x"), part: part)
    let commit = try store.capture([variable], in: session).commit
    #expect(try file("x", in: commit.number).count > bytes.count)
    for id in names { #expect(try store.contains(id)) }
    #expect(try store.findings() == [])
  }

  /// Files by what they are; a test that took the bytes as arguments would print them.
  private static let files: [String: [UInt8]] = [
    "a pickle": SamplePickles.stream("slots"),
    "a pickle whose equal strings are two": SamplePickles.stream("datetimes"),
    "a pickle of protocol 2": SamplePickles.stream("protocol 2"),
    "a pickle and a tail": SamplePickles.stream("slots") + [0x2e],
    "a truncated pickle": Array(SamplePickles.stream("slots").dropLast(3)),
    "a pickle bomb": [0x80, 5, 0x8d, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x2e],
    "a far memo index": [0x80, 5, 0x4e, 0x72, 0, 0, 0, 0x80, 0x2e],
    "text": Array("a,b\n1,2\n".utf8),
    "nothing": [],
    "a megabyte": (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) },
  ]

  @Test("A sealed file is read as the bytes that were written", arguments: files.keys.sorted())
  func sealed(what: String) throws {
    let bytes = try #require(Self.files[what])
    let name = try VariableName("a file")
    let version = try store.seal(ByteSource(bytes), as: name, in: session)
    #expect(version.content.form == (what == "a pickle" ? .pickle : .raw), "\(what)")
    #expect(try store.workspace(of: session).versions[name] == version)
    let content = try store.open(version)
    #expect(try content.read(at: 0, count: bytes.count + 10) == bytes)
    for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 7)) {
      let end = min(bytes.count, offset + 1000)
      #expect(try content.read(at: Int64(offset), count: 1000) == Array(bytes[offset..<end]))
    }
    #expect(try content.read(at: Int64(bytes.count), count: 1) == [])
    #expect(try content.read(at: -1, count: 1) == [])
  }

  @Test("A mapped file is sealed from its path")
  func sealedPath() throws {
    let path = temporary.directory.path + "/file"
    try Data("hello".utf8).write(to: URL(fileURLWithPath: path))
    let version = try store.seal(fileAt: path, as: VariableName("f"), in: session)
    #expect(try store.open(version).read(at: 1, count: 3) == Array("ell".utf8))
    #expect(throws: StoreError.self) {
      try store.seal(fileAt: path + "-that-is-not-there", as: VariableName("f"), in: session)
    }
  }
}
