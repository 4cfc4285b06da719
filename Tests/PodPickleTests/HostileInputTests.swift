import PodModel
import PodPickle
import PodTesting
import Testing

@Suite struct HostileInputTests {
  /// Changes, removes, repeats or inserts some bytes.
  private func mutate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes.remove(at: index)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
      default:
        let end = min(bytes.count, index + Int.random(in: 1...16, using: &generator))
        bytes.insert(contentsOf: bytes[index..<end], at: index)
      }
    }
    return bytes
  }

  @Test("A mutated pickle is an error, or a graph that goes through pods", arguments: 0..<8)
  func mutatedStreams(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var scanned = 0
    for _ in 0..<400 {
      let sample = SamplePickles.all[Int.random(in: SamplePickles.all.indices, using: &generator)]
      let stream = mutate(sample.stream, &generator)
      let graph: ObjectGraph
      do { graph = try scan(stream) } catch { continue }
      scanned += 1
      _ = graph.coVariables()
      _ = graph.summary(ofRoot: 0)
      var pods = MemoryPods()
      let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
      let joined = try pods.join(root, limit: graph.emittedCounts()[0])
      #expect(joined.emittedCounts() == graph.emittedCounts(), "\(sample.name): \(stream)")
    }
    #expect(scanned > 10)
  }

  @Test("A mutated pod is an error, or a value", arguments: 0..<8)
  func mutatedPods(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var failures = 0
    for _ in 0..<400 {
      let sample = SamplePickles.all[Int.random(in: SamplePickles.all.indices, using: &generator)]
      let graph = try scan(sample.stream)
      var pods = MemoryPods()
      let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
      guard let victim = pods.pods.keys.randomElement(using: &generator) else { continue }
      pods.pods[victim] = mutate(pods.pods[victim] ?? [], &generator)
      do {
        _ = try? pods.stream(of: 0, in: root, limit: 10_000)
        let joined = try pods.join(root, limit: 10_000)
        _ = joined.emittedCounts()
        _ = joined.coVariables()
      } catch { failures += 1 }
    }
    #expect(failures > 20)
  }

  /// A pod whose columns have nothing but tags; `head` stands between its names and them.
  private func pod(
    _ kind: UInt8, _ names: [PodID] = [], head: [UInt8] = [], tags: [UInt8]
  ) -> [UInt8] {
    [kind, UInt8(names.count)] + names.flatMap(\.bytes) + head
      + [UInt8(tags.count), 0, 0, 0, 0, 0] + tags
  }

  private func node(_ kind: ObjectGraph.Kind, _ count: UInt8) -> [UInt8] {
    [16 + kind.rawValue, count]
  }

  @Test("Pods that name each other over and over end at the limit")
  func bomb() throws {
    var pods = MemoryPods()
    var id = pods.put(pod(3, tags: node(.list, 0)))
    for _ in 0..<60 {
      // A list of the pod below, twice.
      id = pods.put(pod(3, [id, id], tags: node(.list, 2) + [0, 0]))
    }
    let root = pods.put(pod(5, [id], head: [5, 0], tags: node(.tuple, 1) + [0]))
    #expect(throws: PickleError.tooLarge(limit: 100_000)) { try pods.join(root, limit: 100_000) }
    #expect(throws: PickleError.tooLarge(limit: 100_000)) {
      try pods.stream(of: 0, in: root, limit: 100_000)
    }
  }

  @Test("A tuple that holds itself can't be made, and is refused")
  func impossibleTuple() throws {
    var pods = MemoryPods()
    // Object 0 is the tuple of roots; object 1 is a tuple whose only element is object 1.
    let tags = node(.tuple, 1) + node(.tuple, 1) + [2, 1]
    let root = pods.put(pod(5, head: [5, 0], tags: tags))
    #expect(throws: PickleError.self) { try pods.join(root, limit: 100) }
    #expect(throws: PickleError.self) { try pods.stream(of: 0, in: root, limit: 100) }
  }

  @Test("What is passed again and again on the way through a value is passed at once")
  func passedAgain() throws {
    // A persistent object whose identifier is a list of 1000 numbers, then 1000 times that object.
    let list: [UInt8] = [0x5d, 0x94, 0x28] + repeated(1000) { _ in [0x4b, 1] } + [0x65]
    let graph = try scan(
      [0x80, 5, 0x28] + list + [0x51, 0x94] + repeated(1000) { _ in [0x68, 1] } + [0x74, 0x2e])
    let count = graph.emittedCounts()[0]
    var pods = MemoryPods()
    let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
    let stream = try pods.stream(of: 0, in: root, limit: count).emission
    #expect(stream.count == count)
  }

  @Test("A pod that is its own child ends at the limit")
  func selfNaming() throws {
    var pods = MemoryPods()
    let id = pods.put([0])
    pods.pods[id] = pod(3, [id], tags: node(.list, 1) + [0])
    let root = pods.put(pod(5, [id], head: [5, 0], tags: node(.tuple, 1) + [0]))
    #expect(throws: PickleError.tooLarge(limit: 1000)) { try pods.join(root, limit: 1000) }
    #expect(throws: PickleError.tooLarge(limit: 1000)) {
      try pods.stream(of: 0, in: root, limit: 1000)
    }
  }

  @Test("A pod that is not there, or not one, is named")
  func badPod() throws {
    var pods = MemoryPods()
    let data = pods.put([1, 2, 3])
    #expect(throws: PickleError.badPod(data, reason: "another kind of pod than expected")) {
      try pods.join(data, limit: 100)
    }
  }

  /// `count` times what `unit` makes of a number.
  private func repeated(_ count: Int, _ unit: (Int) -> [UInt8]) -> [UInt8] {
    (0..<count).flatMap(unit)
  }

  private func fetch(_ index: Int) -> [UInt8] {
    [0x6a] + (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
  }

  @Test("A tuple of lists that all hold it is written anew in each: a few are, many are refused")
  func entangledTuple() throws {
    func entangled(_ count: Int) -> [UInt8] {
      [0x80, 5, 0x28] + repeated(count) { _ in [0x5d, 0x94] } + [0x74, 0x94]
        + repeated(count) { fetch($0) + fetch(count) + [0x61, 0x30] } + [0x2e]
    }
    let graph = try scan(entangled(200))
    #expect(graph.emittedCounts()[0] > 200 * 200)
    #expect(throws: PickleError.self) { try scan(entangled(5000)) }
  }

  @Test("A persistent identifier is no persistent object: it would be written again each time")
  func persistentChain() throws {
    #expect(throws: PickleError.self) { try scan([0x80, 5, 0x4e, 0x51, 0x51, 0x2e]) }
    _ = try scan([0x80, 5, 0x4e, 0x51, 0x85, 0x51, 0x2e])
  }

  @Test("A long number is not shared: it would be written again each time")
  func sharedNumber() throws {
    let number = [0x8a, 100] + [UInt8](repeating: 0x55, count: 100)
    #expect(throws: PickleError.self) { try scan([0x80, 5] + number + [0x94, 0x2e]) }
    #expect(throws: PickleError.self) { try scan([0x80, 5] + number + [0x32, 0x86, 0x2e]) }
    _ = try scan([0x80, 5] + number + [0x2e])
  }

  @Test("An object that is given a state over and over is refused")
  func manyStates() throws {
    let object = Array("czoo\nf\n)R".utf8)
    _ = try scan([0x80, 5] + object + repeated(10) { _ in [0x4e, 0x62] } + [0x2e])
    #expect(throws: PickleError.self) {
      try scan([0x80, 5] + object + repeated(1000) { _ in [0x4e, 0x62] } + [0x2e])
    }
  }

  @Test(
    "What has few bytes a piece comes back from its pods, however many these are", arguments: 0..<2)
  func manyPods(which: Int) throws {
    let nones = repeated(600_000) { _ in [0x4e] }
    let text = [0x58, 0xd0, 7, 0, 0] + [UInt8](repeating: 0x61, count: 2000) + [0x71, 0, 0x30]
    let graph = try scan(
      [0x80, 5]
        + (which == 0
          ? [0x28] + nones + [0x74]
          : text + [0x5d, 0x28] + repeated(2000) { _ in [0x68, 0] } + [0x65]) + [0x2e])
    var pods = MemoryPods()
    let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
    let joined = try pods.join(root, limit: graph.emittedCounts()[0])
    #expect(joined.emittedCounts() == graph.emittedCounts())
  }
}
