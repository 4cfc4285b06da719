import PodModel

/// Hashes of all objects that a root leads to, by what they hold, however they were made.
///
/// Equal objects have equal hashes, in any graph that is hashed with the same seed, and different ones
/// have different hashes but for chance. Objects in a cycle are an exception: their hashes depend on
/// where the walk met the cycle.
public struct GraphHashes {
  private var hashes: GrowingArray<UInt64>

  /// Stands for a node that is being hashed; zero for one that was not met.
  ///
  /// A hash is neither.
  private static let unfinished: UInt64 = 1
  /// The mark of a hash into which something unfinished went.
  private static let openMark: UInt64 = 1
  private static let finishedMark: UInt64 = 2

  /// A node whose children are being hashed.
  ///
  /// It is not private only because the compiler fails at arrays of private types here.
  struct Frame: BitwiseCopyable {
    let node: ObjectGraph.Node
    let children: NodeList
    var next = 0
    let isSet: Bool
    var hash: UInt64
    var mark: UInt64 = 0
  }

  /// Hashes what `root` leads to.
  public init(of graph: ObjectGraph, from root: ObjectGraph.Node, seed: UInt64) {
    hashes = GrowingArray(zeros: graph.count)
    graph.withView { view in hashAll(from: root, graph, view, seed) }
  }

  /// The hash of `node`, if the root leads to it; the hashes of others are zero.
  @inline(__always)
  public subscript(node: ObjectGraph.Node) -> UInt64 { hashes[Int(node)] }

  private mutating func hashAll(
    from root: ObjectGraph.Node, _ graph: ObjectGraph, _ view: GraphView, _ seed: UInt64
  ) {
    var frames = GrowingArray<Frame>()
    begin(root, graph, view, seed, &frames)
    while !frames.isEmpty {
      let top = frames.count - 1
      if frames[top].next == frames[top].children.count {
        finish(frames[top].node, frames[top].hash, frames[top].mark)
        frames.removeLast()
        continue
      }
      let child = frames[top].children[frames[top].next]
      let known = hashes[Int(child)]
      if known == 0 {
        // It is met again, with a hash, when its own children are done.
        begin(child, graph, view, seed, &frames)
      } else {
        frames[top].next += 1
        // The elements of a set have no order.
        frames[top].hash =
          frames[top].isSet
          ? frames[top].hash &+ fold(seed, known) : fold(frames[top].hash &+ 1, known)
        frames[top].mark |= known & Self.openMark
      }
    }
  }

  /// Hashes a node without children, or begins with those of another.
  private mutating func begin(
    _ node: ObjectGraph.Node, _ graph: ObjectGraph, _ view: GraphView, _ seed: UInt64,
    _ frames: inout GrowingArray<Frame>
  ) {
    let kind = view.kind(of: node)
    let start = fold(seed, UInt64(kind.rawValue) << 32 | UInt64(view.count(of: node)))
    if kind.hasChildren {
      hashes[Int(node)] = Self.unfinished
      let isSet = kind == .set || kind == .frozenSet
      let children = view.children(of: node)
      frames.append(Frame(node: node, children: children, isSet: isSet, hash: start))
    } else if view.count(of: node) < UInt32.max {
      finish(node, view.payload(of: node).tableHash(seed: start), 0)
    } else {
      var hash = fold(start, UInt64(graph.payloadCount(of: node)))
      if let blob = graph.blob(of: node) { hash = fold(hash, blob.pod.prefix) }
      finish(node, hash, 0)
    }
  }

  private mutating func finish(_ node: ObjectGraph.Node, _ hash: UInt64, _ mark: UInt64) {
    hashes[Int(node)] = hash & ~(Self.openMark | Self.finishedMark) | Self.finishedMark | mark
  }
}
