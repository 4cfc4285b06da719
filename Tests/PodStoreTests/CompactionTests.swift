import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct CompactionTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var alice: SessionID { temporary.session }

  init() throws { temporary = try TemporaryStore() }

  /// Writes bytes to a variable in a process of its own, which leaves a pack of its own.
  private func save(_ bytes: [UInt8], as name: String) throws -> Version {
    let store = try Store(openingAt: store.path)
    return try store.seal(ByteSource(bytes), as: VariableName(name), in: alice)
  }

  private func compact() throws -> Int {
    try Compactor.run(in: try Store(openingAt: store.path).engine) { true }
  }

  private func packs() throws -> [PackSurvey] {
    try store.engine.read { connection throws(StoreError) in
      var surveys = try connection.packSurveys()
      try connection.survey(&surveys)
      return surveys
    }
  }

  @Test("Packs of many processes become one, once there are enough of them")
  func merges() throws {
    var saved: [(Version, [UInt8])] = []
    for number in 1...Compactor.mergeCount {
      #expect(try compact() == 0)
      let bytes = noise(20_000, seed: UInt64(number))
      saved.append((try save(bytes, as: "x\(number)"), bytes))
    }
    #expect(try packs().count == Compactor.mergeCount)
    #expect(try compact() == Compactor.mergeCount)
    let pack = try #require(try packs().first)
    #expect(try packs().count == 1)
    #expect(pack.isCold && !pack.isWasteful)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: store.path + "/packs") == [
        pack.name + ".pack"
      ])
    for (version, bytes) in saved {
      #expect(try store.open(version).read(at: 0, count: bytes.count) == bytes)
    }
    #expect(try store.findings() == [])
    #expect(try compact() == 0)
  }

  @Test("A pack that somebody writes to is left alone")
  func locked() throws {
    let writer = try Store(openingAt: store.path)
    _ = try writer.seal(ByteSource(noise(20_000, seed: 1)), as: VariableName("x"), in: alice)
    for number in 2...Compactor.mergeCount {
      _ = try save(noise(20_000, seed: UInt64(number)), as: "x\(number)")
    }
    #expect(try compact() == 0)
    _ = consume writer
    #expect(try compact() == Compactor.mergeCount)
  }

  /// Numbers that repeat, evenly enough that a quick look does not tell.
  private func repetitive(_ count: Int) -> [UInt8] {
    let once = noise(3000, seed: 9)
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += once + noise(16, seed: UInt64(bytes.count)) }
    return Array(bytes[..<count])
  }

  @Test(
    "What shrinks by a fifth is compressed when there is time, noise stays as it is and in order")
  func recompresses() throws {
    let (dull, noisy) = (repetitive(200_000), noise(200_000, seed: 1))
    let versions = [try save(dull, as: "dull"), try save(noisy, as: "noisy")]
    let before = try packs().reduce(0) { $0 + $1.bytes }
    #expect(try Store(openingAt: store.path).collect().packs == 2)
    let after = try packs().reduce(0) { $0 + $1.bytes }
    #expect(before > 400_000 && after < before - 80_000)
    #expect(try store.open(versions[0]).read(at: 0, count: dull.count) == dull)
    #expect(try store.open(versions[1]).read(at: 0, count: noisy.count) == noisy)
    let rows = try store.engine.read { connection throws(StoreError) in
      try connection.pods(
        inPacks: try connection.packSurveys().map(\.row), behind: nil, limit: 10_000
      ).pods
    }
    let raw = rows.filter { $0.location.codec == .raw && $0.location.count > 4096 }
    // Each piece of the noise begins where the one before it ends, but for its header.
    let gaps = zip(raw, raw.dropFirst()).map { one, next in
      next.location.position - one.location.position - Int64(one.location.storedCount)
    }
    #expect(raw.count > 20 && gaps.count(where: { (0...8).contains($0) }) > gaps.count / 2)
  }

  @Test("It does nothing when the store is told to do without, and stops when it is told to")
  func off() throws {
    for number in 1...Compactor.mergeCount {
      _ = try save(noise(20_000, seed: UInt64(number)), as: "x\(number)")
    }
    #expect(try Compactor.run(in: try Store(openingAt: store.path).engine) { false } == 0)
    try store.set(.compaction, to: 0)
    #expect(try compact() == 0)
    try store.set(.compaction, to: nil)
    #expect(try compact() == Compactor.mergeCount)
    #expect(try store.findings() == [])
  }

  @Test("Readers find every pod while packs are moved under them")
  func readers() throws {
    var saved: [(Version, [UInt8])] = []
    for number in 1...3 * Compactor.mergeCount {
      let bytes = noise(30_000, seed: UInt64(number))
      saved.append((try save(bytes, as: "x\(number)"), bytes))
    }
    let path = store.path
    let versions = saved
    let readers = (0..<2).map { _ in
      Thread {
        do {
          let store = try Store(openingAt: path)
          for _ in 0..<20 {
            for (version, bytes) in versions {
              let read = try store.open(version).read(at: 0, count: bytes.count)
              if read != bytes { Issue.record("other bytes") }
            }
          }
        } catch { Issue.record(error) }
      }
    }
    for reader in readers { reader.start() }
    for _ in 0..<4 {
      for number in 1...Compactor.mergeCount {
        _ = try save(noise(20_000, seed: UInt64(100 + number)), as: "y\(number)")
      }
      _ = try compact()
    }
    while !readers.allSatisfy(\.isFinished) { usleep(1000) }
    #expect(try store.findings() == [])
  }
}
