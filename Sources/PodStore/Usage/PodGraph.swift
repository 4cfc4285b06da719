import PodModel
import PodPickle

/// Which pods need which, of all that contents are made of.
///
/// A pod that is read as a part of a value needs its own bytes and the pods that it names. Bytes
/// that are kept as a difference need the bytes of another pod, but not what that one names. So
/// each pod is two nodes: `2i` is the part of a value, and `2i + 1` its bytes, for the pod `i` of
/// the table. Memory is about 20 bytes for each pod, and four for each name in a pod.
struct PodGraph {
  /// A node, or `none`.
  typealias Node = UInt32

  static let none = UInt32.max

  private let table: PodTable
  /// The pods whose bytes each pod is the difference from, or `none`.
  private let bases: [UInt32]
  /// Where the pods that each pod names begin in `named`.
  private var starts: [UInt32]
  /// The number of pods that a pod names, followed by these.
  private var named: [UInt32] = [0]

  /// The number of nodes.
  var count: Int { table.count * 2 }

  init(_ table: PodTable) {
    self.table = table
    bases = (0..<table.count).map { table.base(of: $0).map { UInt32($0) } ?? Self.none }
    starts = [UInt32](repeating: Self.none, count: table.count)
  }

  /// Returns the node of the root of a content, or `none` if the pod is not in the index.
  ///
  /// All pods below are read that were not yet, but for those that are known to name none.
  mutating func node(of root: PodID, in engine: Engine) throws(StoreError) -> Node {
    guard let start = table.index(of: root.prefix) else { return Self.none }
    var open = [(root, start)]
    while let (id, index) = open.popLast() {
      guard starts[index] == Self.none else { continue }
      starts[index] = 0
      if table.isLeaf(index) { continue }
      let children = try Self.children(of: id, in: engine)
        .compactMap { id in table.index(of: id.prefix).map { (id, $0) } }
      if children.isEmpty { continue }
      starts[index] = UInt32(named.count)
      named.append(UInt32(children.count))
      named += children.map { UInt32($0.1) }
      open += children.filter { starts[$0.1] == Self.none }
    }
    return Node(start * 2)
  }

  private static func children(of id: PodID, in engine: Engine) throws(StoreError) -> [PodID] {
    do throws(StoreError) {
      let bytes = try engine.bytes(of: id)
      do { return try PodFormat.children(of: bytes, named: id) } catch { throw .podDamaged(id) }
    } catch {
      // It was removed after the table was read.
      if case .podNotFound = error { return [] }
      throw error
    }
  }

  /// The stored bytes that a node stands for.
  func bytes(of node: Node) -> Int64 { node % 2 == 0 ? 0 : Int64(table.stored[Int(node / 2)]) }

  /// Calls `body` for all that a node needs directly; for one that occurs twice, twice.
  func forEachNeed(of node: Node, _ body: (Node) -> Void) {
    let pod = Int(node / 2)
    if node % 2 == 1 {
      if bases[pod] != Self.none { body(bases[pod] * 2 + 1) }
      return
    }
    body(node + 1)
    let start = Int(starts[pod])
    guard start > 0 else { return }
    for place in (start + 1)...(start + Int(named[start])) { body(named[place] * 2) }
  }

  /// The stored bytes of all pods.
  var storedBytes: Int64 { table.stored.reduce(0) { $0 + Int64($1) } }
}
