import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct BlobIndexTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }

  init() throws { temporary = try TemporaryStore() }

  /// Half of it is kept as it is, half compressed.
  private let bytes =
    noise(300_000, seed: 1) + (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 100) }

  /// Seals the bytes in a process of its own, together with some that are not needed.
  private func sealed() throws -> Version {
    let store = try Store(openingAt: store.path)
    let (name, other) = (try VariableName("x"), try VariableName("y"))
    let version = try store.seal(ByteSource(bytes), as: name, in: temporary.session)
    _ = try store.seal(ByteSource(noise(500_000, seed: 7)), as: other, in: temporary.session)
    try store.remove(other, in: temporary.session)
    return version
  }

  /// Checks stretches of any length, in any order, until all pods were read before.
  private func expectAll(_ content: Content, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let start = Int.random(in: 0..<bytes.count, using: &generator)
      let count = 1 << Int.random(in: 0...17, using: &generator)
      let expected = bytes[start..<min(bytes.count, start + count)]
      #expect(try content.read(at: Int64(start), count: count) == Array(expected))
    }
    #expect(try content.read(at: 0, count: bytes.count) == bytes)
  }

  @Test("Stretches that begin and end anywhere are read")
  func stretches() throws {
    let version = try sealed()
    for seed in 1...3 {
      try expectAll(Store(openingAt: store.path).open(version), seed: UInt64(seed))
    }
  }

  @Test("What is read first is found damaged, by whole pods and by parts", arguments: [1, 100_000])
  func damaged(count: Int) throws {
    let version = try sealed()
    for url in try FileManager.default.contentsOfDirectory(
      at: URL(fileURLWithPath: store.path + "/packs"), includingPropertiesForKeys: nil)
    {
      var pack = try Data(contentsOf: url)
      let place = try #require(pack.range(of: Data(bytes[150_000..<150_016])))
      pack[place.upperBound] ^= 1
      try pack.write(to: url)
    }
    let content = try Store(openingAt: store.path).open(version)
    // The damage is in the same pod, behind or within what is asked for.
    #expect(throws: StoreError.self) { try content.read(at: 150_000, count: count) }
    #expect(try content.read(at: 0, count: 50_000) == Array(bytes[..<50_000]))
  }

  @Test("Pods that were moved are found again, in a file that is open")
  func moved() throws {
    let version = try sealed()
    let reader = try Store(openingAt: store.path)
    let content = try reader.open(version)
    try expectAll(content, seed: 1)
    #expect(try Store(openingAt: store.path).collect().packs > 0)
    try expectAll(content, seed: 2)
  }
}
