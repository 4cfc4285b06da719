import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct RepairTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var alice: SessionID { temporary.session }
  private let texts: [[String: String]]

  init() throws {
    temporary = try TemporaryStore()
    texts = (1...6).map { ["x": "value \($0)", "y": "always the same"] }
    for text in texts { try store.save(text, in: alice) }
  }

  private func run(_ sql: String) throws {
    try store.engine.change { connection throws(StoreError) in try connection.execute(sql) }
  }

  private func repair() throws -> [(finding: String, isMended: Bool)] {
    var findings: [(String, Bool)] = []
    try Store(openingAt: store.path).repair { findings.append(("\($0)", $1)) }
    return findings
  }

  private var packs: [URL] {
    get throws {
      try FileManager.default.contentsOfDirectory(
        at: URL(fileURLWithPath: store.path + "/packs"), includingPropertiesForKeys: nil)
    }
  }

  /// Changes a byte of a text wherever it stands in a pack.
  private func damage(_ text: String) throws {
    for url in try packs {
      var bytes = try Data(contentsOf: url)
      guard let range = bytes.range(of: Data(text.utf8)) else { continue }
      bytes[range.lowerBound] ^= 1
      try bytes.write(to: url)
    }
  }

  @Test("A store without damage is left as it is")
  func clean() throws { #expect(try repair().isEmpty) }

  @Test("An index that was lost is made anew from the packs, differences included")
  func lostIndex() throws {
    var generator = SeededGenerator(seed: 1)
    var bytes = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var versions: [(Version, [UInt8])] = []
    for round in 0..<20 {
      bytes[round * 500] ^= 1
      let name = try VariableName("z\(round)")
      versions.append((try store.seal(ByteSource(bytes), as: name, in: alice), bytes))
    }
    let before = try store.statistics()
    // The writer ends: nobody else looks into a pack that somebody writes to.
    store.engine.idlePacks.removeAll()
    try run("DELETE FROM pod; DELETE FROM pack")
    #expect(try store.findings().count > 20)
    let findings = try repair()
    #expect(findings.count > 20 && findings.allSatisfy(\.isMended))
    let opened = try Store(openingAt: store.path)
    #expect(try opened.findings() == [])
    #expect(try opened.statistics().pods == before.pods)
    for (version, bytes) in versions {
      #expect(try opened.open(version).read(at: 0, count: bytes.count) == bytes)
    }
    for (index, text) in texts.enumerated() {
      #expect(try opened.texts(of: Int64(index + 1), in: alice) == text)
    }
  }

  @Test("A damaged pod without a copy costs its versions, until the value is saved again")
  func lostPod() throws {
    try damage("value 3")
    let findings = try repair()
    #expect(findings.count == 1 && !findings[0].isMended)
    #expect(findings[0].finding.hasSuffix("it is part of alice@3:x"))
    for number in [1, 2, 4, 5, 6] {
      #expect(try store.texts(of: Int64(number), in: alice) == texts[number - 1])
    }
    #expect(throws: StoreError.self) { try store.texts(of: 3, in: alice) }
    let opened = try Store(openingAt: store.path)
    try opened.save(["other": "value 3"], in: try opened.createSession(SessionName("bob")).id)
    #expect(try opened.texts(of: 3, in: alice) == texts[2])
    #expect(try opened.findings() == [])
  }

  @Test("A pod that another pack has unharmed is taken from there")
  func copy() throws {
    // Two writers that put the same pod at once leave two copies, of which one is in the index.
    try FileManager.default.copyItem(
      at: try #require(try packs.first),
      to: URL(fileURLWithPath: store.path + "/packs/0123456789abcdef0123456789abcdef.pack"))
    let original = try #require(try packs.first { !$0.path.hasSuffix("abcdef.pack") })
    var bytes = try Data(contentsOf: original)
    for index in bytes.indices.dropFirst(16) { bytes[index] = 0 }
    try bytes.write(to: original)
    #expect(try !Store(openingAt: store.path).findings().isEmpty)
    #expect(try repair().allSatisfy(\.isMended))
    let opened = try Store(openingAt: store.path)
    #expect(try opened.findings() == [])
    for (index, text) in texts.enumerated() {
      #expect(try opened.texts(of: Int64(index + 1), in: alice) == text)
    }
  }

  @Test("A pack that is gone or cut is reported once, and not again after the repair")
  func lostPack() throws {
    let url = try #require(try packs.first)
    let handle = try #require(FileHandle(forWritingAtPath: url.path))
    try handle.truncate(atOffset: 60)
    try handle.close()
    #expect(try repair().contains { $0.finding.hasPrefix("pack ") && $0.isMended })
    let again = try repair()
    #expect(!again.isEmpty && again.allSatisfy { $0.finding.hasPrefix("pod ") && !$0.isMended })
    try FileManager.default.removeItem(at: url)
    _ = try repair()
    #expect(try repair().allSatisfy { $0.finding.hasPrefix("pod ") })
  }

  @Test(
    "Names of commits that are not there go, and what is there stays readable",
    arguments: [
      "UPDATE session SET head = 9", "DELETE FROM branch", "UPDATE branch SET number = 8",
      "UPDATE commit_ SET parent = 99 WHERE number = 5",
      "DELETE FROM version WHERE commit_ = 4",
    ])
  func rows(sql: String) throws {
    try run(sql)
    let findings = try repair()
    #expect(!findings.isEmpty && findings.allSatisfy(\.isMended))
    let opened = try Store(openingAt: store.path)
    #expect(try opened.findings() == [])
    for number in [1, 2, 3, 5, 6] {
      #expect(try opened.texts(of: Int64(number), in: alice) == texts[number - 1])
    }
    try opened.save(["x": "new"], in: alice)
    #expect(try opened.texts(of: 7, in: alice)["x"] == "new")
  }
}
