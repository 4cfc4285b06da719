import PodModel
import PodPickle
import PodTesting
import PodText

/// Takes one input through all that podfs does with bytes from outside.
struct Trial {
  /// What an input broke.
  enum Broken: Error {
    /// A value that was split can't be joined, or not to the same.
    case changed(String)
  }

  /// The most text that is rendered of a value, in bytes.
  private static let textLimit = 64 << 10

  /// Looks for callables, scans a pickle and takes its objects through pods and text; false if it is
  /// refused.
  static func stream(_ bytes: [UInt8]) throws -> Bool {
    _ = PickleCallables(ofFile: bytes.count) { offset, count in
      Array(bytes[offset..<(offset + count)])
    }
    let graph: ObjectGraph
    do {
      graph = try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(bytes))])
    } catch { return false }
    _ = graph.coVariables()
    _ = graph.summary(ofRoot: 0)
    let count = graph.emittedCounts()[0]
    var pods = MemoryPods()
    let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
    try checkFormat(of: pods, root, graph)
    let joined: ObjectGraph
    do { joined = try pods.join(root, limit: count) } catch {
      throw Broken.changed("the pods of a value are refused: \(error)")
    }
    let emission = graph.emit(root: 0)
    let emissionOfPods = try pods.stream(of: 0, in: root, limit: count).emission
    guard joined.emittedCounts()[0] == count else {
      throw Broken.changed("a graph of other objects comes back from pods")
    }
    guard emission.count == count, emissionOfPods.count == count else {
      throw Broken.changed("\(count) bytes become \(emission.count), \(emissionOfPods.count)")
    }
    if count < 1 << 20 {
      let ours = emission.bytes { _ in [] }
      guard try emissionOfPods.bytes(read: { try pods.bytes(of: $0) }) == ours else {
        throw Broken.changed("other bytes come back from pods")
      }
    }
    try render(graph, pods)
    try render(joined, pods)
    return true
  }

  /// Reads pods by the drawings of their format, if they are few.
  private static func checkFormat(
    of pods: MemoryPods, _ root: PodID, _ graph: ObjectGraph
  ) throws {
    guard pods.newBytes < 1 << 16 else { return }
    do {
      guard try PodReader(pods, root: root).pieces == graph.pieces(roots: [0]) else {
        throw Broken.changed("pods hold other objects")
      }
    } catch let failure as PodReader.Failure {
      throw Broken.changed("pods break the format: \(failure.reason)")
    }
  }

  private static func render(_ graph: ObjectGraph, _ pods: MemoryPods) throws {
    _ = try renderText(graph, root: 0, name: "x", limit: textLimit, blobs: MemoryBlobs(pods))
  }

  /// Compares two pickles, if both are right: without an end is as bad as an end of the process, and
  /// so is a difference of what is the same.
  static func compare(_ stream: [UInt8], _ other: [UInt8]) throws {
    func graph(_ stream: [UInt8]) -> ObjectGraph? {
      try? ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(stream))])
    }
    guard let one = graph(stream), let two = graph(other) else { return }
    var pods = MemoryPods()
    let root = two.split(groups: [[0]]) { pods.put($0) }[0]
    let joined = try pods.join(root, limit: two.emittedCounts()[0])
    let blobs = MemoryBlobs(pods)
    func count(_ one: ObjectGraph, _ two: ObjectGraph, isBrief: Bool = false) throws -> Int {
      try differences(
        from: ComparedValue(one, root: 0, blobs: blobs),
        to: ComparedValue(two, root: 0, blobs: blobs), name: "x", limit: 20, isBrief: isBrief
      ).count
    }
    let counts = try [count(one, two), count(two, one), count(one, two, isBrief: true)]
    guard Set(counts.map { $0 == 0 }).count == 1 else {
      throw Broken.changed("there is a difference, or not: \(counts)")
    }
    guard stream != other || counts[0] == 0, try count(joined, joined) == 0 else {
      throw Broken.changed("a value differs from itself")
    }
    _ = try count(one, joined)
  }

  /// The pods of a pickle that is right.
  static func pods(of stream: [UInt8]) throws -> (pods: MemoryPods, root: PodID, count: Int) {
    let graph = try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(stream))])
    var pods = MemoryPods()
    let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
    return (pods, root, graph.emittedCounts()[0])
  }

  /// Joins pods of which some were changed; false if they are refused.
  static func join(_ pods: MemoryPods, _ root: PodID, limit: Int) throws -> Bool {
    _ = try? pods.stream(of: 0, in: root, limit: limit)
    _ = try? pods.stream(of: 1, in: root, limit: limit, upTo: 100)
    let joined: ObjectGraph
    do { joined = try pods.join(root, limit: limit) } catch { return false }
    _ = joined.coVariables()
    _ = joined.emittedCounts()
    for number in joined.roots.indices {
      _ = joined.summary(ofRoot: number)
      // A blob may lead to pods that are not there.
      _ = try? joined.emit(root: number).bytes { try pods.bytes(of: $0) }
      _ = try? renderText(
        joined, root: number, name: "x", limit: textLimit, blobs: MemoryBlobs(pods))
    }
    return true
  }
}
