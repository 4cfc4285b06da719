import PodPickle

/// Where an element of a set stands among the others: the same in every process, however Python has
/// hashed it.
struct SetOrder: Comparable {
  private enum Rank: Int { case number, text, long }

  private let rank: Rank
  private var number = 0.0
  private var hash: UInt64 = 0
  private var text: [UInt8] = []

  init(_ node: ObjectGraph.Node, _ reader: ValueReader) throws(BlobError) {
    guard let text = try reader.shortText(of: node) else {
      rank = .long
      hash = reader.memory.contentHash(of: node, in: reader.graph)
      return
    }
    self.text = text
    let number = Self.number(node, reader.graph)
    rank = number == nil ? .text : .number
    self.number = number ?? 0
  }

  /// The value of a number, about; nil for what cannot be compared with numbers.
  private static func number(_ node: ObjectGraph.Node, _ graph: ObjectGraph) -> Double? {
    guard graph.kind(of: node) == .atom else { return nil }
    switch graph.scalar(of: node) {
    case .bool(let value): return value ? 1 : 0
    case .int(let value): return Double(value)
    case .float(let value): return value.isNaN ? nil : value
    case .bigInt(let digits):
      let isNegative = (digits.last ?? 0) & 0x80 != 0
      let magnitude = digits.reversed().reduce(0.0) { $0 * 256 + Double(isNegative ? ~$1 : $1) }
      return isNegative ? -magnitude : magnitude
    default: return nil
    }
  }

  static func < (first: SetOrder, second: SetOrder) -> Bool {
    if first.rank != second.rank { return first.rank.rawValue < second.rank.rawValue }
    if first.number != second.number { return first.number < second.number }
    if first.hash != second.hash { return first.hash < second.hash }
    if first.rank == .number, first.text.count != second.text.count {
      return first.text.count < second.text.count
    }
    return first.text.lexicographicallyPrecedes(second.text)
  }

  static func == (first: SetOrder, second: SetOrder) -> Bool { !(first < second || second < first) }
}

extension ReaderMemory {
  /// A hash of all that an object consists of, which does not depend on the order that the elements
  /// of its sets have in the graph.
  func contentHash(of root: Node, in graph: ObjectGraph) -> UInt64 {
    var stack = [(node: root, isEnd: false)]
    while let (node, isEnd) = stack.popLast() {
      if isEnd {
        contentHashes[node] = combined(node, graph)
      } else if contentHashes[node] == nil {
        // Stands for the object within itself, too.
        contentHashes[node] = Self.payloadHash(node, graph)
        stack.append((node, true))
        stack += graph.children(of: node).map { ($0, false) }
      }
    }
    return contentHashes[root] ?? 0
  }

  private func combined(_ node: Node, _ graph: ObjectGraph) -> UInt64 {
    if let elements = Self.elements(ofSet: node, graph) {
      return elements.reduce(1) { $0 &+ Self.mix(2, contentHashes[$1] ?? 0) }
    }
    let hashes = graph.children(of: node).map { contentHashes[$0] ?? 0 }
    return hashes.reduce(Self.payloadHash(node, graph), Self.mix)
  }

  /// The elements of a set, also of one that is made of a list, as protocols below 4 have it.
  private static func elements(ofSet node: Node, _ graph: ObjectGraph) -> ObjectGraph.Children? {
    switch graph.kind(of: node) {
    case .set, .frozenSet: return graph.children(of: node)
    case .reduce:
      guard let object = MadeObject(node, in: graph), object.isPlain, object.arguments.count == 1,
        let name = object.makerName, name == "builtins.set" || name == "builtins.frozenset",
        let list = object.argument(0), graph.kind(of: list) == .list
      else { return nil }
      return graph.children(of: list)
    default: return nil
    }
  }

  private static func payloadHash(_ node: Node, _ graph: ObjectGraph) -> UInt64 {
    let start = mix(UInt64(graph.kind(of: node).rawValue), UInt64(graph.payloadSize(of: node)))
    return (graph.payloadBytes(of: node) ?? []).reduce(start) { mix($0, UInt64($1)) }
  }

  private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
    return mixed ^ mixed >> 29
  }
}
