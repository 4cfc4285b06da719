/// Nodes of strings by the hash of their text.
///
/// Open addressing in groups of eight slots: a word holds a byte of the hash
/// of each, zero for a free slot. Mostly a string is new, and that word says
/// so with no branch that a processor could not foresee, so it reads on while
/// the word comes from memory.
struct HashedNodes {
  typealias Node = ObjectGraph.Node

  private var tags: GrowingArray<UInt64>
  private var slots: GrowingArray<Node>

  /// Creates a table of `capacity` slots, of which some must stay free.
  ///
  /// The capacity is a power of two, and eight at least.
  init(capacity: Int) {
    tags = GrowingArray(zeros: capacity >> 3)
    slots = GrowingArray(zeros: capacity)
  }

  var capacity: Int { slots.count }

  mutating func removeAll() {
    for group in tags.indices { tags[group] = 0 }
  }

  /// What a search for `hash` reads first, and what it may write.
  @inline(__always)
  func firstWords(of hash: UInt64) -> UInt64 {
    let group = Int(truncatingIfNeeded: hash) & (tags.count - 1)
    return tags[group] ^ UInt64(slots[group << 3])
  }

  /// The node of the kind `kind` with the bytes `range` of a source, whose hash is `hash`.
  @inline(__always)
  mutating func find(
    _ hash: UInt64, _ kind: ObjectGraph.Kind, _ source: Int, _ range: Range<Int>,
    in graph: inout ObjectGraph
  ) -> Node? {
    let mask = tags.count - 1
    var group = Int(truncatingIfNeeded: hash) & mask
    while true {
      let word = tags[group]
      var matches = Self.zeroBytes(of: word ^ Self.tag(hash) &* Self.lowBits)
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
      if Self.zeroBytes(of: word) != 0 { return nil }
      group = (group + 1) & mask
    }
  }

  /// Adds a node that is not there.
  @inline(__always)
  mutating func put(_ node: Node, _ hash: UInt64) {
    let mask = tags.count - 1
    var group = Int(truncatingIfNeeded: hash) & mask
    while Self.zeroBytes(of: tags[group]) == 0 { group = (group + 1) & mask }
    let free = Self.zeroBytes(of: tags[group]).trailingZeroBitCount >> 3
    tags[group] |= Self.tag(hash) << UInt64(free << 3)
    slots[group << 3 | free] = node
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
