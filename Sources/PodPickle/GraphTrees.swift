/// The trees of a graph.
struct GraphTrees: TreeSource {
  private let graph: ObjectGraph
  /// The edge to the next child, and those of the objects around.
  private var edge = 0
  private var edges = GrowingArray<Int>()
  /// What a walk begins with.
  var root: ObjectGraph.Node = 0

  init(_ graph: ObjectGraph) { self.graph = graph }

  var keyCount: Int { graph.count }
  var protocolVersion: UInt8 { graph.protocolVersion }
  var expectedCount: Int { graph.sources.byteCount }

  @inline(__always)
  mutating func next(in kind: ObjectGraph.Kind, left: Int) -> Tree? {
    if edges.isEmpty { return tree(of: root) }
    edge += 1
    return tree(of: graph.edges[edge - 1])
  }

  @inline(__always)
  private func tree(of node: ObjectGraph.Node) -> Tree {
    let kind = graph.kinds[Int(node)]
    if kind == .atom { return atom(node) }
    return Tree(
      form: kind.hasChildren ? kind == .global ? .global : .object : .text, kind: kind, key: node)
  }

  @inline(__always)
  private func atom(_ node: ObjectGraph.Node) -> Tree {
    let start = graph.starts[Int(node)]
    let opcode = graph.sources.byte(
      Int(start >> ObjectGraph.offsetBits), at: Int(start & ObjectGraph.offsetMask))
    return Tree(
      form: .atom, opcode: opcode, count: graph.payloadCount(of: node) - 1, place: start + 1)
  }

  @inline(__always)
  func complete(_ tree: inout Tree) {
    if tree.form == .object {
      tree.count = graph.childCount(of: tree.key)
    } else if tree.form == .text {
      tree.count = graph.payloadCount(of: tree.key)
      tree.place = graph.starts[Int(tree.key)]
      if graph.isBlob(tree.key) { tree.form = .blob }
    }
  }

  func definition(of reference: Tree) -> Tree { reference }

  @inline(__always)
  mutating func enter(_ tree: Tree) -> Int {
    edges.append(edge)
    edge = Int(graph.starts[Int(tree.key)])
    return 0
  }

  func skip(_ tree: Tree) {}

  @inline(__always)
  mutating func leave(_ level: Int) { edge = edges.popLast() ?? 0 }

  /// Leaves all objects.
  mutating func reset() { edges.removeAll() }

  func parts(of global: Tree) -> (module: Tree, name: Tree) {
    var parts = (tree(of: graph.child(0, of: global.key)), tree(of: graph.child(1, of: global.key)))
    complete(&parts.0)
    complete(&parts.1)
    return parts
  }

  @inline(__always)
  func append(payloadOf tree: Tree, to output: inout GrowingBytes) {
    graph.sources.append(tree.payload.source, tree.payload.range, to: &output)
  }

  func payload(of tree: Tree) -> (ByteSource, Range<Int>) {
    (graph.sources[tree.payload.source], tree.payload.range)
  }

  func blob(of tree: Tree) -> Blob { graph.blobs[Int(tree.place - ObjectGraph.blobFlag)] }
}
