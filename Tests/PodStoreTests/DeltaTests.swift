import Foundation
import PodModel
import PodPickle
import PodStore
import PodTesting
import Testing

@Suite struct DeltaTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }

  init() throws { temporary = try TemporaryStore() }

  /// Saves one variable whose only pod stands at one site, and returns the pod.
  private func save(_ bytes: [UInt8], at site: PodSite, in store: Store) throws -> PodID {
    try store.withWriter { writer throws(StoreError) in
      let pod = try writer.put([1] + bytes, at: site)
      let summary = ValueSummary(type: "file", size: Int64(bytes.count))
      let content = NewContent(id: ContentID(pod: pod, form: .raw), roots: [summary])
      let name: VariableName
      do { name = try VariableName("x") } catch { throw .invalidCommit(reason: "\(error)") }
      _ = try writer.seal(content, as: name, in: temporary.session)
      return pod
    }
  }

  @Test("Versions of a pod at one site cost what changed, and are read as they were")
  func chain() throws {
    var bytes = noise(8000, seed: 1)
    let site = PodSite(seed: 7)
    var versions: [(PodID, [UInt8])] = []
    for round in 0..<30 {
      bytes.replaceSubrange((round * 200)..<(round * 200 + 20), with: noise(20, seed: 50))
      versions.append((try save(bytes, at: site, in: store), bytes))
    }
    let statistics = try store.statistics()
    #expect(statistics.podBytes >= 30 * 8000)
    // Only the first is whole: chains have a limit, and then go back to it.
    #expect(statistics.storedBytes < 2 * 8000)
    let reopened = try Store(openingAt: store.path)
    for (pod, bytes) in versions { #expect(try reopened.bytes(of: pod) == [1] + bytes) }
    #expect(try reopened.findings() == [])
  }

  @Test("Where a change of a long run of bytes begins and ends, the pieces are kept as differences")
  func edges() throws {
    let name = try VariableName("x")
    var bytes = noise(400_000, seed: 1)
    _ = try store.seal(ByteSource(bytes), as: name, in: temporary.session)
    let before = try store.statistics().storedBytes
    for round in 0..<8 {
      let start = 20_000 + round * 43_210
      bytes.replaceSubrange(start..<(start + 20_000), with: noise(20_000, seed: UInt64(2 + round)))
      let version = try store.seal(ByteSource(bytes), as: name, in: temporary.session)
      #expect(try store.open(version).read(at: 0, count: bytes.count) == bytes)
    }
    // The bytes and the names of some pieces; the unchanged parts of two pieces would be 9000.
    #expect(try store.statistics().storedBytes - before < 8 * (20_000 + 4500))
    #expect(try store.findings() == [])
  }

  @Test("A pod that is unlike the one before at its site is kept whole")
  func unlike() throws {
    let site = PodSite(seed: 7)
    for seed in 0..<5 {
      let bytes = noise(4000, seed: UInt64(seed))
      let pod = try save(bytes, at: site, in: store)
      #expect(try store.bytes(of: pod) == [1] + bytes)
    }
    #expect(try store.statistics().storedBytes >= 5 * 4000)
  }

  @Test(
    "Versions of a pod longer than deflate reaches back cost what changed too",
    arguments: [32_700, 40_000, 100_000])
  func long(count: Int) throws {
    var bytes = noise(count, seed: 1)
    let site = PodSite(seed: 7)
    var versions: [(PodID, [UInt8])] = []
    for round in 0..<6 {
      let start = 1000 + round * 5000
      bytes.replaceSubrange(start..<(start + 20), with: noise(25 - 3 * round, seed: 50))
      versions.append((try save(bytes, at: site, in: store), bytes))
    }
    let cut = Array(bytes.prefix(20_000))
    versions.append((try save(cut, at: site, in: store), cut))
    versions.append((try save(bytes, at: site, in: store), bytes))
    #expect(try store.statistics().storedBytes < bytes.count + 10_000)
    for (pod, bytes) in versions { #expect(try store.bytes(of: pod) == [1] + bytes) }
    #expect(try store.findings() == [])
  }

  @Test("Very long pods, and pods without a site, are kept whole")
  func veryLong() throws {
    let bytes = noise(600_000, seed: 1)
    let first = try save(bytes, at: PodSite(seed: 1), in: store)
    let second = try save(bytes + [1], at: PodSite(seed: 1), in: store)
    #expect(try store.bytes(of: first) == [1] + bytes)
    #expect(try store.bytes(of: second) == [1] + bytes + [1])
    #expect(try store.statistics().storedBytes > 1_200_000)
  }

  @Test("Where a base is damaged, what needs it is an error and named")
  func damagedBase() throws {
    let site = PodSite(seed: 7)
    let base = try save(noise(4000, seed: 1), at: site, in: store)
    let delta = try save(noise(4000, seed: 1) + [5], at: site, in: store)
    let packs = store.path + "/packs"
    let pack = try #require(try FileManager.default.contentsOfDirectory(atPath: packs).first)
    let url = URL(fileURLWithPath: packs + "/" + pack)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.startIndex + 16 + 100] ^= 1
    try bytes.write(to: url)
    let reopened = try Store(openingAt: store.path)
    #expect(throws: StoreError.podDamaged(base)) { try reopened.bytes(of: base) }
    #expect(throws: StoreError.podDamaged(base)) { try reopened.bytes(of: delta) }
    #expect(try !reopened.findings().isEmpty)
  }
}
