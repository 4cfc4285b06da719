/// A graph as those see it who read all of it: no references are counted.
///
/// It is valid while the body of ``ObjectGraph/withView(_:)`` runs. That a node is one of the graph is
/// checked; that its children and its payload are where they should be, the graph sees to.
@safe struct GraphView: BitwiseCopyable {
  typealias Node = ObjectGraph.Node

  private let kinds: UnsafePointer<ObjectGraph.Kind>
  private let starts: UnsafePointer<UInt64>
  private let counts: UnsafePointer<UInt32>
  private let edges: UnsafePointer<Node>
  private let edgeCount: Int
  private let bases: UnsafeBufferPointer<UnsafeRawPointer>
  /// The number of nodes.
  let count: Int

  @unsafe fileprivate init(_ graph: ObjectGraph, bases: UnsafeBufferPointer<UnsafeRawPointer>) {
    unsafe kinds = graph.kinds.pointer
    unsafe starts = graph.starts.pointer
    unsafe counts = graph.counts.pointer
    unsafe edges = graph.edges.pointer
    edgeCount = graph.edges.count
    unsafe self.bases = bases
    count = graph.count
  }

  /// What `node` is.
  @inline(__always)
  func kind(of node: Node) -> ObjectGraph.Kind {
    precondition(Int(node) < count, "a node beyond the end of a graph")
    return unsafe kinds[Int(node)]
  }

  /// The number of children of `node`, or of bytes in its payload; `.max` for payloads that are not in
  /// memory, or of 4 GiB and more.
  @inline(__always)
  func count(of node: Node) -> Int {
    precondition(Int(node) < count, "a node beyond the end of a graph")
    return unsafe Int(counts[Int(node)])
  }

  /// The children of `node`, which has some.
  @inline(__always)
  func children(of node: Node) -> NodeList {
    let count = count(of: node)
    let start = unsafe Int(truncatingIfNeeded: starts[Int(node)])
    precondition(start >= 0 && start <= edgeCount - count, "children beyond those of a graph")
    return unsafe NodeList(start: edges + start, count: count)
  }

  /// The payload of `node`, which is in memory and has less than 4 GiB.
  @inline(__always)
  func payload(of node: Node) -> BorrowedBytes {
    let count = count(of: node)
    let start = unsafe starts[Int(node)]
    let base = unsafe bases[Int(start >> ObjectGraph.offsetBits)]
    return unsafe BorrowedBytes(start: base + Int(start & ObjectGraph.offsetMask), count: count)
  }
}

/// Nodes one after another, in memory that stays where it is.
@safe struct NodeList: BitwiseCopyable {
  private let start: UnsafePointer<ObjectGraph.Node>
  let count: Int

  @unsafe @inline(__always)
  fileprivate init(start: UnsafePointer<ObjectGraph.Node>, count: Int) {
    unsafe self.start = start
    self.count = count
  }

  @inline(__always)
  subscript(index: Int) -> ObjectGraph.Node {
    precondition(index >= 0 && index < count, "an index beyond the end of a list")
    return unsafe start[index]
  }
}

extension ObjectGraph {
  /// Calls `body` with a view of the graph.
  func withView<Result, E>(_ body: (GraphView) throws(E) -> Result) throws(E) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try unsafe sources.withBases { bases throws(E) in
      try unsafe body(GraphView(self, bases: bases))
    }
  }

  /// Calls `body` with the payload of `node`, which is in memory, however long it is.
  func withPayload(of node: Node, _ body: (BorrowedBytes) -> Void) {
    unsafe sources[sourceNumber(of: node)].withBytes(in: payloadRange(of: node)) { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe body(BorrowedBytes(start: start, count: bytes.count))
    }
  }
}

extension GrowingArray<ObjectGraph.Node> {
  /// Calls `body` with a list of these nodes.
  func withList<Result, E>(_ body: (NodeList) throws(E) -> Result) throws(E) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(NodeList(start: pointer, count: count))
  }
}
