/// Finds the node of a short string that was met before.
///
/// Open addressing in groups of eight slots: a word holds a byte of the hash of
/// each, zero for a free slot. Mostly a string is new, and that word says so
/// with no branch that a processor could not foresee, so it reads on while the
/// word comes from memory. A string is compared with the payload of the node
/// it might be; the longest that is looked up has 255 bytes, so a bad hash
/// costs time only within what the input itself holds.
struct StringTable {
  /// Longer strings keep their identity.
  static let byteLimit = 255

  private var tags = GrowingArray<UInt64>(repeating: 0, count: 32)
  private var slots = GrowingArray<ObjectGraph.Node>(repeating: 0, count: 256)
  /// All nodes, in the order in which they were added: to grow is to read in order.
  private var nodes = GrowingArray<ObjectGraph.Node>()
  private let seed = UInt64.random(in: 0 ... .max)

  /// Returns the node of the kind `kind` with the bytes `range` of a source, or adds it.
  @inline(__always)
  mutating func node(
    _ kind: ObjectGraph.Kind, source: Int, _ range: Range<Int>, in graph: inout ObjectGraph
  ) -> ObjectGraph.Node {
    let hash = graph.sources.tableHash(source, range, seed: seed)
    let mask = tags.count - 1
    var group = Int(truncatingIfNeeded: hash) & mask
    while true {
      var matches = Self.zeroBytes(of: tags[group] ^ Self.tag(hash) &* Self.lowBits)
      while matches != 0 {
        let found = slots[group << 3 | matches.trailingZeroBitCount >> 3]
        if graph.kinds[Int(found)] == kind, Int(graph.counts[Int(found)]) == range.count {
          let start = graph.starts[Int(found)]
          if graph.sources.equal(
            source, range, to: Int(start >> ObjectGraph.offsetBits),
            at: Int(start & ObjectGraph.offsetMask))
          {
            return found
          }
        }
        matches &= matches - 1
      }
      if Self.zeroBytes(of: tags[group]) != 0 { break }
      group = (group + 1) & mask
    }
    let node = graph.addAtom(kind, source: source, range)
    put(node, hash, inGroup: group)
    nodes.append(node)
    if nodes.count > slots.count / 4 * 3 { grow(in: graph) }
    return node
  }

  /// Puts a node into a group that has a free slot.
  @inline(__always)
  private mutating func put(_ node: ObjectGraph.Node, _ hash: UInt64, inGroup group: Int) {
    let free = Self.zeroBytes(of: tags[group]).trailingZeroBitCount >> 3
    tags[group] |= Self.tag(hash) << UInt64(free << 3)
    slots[group << 3 | free] = node
  }

  @inline(never)
  private mutating func grow(in graph: borrowing ObjectGraph) {
    let mask = tags.count * 2 - 1
    tags = GrowingArray(repeating: 0, count: mask + 1)
    slots = GrowingArray(repeating: 0, count: (mask + 1) << 3)
    for index in nodes.indices {
      let start = graph.starts[Int(nodes[index])]
      let offset = Int(start & ObjectGraph.offsetMask)
      let range = offset..<(offset + Int(graph.counts[Int(nodes[index])]))
      let hash = graph.sources.tableHash(
        Int(start >> ObjectGraph.offsetBits), range, seed: seed)
      var group = Int(truncatingIfNeeded: hash) & mask
      while Self.zeroBytes(of: tags[group]) == 0 { group = (group + 1) & mask }
      put(nodes[index], hash, inGroup: group)
    }
  }

  /// The byte that stands for `hash`, which is not zero.
  @inline(__always)
  private static func tag(_ hash: UInt64) -> UInt64 { max(hash >> 56, 1) }

  /// The upper bit of each byte of `word` that is zero, and perhaps of bytes above such a byte.
  @inline(__always)
  private static func zeroBytes(of word: UInt64) -> UInt64 {
    (word &- lowBits) & ~word & (lowBits << 7)
  }

  private static let lowBits: UInt64 = 0x0101_0101_0101_0101
}
