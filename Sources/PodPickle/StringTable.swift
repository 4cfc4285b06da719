/// Finds the node of a short string that was met before.
///
/// New strings gather in a table that fits into the nearest cache, and go to
/// the large one in batches: to write to a random place of a large table is to
/// wait for the memory, but many such writes in a row wait together. A string
/// is compared with the payload of the node it might be; the longest that is
/// looked up has 255 bytes, so a bad hash costs time only within what the
/// input itself holds.
struct StringTable {
  typealias Node = ObjectGraph.Node

  /// Longer strings keep their identity.
  static let byteLimit = 255

  private var recent = HashedNodes(capacity: 2 * batchCount)
  private var older = HashedNodes(capacity: 8)
  /// All nodes, in the order in which they were added: to hash them again is to read in order.
  private var nodes = GrowingArray<Node>()
  /// The number of nodes in `older`.
  private var olderCount = 0
  private let seed = UInt64.random(in: 0 ... .max)
  /// What was read ahead, so that it is read.
  private var touched: UInt64 = 0

  private static let batchCount = 512

  /// Returns the node of the kind `kind` with the bytes `range` of a source, or adds it.
  @inline(__always)
  mutating func node(
    _ kind: ObjectGraph.Kind, source: Int, _ range: Range<Int>, in graph: inout ObjectGraph
  ) -> Node {
    let hash = graph.sources.tableHash(source, range, seed: seed)
    if let found = recent.find(hash, kind, source, range, in: &graph)
      ?? older.find(hash, kind, source, range, in: &graph)
    {
      return found
    }
    let node = graph.addAtom(kind, source: source, range)
    recent.put(node, hash)
    nodes.append(node)
    if nodes.count - olderCount == Self.batchCount { moveRecent(in: &graph) }
    return node
  }

  /// The hash of a string for ``node(_:source:_:ahead:in:)``; the places where that looks come nearer.
  ///
  /// Of strings that are known in advance all hashes should be asked for first: to wait for the
  /// memory of many at once takes hardly longer than for one.
  @inline(__always)
  mutating func hash(source: Int, _ range: Range<Int>, in graph: borrowing ObjectGraph) -> UInt64 {
    let hash = graph.sources.tableHash(source, range, seed: seed)
    touched ^= older.firstWords(of: hash)
    return hash
  }

  /// The same as ``node(_:source:_:in:)``, for a string whose hash was asked for; a table is used in
  /// one of the two ways.
  @inline(__always)
  mutating func node(
    _ kind: ObjectGraph.Kind, source: Int, _ range: Range<Int>, ahead hash: UInt64,
    in graph: inout ObjectGraph
  ) -> Node {
    if let found = older.find(hash, kind, source, range, in: &graph) { return found }
    let node = graph.addAtom(kind, source: source, range)
    nodes.append(node)
    if nodes.count > older.capacity / 4 * 3 {
      moveRecent(in: &graph)
    } else {
      older.put(node, hash)
      olderCount += 1
    }
    return node
  }

  @inline(never)
  private mutating func moveRecent(in graph: inout ObjectGraph) {
    if nodes.count > older.capacity / 4 * 3 {
      older = HashedNodes(capacity: max(4 * older.capacity, 4 * Self.batchCount))
      olderCount = 0
    }
    for index in olderCount..<nodes.count {
      let node = Int(nodes[index])
      let start = Int(graph.starts[node] & ObjectGraph.offsetMask)
      let range = start..<(start + Int(graph.counts[node]))
      let source = Int(graph.starts[node] >> ObjectGraph.offsetBits)
      older.put(nodes[index], graph.sources.tableHash(source, range, seed: seed))
    }
    olderCount = nodes.count
    recent.removeAll()
  }
}
