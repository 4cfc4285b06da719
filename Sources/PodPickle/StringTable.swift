/// Finds the node of a short string that was met before.
///
/// Open addressing over node numbers; a string is compared with the payload
/// of the node it might be. The longest string that is looked up has 255
/// bytes, so a bad hash costs time only within what the input itself holds.
struct StringTable {
  /// Longer strings keep their identity.
  static let byteLimit = 255

  /// A node in the lower half and its hash in the upper one, together because each slot that is
  /// looked at in a large table is a miss of the cache.
  private var slots: [UInt64] = Array(repeating: .max, count: 256)
  private var used = 0

  /// Returns the node of the kind `kind` with the bytes `range` of a source, or adds it.
  mutating func node(
    _ kind: ObjectGraph.Kind, source: Int, _ range: Range<Int>, in graph: inout ObjectGraph
  ) -> ObjectGraph.Node {
    let hash =
      UInt32(truncatingIfNeeded: graph.sources.hash(source, range) >> 16) ^ UInt32(kind.rawValue)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != .max {
      let entry = slots[slot]
      if UInt32(truncatingIfNeeded: entry >> 32) == hash {
        let found = ObjectGraph.Node(truncatingIfNeeded: entry)
        if graph.kind(of: found) == kind,
          graph.sources.equal(
            source, range, to: graph.sourceNumber(of: found), graph.payloadRange(of: found))
        {
          return found
        }
      }
      slot = (slot + 1) & mask
    }
    let node = graph.addAtom(kind, source: source, range)
    slots[slot] = UInt64(hash) << 32 | UInt64(node)
    used += 1
    if used * 2 > slots.count { grow() }
    return node
  }

  private mutating func grow() {
    let old = slots
    let mask = old.count * 2 - 1
    slots = Array(repeating: .max, count: old.count * 2)
    for entry in old where entry != .max {
      var slot = Int(entry >> 32) & mask
      while slots[slot] != .max { slot = (slot + 1) & mask }
      slots[slot] = entry
    }
  }
}
