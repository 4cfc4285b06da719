/// Finds the node of a short string that was met before.
///
/// Open addressing over node numbers; a string is compared with the payload
/// of the node it might be. The longest string that is looked up has 255
/// bytes, so a bad hash costs time only within what the input itself holds.
struct StringTable {
  /// Longer strings keep their identity.
  static let byteLimit = 255

  private var slots: [ObjectGraph.Node] = Array(repeating: .max, count: 256)
  private var hashes: [UInt32] = Array(repeating: 0, count: 256)
  private var used = 0

  /// Returns the node of the kind `kind` with the bytes `range` of a source, or adds it.
  ///
  /// The second value tells whether it was there.
  mutating func node(
    _ kind: ObjectGraph.Kind, source: Int, _ range: Range<Int>, in graph: inout ObjectGraph
  ) -> (node: ObjectGraph.Node, isOld: Bool) {
    let hash =
      UInt32(truncatingIfNeeded: graph.sources.hash(source, range) >> 16) ^ UInt32(kind.rawValue)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != .max {
      if hashes[slot] == hash {
        let found = slots[slot]
        if graph.kind(of: found) == kind,
          graph.sources.equal(
            source, range, to: graph.sourceNumber(of: found), graph.payloadRange(of: found))
        {
          return (found, true)
        }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let node = graph.addAtom(kind, source: source, range)
    slots[slot] = node
    hashes[slot] = hash
    used += 1
    if used * 2 > slots.count { grow() }
    return (node, false)
  }

  private mutating func grow() {
    let old = zip(slots, hashes).filter { $0.0 != .max }
    let size = slots.count * 2
    slots = Array(repeating: .max, count: size)
    hashes = Array(repeating: 0, count: size)
    for (node, hash) in old {
      var slot = Int(hash) & (size - 1)
      while slots[slot] != .max { slot = (slot + 1) & (size - 1) }
      slots[slot] = node
      hashes[slot] = hash
    }
  }
}
