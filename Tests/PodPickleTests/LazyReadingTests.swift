import PodModel
import PodPickle
import PodTesting
import Testing

@Suite struct LazyReadingTests {
  private var generator = SeededGenerator(seed: 5)

  /// The opcodes of a list of `count` random numbers, memoized.
  private mutating func numbers(_ count: Int) -> [UInt8] {
    var list: [UInt8] = [0x5d, 0x94]
    for start in stride(from: 0, to: count, by: 1000) {
      list.append(0x28)
      for _ in start..<min(start + 1000, count) {
        list.append(0x47)
        for _ in 0..<8 { list.append(UInt8.random(in: 0...255, using: &generator)) }
      }
      list.append(0x65)
    }
    return list
  }

  /// A list of some items.
  private func list(_ items: [UInt8]...) -> [UInt8] {
    [0x5d, 0x94, 0x28] + items.flatMap { $0 } + [0x65]
  }

  private func get(_ index: UInt8) -> [UInt8] { [0x68, index] }

  private func split(_ parts: [[UInt8]], _ pods: inout MemoryPods) throws -> (PodID, Int) {
    let graph = try ObjectGraph.scan(
      parts.map { ObjectGraph.Part(stream: ByteSource([0x80, 5] + $0 + [0x2e])) })
    let root = graph.split(groups: [Array(parts.indices)]) { pods.put($0) }[0]
    return (root, graph.emittedCounts().reduce(1024, +))
  }

  private func bytes(_ emission: Emission, _ pods: MemoryPods) throws -> [UInt8] {
    try emission.bytes { blob throws(PickleError) in try pods.bytes(of: blob) }
  }

  @Test("A variable is read without the pods of those that it shares objects with")
  mutating func oneOfThree() throws {
    var pods = MemoryPods()
    // a holds two long lists, b the second one of them, c an empty one that a holds too.
    let shared = list(numbers(20_000), numbers(8000), [0x5d, 0x94])
    let (root, limit) = try split([shared, list(get(2)), list(get(3), [0x4e])], &pods)
    let all = try pods.stream(of: 0, in: root, limit: limit)
    let second = try pods.stream(of: 1, in: root, limit: limit)
    let third = try pods.stream(of: 2, in: root, limit: limit)
    #expect(second.read.count < all.read.count * 6 / 10)
    #expect(third.read.count <= 3)
    let graph = try pods.join(root, limit: limit)
    for (index, stream) in [all, second, third].enumerated() {
      let ours = try bytes(stream.emission, pods)
      #expect(try ours == bytes(graph.emit(root: index), pods))
      let alone = try pods.join(root, roots: [index], limit: limit)
      #expect(try bytes(alone.emit(root: 0), pods) == ours)
    }
  }

  @Test("What a variable needs is read although the rest is gone")
  mutating func restIsGone() throws {
    var pods = MemoryPods()
    let shared = list(numbers(20_000), numbers(8000))
    let (root, limit) = try split([shared, list(get(2))], &pods)
    let second = try pods.stream(of: 1, in: root, limit: limit)
    let needed = Set(second.read)
    pods.pods = pods.pods.filter { needed.contains($0.key) }
    let again = try pods.stream(of: 1, in: root, limit: limit)
    #expect(try bytes(again.emission, pods) == bytes(second.emission, pods))
    #expect(throws: PickleError.self) { try pods.stream(of: 0, in: root, limit: limit) }
  }

  @Test("The first bytes of a long list need the first pods")
  mutating func head() throws {
    var pods = MemoryPods()
    let (root, limit) = try split([numbers(200_000)], &pods)
    let whole = try pods.stream(of: 0, in: root, limit: limit)
    #expect(whole.read.count > 100)
    let head = try pods.stream(of: 0, in: root, limit: limit, upTo: 100)
    #expect(head.emission.count >= 100)
    #expect(head.read.count < 20)
    #expect(
      try bytes(head.emission, pods).prefix(head.emission.count)
        == bytes(whole.emission, pods).prefix(head.emission.count))
  }

  @Test("Thousands of roots are read together")
  func allRoots() throws {
    var pods = MemoryPods()
    var parts = [list([0x4e])]
    for index in 1..<3000 {
      parts.append(list(get(0), [0x4d, UInt8(index & 255), UInt8(index >> 8)]))
    }
    let (root, limit) = try split(parts, &pods)
    let all = Array(parts.indices)
    let tuple = try bytes(pods.stream(ofTuple: all, in: root, limit: limit), pods)
    #expect(try tuple == bytes(pods.join(root, limit: limit).emit(tupleOf: all), pods))
    // Backwards each is sought from the start.
    let reversed = Array(all.reversed())
    let graph = try pods.join(root, roots: reversed, limit: limit)
    #expect(
      try bytes(pods.stream(ofTuple: reversed, in: root, limit: limit), pods)
        == bytes(graph.emit(tupleOf: all), pods))
  }

  @Test("Lists in lists are met from the innermost outwards")
  func inwardsOut() throws {
    var pods = MemoryPods()
    let depth = 200
    var nest: [UInt8] = []
    for _ in 0..<depth { nest += [0x5d, 0x94] }
    nest += [UInt8](repeating: 0x61, count: depth - 1)
    var outwards: [UInt8] = [0x5d, 0x94, 0x28]
    for index in (0..<depth).reversed() { outwards += get(UInt8(index)) }
    let (root, limit) = try split([nest, outwards + [0x65]], &pods)
    let stream = try pods.stream(of: 1, in: root, limit: limit).emission
    let graph = try pods.join(root, limit: limit)
    #expect(try bytes(stream, pods) == bytes(graph.emit(root: 1), pods))
  }

  @Test("A root among thousands is found without the others")
  mutating func manyRoots() throws {
    var pods = MemoryPods()
    var parts = [list([0x4e])]
    for index in 1..<5000 {
      parts.append(list(get(0), [0x4d, UInt8(index & 255), UInt8(index >> 8)]))
    }
    let (root, limit) = try split(parts, &pods)
    #expect(pods.pods.count >= 12)
    for index in [0, 1, 2500, 4999] {
      let stream = try pods.stream(of: index, in: root, limit: limit)
      // The value, the run with the root, that with the list they share, and wires of the first two.
      #expect(stream.read.count <= 5)
      let alone = try pods.join(root, roots: [index], limit: limit)
      #expect(try bytes(alone.emit(root: 0), pods) == bytes(stream.emission, pods))
    }
  }
}
