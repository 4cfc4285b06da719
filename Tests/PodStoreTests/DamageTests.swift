import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct DamageTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws {
    fixture = try TemporaryStore()
    try store.save(["x": "the first value", "y": "another"], in: session)
    try store.save(["x": "the second value", "y": "another"], in: session)
  }

  private var pack: String {
    get throws {
      let packs = try FileManager.default.contentsOfDirectory(atPath: store.path + "/packs")
      return "\(store.path)/packs/\(try #require(packs.first))"
    }
  }

  /// Changes the bytes of a text where it stands in the pack.
  private func damage(_ text: String) throws {
    let url = URL(fileURLWithPath: try pack)
    var bytes = try Data(contentsOf: url)
    let range = try #require(bytes.range(of: Data(text.utf8)))
    bytes[range.lowerBound] ^= 1
    try bytes.write(to: url)
  }

  private func pod(of name: String, in number: Int64) throws -> PodID {
    let number = try #require(CommitNumber(number))
    let manifest = try store.manifest(of: number, in: session)
    return try #require(manifest.versions[VariableName(name)]).content.pod
  }

  @Test("A damaged pod is an error when it is read, and named with what it belongs to")
  func flippedBit() throws {
    let id = try pod(of: "x", in: 1)
    try damage("the first value")
    let opened = try Store(openingAt: store.path)
    #expect(throws: StoreError.podDamaged(id)) { try opened.bytes(of: id) }
    #expect(try opened.findings() == ["pod \(id) is damaged; it is part of alice@1:x"])
    #expect(try opened.locations(using: id).map(\.description) == ["alice@1:x"])
    #expect(try opened.texts(of: 2, in: session) == ["x": "the second value", "y": "another"])
  }

  @Test("A damaged pod that is shared names all that it belongs to")
  func shared() throws {
    let bob = try store.createSession(SessionName("bob")).id
    let y = try VariableName("y")
    let version = try #require(try store.workspace(of: session).versions[y])
    try store.copy(version, as: VariableName("z"), in: bob)
    try damage("another")
    #expect(
      try Store(openingAt: store.path).findings()
        == ["pod \(version.content.pod) is damaged; it is part of alice@1:y, bob:z"])
  }

  @Test("A variable is read although another that shares a list with it is damaged elsewhere")
  func sharedList() throws {
    var generator = SeededGenerator(seed: 3)
    let texts: [[UInt8]] = (0..<60).map { _ in
      (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    var long: [UInt8] = [0x5d, 0x94, 0x28]
    for text in texts { long += [0x43, 200] + text + [0x94] }
    // p holds a long list and an empty one, object 62 of the memo; q holds the empty one.
    let p: [UInt8] = [0x5d, 0x94, 0x28] + long + [0x65, 0x5d, 0x94, 0x65]
    let q: [UInt8] = [0x5d, 0x94, 0x68, 62, 0x61]
    let variables = try [("p", p), ("q", q)].map { name, body in
      CapturedVariable(
        name: try VariableName(name),
        part: ObjectGraph.Part(stream: ByteSource([0x80, 5] + body + [0x2e])))
    }
    let commit = try store.capture(variables, in: session).commit
    let url = URL(fileURLWithPath: try pack)
    var bytes = try Data(contentsOf: url)
    bytes[try #require(bytes.range(of: Data(texts[30]))).lowerBound] ^= 1
    try bytes.write(to: url)
    let opened = try Store(openingAt: store.path)
    let manifest = try opened.manifest(of: commit.number, in: session)
    let holder = try #require(manifest.versions[variables[0].name])
    let sharer = try #require(manifest.versions[variables[1].name])
    #expect(holder.content == sharer.content)
    #expect(try opened.open(sharer).read(at: 0, count: 100).count == Int(sharer.summary.size))
    #expect(try opened.graph(of: sharer).roots.count == 1)
    #expect(throws: StoreError.self) { try opened.open(holder).read(at: 0, count: 100_000) }
  }

  @Test("A pack that is gone is reported with its pods, and the rest can be read")
  func missingPack() throws {
    let other = try Store(openingAt: store.path)
    try FileManager.default.removeItem(atPath: pack)
    try other.save(["x": "a third value"], in: session)
    let opened = try Store(openingAt: store.path)
    let findings = try opened.findings()
    #expect(findings.filter { $0.hasPrefix("pack ") && $0.hasSuffix(" is missing") }.count == 1)
    #expect(findings.filter { $0.hasPrefix("pod ") }.count == 3)
    let id = try pod(of: "x", in: 1)
    #expect(throws: StoreError.podDamaged(id)) { try opened.bytes(of: id) }
    #expect(try opened.texts(of: 3, in: session) == ["x": "a third value"])
  }

  @Test("A pack that was cut short is reported")
  func shortPack() throws {
    let handle = try #require(FileHandle(forWritingAtPath: pack))
    try handle.truncate(atOffset: 40)
    try handle.close()
    let findings = try Store(openingAt: store.path).findings()
    #expect(findings.contains { $0.hasPrefix("pack ") && $0.contains(" has 40 bytes of ") })
  }

  @Test("Garbage behind the last pod of a pack hurts nobody")
  func garbage() throws {
    let handle = try #require(FileHandle(forWritingAtPath: pack))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(repeating: 0xEE, count: 10_000))
    try handle.close()
    let opened = try Store(openingAt: store.path)
    try opened.save(["x": "more"], in: session)
    #expect(try opened.findings() == [])
    #expect(try opened.texts(of: 1, in: session) == ["x": "the first value", "y": "another"])
  }

  @Test("Packs that no transaction knows and drafts of a format hurt nobody")
  func leftovers() throws {
    for name in ["packs/0123.pack", "packs/half.pack", "format.123", "staging/left"] {
      try Data(repeating: 0xEE, count: 100).write(to: URL(fileURLWithPath: "\(store.path)/\(name)"))
    }
    let opened = try Store(creatingAt: store.path)
    try opened.save(["x": "more"], in: session)
    #expect(try opened.findings() == [])
  }

  @Test(
    "Rows that contradict each other are found",
    arguments: [
      ("DELETE FROM commit_ WHERE number = 1", "commit alice@1 is damaged: it is missing"),
      (
        "DELETE FROM commit_ WHERE number = 1", "commit alice@2 is damaged: its parent 1 is missing"
      ),
      ("DELETE FROM commit_", "commit alice@2 is damaged: a line ends with it and it is missing"),
      ("UPDATE session SET head = 9", "commit alice@9 is damaged: it is checked out and missing"),
      ("UPDATE branch SET number = 8", "commit alice@8 is damaged: 'main' names it; it is missing"),
      ("DELETE FROM version WHERE commit_ = 2", "the value of alice@2:x is lost"),
      ("DELETE FROM root", ":y is lost"),
      ("DELETE FROM line", "commit alice@2 is damaged: its line is missing"),
      ("UPDATE commit_ SET parent = number", "is damaged: its parent 2 is not before it"),
      (
        "INSERT INTO line VALUES (99, 1, 1, 7, 1, 2, NULL)",
        "commit alice@7 is damaged: a line begins with it and it is missing"
      ),
      ("DELETE FROM branch", "its branch 'main' is missing"),
      (
        "PRAGMA foreign_keys = OFF; DELETE FROM session",
        "session 1 has a history and its row is missing"
      ),
      ("DELETE FROM pod", "is missing; it is part of alice@1:y"),
    ])
  func rows(sql: String, expected: String) throws {
    let connection = try Connection.open(store.engine.database, for: .writing)
    try connection.execute(sql)
    let findings = try Store(openingAt: store.path).findings()
    #expect(findings.contains { $0.hasSuffix(expected) || $0.contains(expected) })
  }
}
