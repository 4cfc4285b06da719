import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct CollectionTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var alice: SessionID { temporary.session }

  init() throws { temporary = try TemporaryStore() }

  /// Another process that has the store open, as far as locks can tell.
  private func other() throws -> Store { try Store(openingAt: store.path) }

  /// Writes bytes to a variable of a new session, in a process that ends then.
  @discardableResult
  private func save(_ bytes: [UInt8], in session: String) throws -> Version {
    let store = try other()
    let session = try store.createSession(SessionName(session)).id
    return try store.seal(ByteSource(bytes), as: VariableName("x"), in: session)
  }

  private func remove(_ session: String) throws {
    let store = try other()
    try store.removeSession(try store.session(SessionName(session)).id)
  }

  private func bytes(of version: Version) throws -> [UInt8] {
    try store.open(version).read(at: 0, count: Int(version.summary.size))
  }

  private var packBytes: Int64 {
    get throws { try store.packFileBytes }
  }

  @Test("What only a removed session needed goes, and its room comes back")
  func removedSession() throws {
    let kept = noise(300_000, seed: 1)
    let version = try save(kept, in: "kept")
    let before = try packBytes
    try save(Array(kept[..<200_000]) + noise(500_000, seed: 2), in: "gone")
    try remove("gone")
    let collected = try other().collect()
    #expect(collected.pods > 10)
    #expect(collected.bytes > 450_000)
    #expect(try packBytes < before + 20_000)
    #expect(try bytes(of: version) == kept)
    #expect(try store.findings() == [])
    #expect(try other().collect() == Collected())
  }

  @Test("A value that a process has open stays readable until it is closed")
  func openContent() throws {
    let bytes = noise(300_000, seed: 3)
    let version = try save(bytes, in: "gone")
    do {
      let content = try store.open(version)
      try remove("gone")
      #expect(try other().collect().pods == 0)
      #expect(try content.read(at: 0, count: bytes.count) == bytes)
      #expect(throws: StoreError.self) { try store.open(version) }
    }
    #expect(try other().collect().pods > 10)
    #expect(try packBytes < 20_000)
  }

  @Test("What a process had open that died does not stay")
  func staleLease() throws {
    let version = try save(noise(300_000, seed: 3), in: "gone")
    let leases = store.path + "/leases"
    try FileManager.default.createDirectory(atPath: leases, withIntermediateDirectories: false)
    let lease = leases + "/" + String(repeating: "0", count: File.randomNameCount)
    try Data(version.content.pod.bytes).write(to: URL(fileURLWithPath: lease))
    try remove("gone")
    #expect(try other().collect().pods > 10)
    #expect(!FileManager.default.fileExists(atPath: lease))
  }

  @Test(
    "A save that found a pod which collection then removes writes it again",
    arguments: [PodWriter.Reliance.memory, .index])
  func removedMeanwhile(reliance: PodWriter.Reliance) throws {
    let bytes = noise(300_000, seed: 4)
    try save(bytes, in: "gone")
    let x = try VariableName("x")
    if reliance == .memory {
      // The process remembers the buffers that it has put.
      let gone = try store.session(SessionName("gone")).id
      _ = try store.seal(ByteSource(bytes), as: VariableName("y"), in: gone)
    }
    var runs = 0
    let version = try store.withWriter { writer throws(StoreError) in
      runs += 1
      let blob = try writer.put(ByteSource(bytes), 0..<bytes.count, at: PodSite())
      if runs == 1 {
        do {
          try remove("gone")
          #expect(try other().collect().pods > 10)
        } catch { Issue.record(error) }
      }
      let summary = ValueSummary(type: "file", size: Int64(bytes.count))
      let content = NewContent(id: ContentID(pod: blob.pod, form: .raw), roots: [summary])
      return try writer.seal(content, as: x, in: alice)
    }
    #expect(runs == 2)
    #expect(try self.bytes(of: version) == bytes)
    #expect(try other().findings() == [])
  }

  @Test("A session that another process has been writing to keeps what it saves next")
  func writerGoesOn() throws {
    let bytes = noise(300_000, seed: 5)
    let first = try store.seal(ByteSource(bytes), as: VariableName("x"), in: alice)
    try store.remove(VariableName("x"), in: alice)
    // Its pack is locked, so the bytes stay; but no row leads to them.
    #expect(try other().collect().pods > 10)
    #expect(throws: StoreError.podNotFound(first.content.pod)) { try self.bytes(of: first) }
    let again = try store.seal(ByteSource(bytes), as: VariableName("x"), in: alice)
    #expect(try self.bytes(of: again) == bytes)
    #expect(try other().collect().pods == 0)
    #expect(try self.bytes(of: again) == bytes)
  }

  @Test("Files of packs that nobody wrote to the end go, those of living writers stay")
  func orphans() throws {
    let packs = store.path + "/packs"
    try Data(PackFormat.header).write(to: URL(fileURLWithPath: packs + "/left.pack"))
    let pack = try OpenPack.create(in: store.engine.packs)
    let name = OpenPack.path(of: pack.name, in: store.engine.packs).description
    _ = try other().collect()
    #expect(!FileManager.default.fileExists(atPath: packs + "/left.pack"))
    #expect(FileManager.default.fileExists(atPath: name))
    _ = consume pack
  }

  @Test("Two collections do not run at once")
  func alone() throws {
    let packs = store.path + "/packs"
    let second = try other()
    #expect(throws: StoreError.busy(path: packs)) {
      try store.engine.whilePacksStay { () throws(StoreError) in
        try second.collect(patience: .milliseconds(30))
      }
    }
  }

  @Test("A damaged pod whose children cannot be told ends collection before it removes anything")
  func damage() throws {
    try save(noise(300_000, seed: 6), in: "kept")
    try save(noise(300_000, seed: 7), in: "gone")
    try remove("gone")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: store.path + "/packs").first {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: store.path + "/packs/" + $0))
        return bytes.range(of: Data(noise(64, seed: 6))) != nil
      })
    let url = URL(fileURLWithPath: store.path + "/packs/" + name)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count - 100] ^= 1
    try bytes.write(to: url)
    #expect {
      try other().collect()
    } throws: { error in
      if case .podDamaged? = error as? StoreError { true } else { false }
    }
    #expect(try packBytes > 600_000)
  }

  @Test("Pods that are kept as differences outlive what they differ from", arguments: 1...4)
  func deltas(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var bytes = noise(60_000, seed: 8)
    let x = try VariableName("x")
    var kept: [(number: CommitNumber, bytes: [UInt8])] = []
    do {
      let writer = try other()
      for _ in 0..<30 {
        for _ in 0..<3 {
          let start = Int.random(in: 0..<59_000, using: &generator)
          bytes.replaceSubrange(
            start..<start + 20, with: noise(20, seed: generator.next()))
        }
        _ = try writer.seal(ByteSource(bytes), as: x, in: alice)
        let number = try writer.commitWorkspace(of: alice, message: "").number
        kept.append((number, bytes))
      }
    }
    while kept.count > 1 {
      let gone = Set(
        kept.dropLast().map(\.number).filter { _ in Bool.random(using: &generator) })
      try store.engine.change { connection throws(StoreError) in
        try CommitRemoval.run(gone, of: alice, connection)
      }
      kept.removeAll { gone.contains($0.number) }
      try other().collect()
      #expect(try other().findings() == [])
      for (number, bytes) in kept {
        let version = try #require(try store.manifest(of: number, in: alice).versions[x])
        #expect(try self.bytes(of: version) == bytes)
      }
      // No pod needs a base that no value needs.
      #expect(try needlessPods().isEmpty)
    }
    #expect(try packBytes < 62_000)
  }

  /// The pods of the index that no content needs.
  private func needlessPods() throws -> Set<PodID> {
    let (pods, roots) = try store.engine.read { connection throws(StoreError) in
      (try connection.podsByPlace(), try connection.rootPods())
    }
    var open = roots
    var needed: Set<PodID> = []
    while let id = open.popLast() {
      guard needed.insert(id).inserted else { continue }
      open += try PodFormat.children(of: try store.bytes(of: id), named: id)
    }
    return Set(pods).subtracting(needed)
  }
}
