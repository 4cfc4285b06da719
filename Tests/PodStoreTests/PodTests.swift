import Foundation
import PodModel
import PodTesting
import Testing

@testable import PodStore

@Suite struct PodTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  private var packs: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: store.path + "/packs") }
  }

  private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return [1] + (1..<max(1, count)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// Puts pods and seals the last one, so that they are kept.
  private func keep(_ pods: [[UInt8]], in store: Store) throws -> [PodID] {
    let name = try VariableName("x")
    return try store.withWriter { writer throws(StoreError) in
      var ids: [PodID] = []
      for pod in pods { ids.append(try writer.put(pod)) }
      guard let last = ids.last else { return [] }
      let content = NewContent(
        id: ContentID(pod: last, form: .raw), roots: [ValueSummary(type: "file", size: 1)])
      _ = try writer.seal(content, as: name, in: fixture.session)
      return ids
    }
  }

  @Test(
    "A pod comes back as it was put, whatever its size",
    arguments: [1, 2, 255, 256, 257, 4096, 65_536, 1 << 20, (1 << 20) + 1, 5_000_000])
  func roundTrip(count: Int) throws {
    let pods = [noise(count, seed: 1), [1] + [UInt8](repeating: 7, count: count)]
    let ids = try keep(pods, in: store)
    #expect(try ids.map(store.bytes) == pods)
    #expect(try ids.map(Store(openingAt: store.path).bytes) == pods)
  }

  @Test("What shrinks by a fifth is stored compressed, what does not as it is")
  func codecs() throws {
    let text = [1] + [UInt8](String(repeating: "the quick brown fox ", count: 400).utf8)
    let random = noise(8000, seed: 2)
    _ = try keep([text, random], in: store)
    let statistics = try store.statistics()
    #expect(statistics.podBytes == Int64(text.count + random.count))
    #expect(statistics.storedBytes < Int64(random.count + text.count / 5))
    #expect(statistics.storedBytes >= Int64(random.count))
  }

  @Test("The name of a pod is the SHA-256 of its bytes")
  func name() throws {
    let id = try #require(try keep([[UInt8]("abc".utf8)], in: store).first)
    #expect(
      id.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try store.contains(id))
    #expect(try !store.contains(PodID(words: SIMD4(1, 2, 3, 4))))
  }

  @Test("A pod is written once: by one writer, by the next, by another store object")
  func once() throws {
    let pods = (0..<10).map { noise(5000, seed: $0 + 1) }
    _ = try keep(pods + pods, in: store)
    let before = try store.statistics()
    #expect(before.pods == 10)
    _ = try keep(pods, in: store)
    _ = try keep(pods, in: try Store(openingAt: store.path))
    #expect(try store.statistics().packBytes == before.packBytes)
    #expect(try packs.count == 1)
  }

  @Test("Pods that nothing was made of leave no bytes, and the next writer goes on")
  func dropped() throws {
    _ = try keep([noise(100, seed: 1)], in: store)
    let pack = store.path + "/packs/" + (try #require(try packs.first))
    let size = try FileManager.default.attributesOfItem(atPath: pack)[.size] as? Int
    let big = (0..<300).map { noise(10_000, seed: $0 + 10) }
    let id = try store.withWriter { writer throws(StoreError) in
      for pod in big { _ = try writer.put(pod) }
      return try writer.put(big[0])
    }
    #expect(throws: StoreError.noDefaultPath) {
      try store.withWriter { writer throws(StoreError) in
        for pod in big { _ = try writer.put(pod) }
        throw .noDefaultPath
      }
    }
    #expect(try FileManager.default.attributesOfItem(atPath: pack)[.size] as? Int == size)
    #expect(throws: StoreError.podNotFound(id)) { try store.bytes(of: id) }
    _ = try keep(big, in: store)
    #expect(try store.bytes(of: id) == big[0])
    #expect(try packs.count == 1)
    #expect(try store.findings() == [])
  }

  @Test("A save that fails leaves the old state, and the next one works")
  func failedSave() throws {
    try store.save(["x": "1"], in: session)
    let statistics = try store.statistics()
    #expect(throws: StoreError.sessionRemoved(SessionID(row: 99))) {
      try store.save(["x": "2"], in: SessionID(row: 99))
    }
    #expect(try store.statistics() == statistics)
    try store.save(["x": "2"], in: session)
    #expect(try store.texts(of: 2, in: session) == ["x": "2"])
    #expect(try store.findings() == [])
  }

  @Test("A writer that failed in the middle of a save can try again")
  func retry() throws {
    let x = try VariableName("x")
    let version = try store.withWriter { writer throws(StoreError) in
      let content = try writer.putText("kept")
      do throws(StoreError) {
        _ = try writer.seal(content, as: x, in: SessionID(row: 99))
      } catch {
        return try writer.seal(content, as: x, in: fixture.session)
      }
      throw .noDefaultPath
    }
    #expect(try store.text(of: version) == "kept")
  }

  @Test("Writers at one time have packs of their own")
  func nested() throws {
    try store.withWriter { outer throws(StoreError) in
      _ = try outer.putText("outer")
      do { try store.save(["x": "inner"], in: session) } catch { throw .noDefaultPath }
      let content = try outer.putText("outer too")
      let namespace = NewCommit(
        base: NamespaceBase(commit: CommitNumber(1)),
        coVariables: [NewCoVariable(content: content, names: [:])])
      _ = try outer.save(namespace, in: session)
    }
    #expect(try store.findings() == [])
    #expect(try store.texts(of: 1, in: session) == ["x": "inner"])
  }

  @Test("A full pack is followed by another")
  func fullPack() throws {
    let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
    var pod = [UInt8](try #require(try random.read(upToCount: 33 << 20)))
    let pods = (0..<9 as Range<UInt8>).map { number in
      pod[0] = number
      return pod
    }
    let ids = try keep(pods, in: store)
    #expect(try packs.count == 2)
    #expect(try store.statistics().packs == 2)
    for (id, pod) in zip(ids, pods) { #expect(try store.bytes(of: id) == pod) }
  }

  @Test("A pod over the limit is refused")
  func tooLarge() throws {
    let bytes = [UInt8](repeating: 0, count: PodLimits.byteLimit + 1)
    #expect(throws: StoreError.podTooLarge(bytes.count)) {
      try store.withWriter { writer throws(StoreError) in try writer.put(bytes) }
    }
  }
}
