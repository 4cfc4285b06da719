/// Which objects of two graphs stand for each other.
///
/// An object that can change is more than what it holds: `[a, a]` differs from a list of two equal
/// ones. So each has one partner at most in the other graph, the one that it was met with first.
public struct GraphPairs {
  /// A node of either graph.
  public typealias Node = ObjectGraph.Node

  /// What is known of two objects when they are met.
  public enum Meeting: Equatable, Sendable {
    /// Nothing.
    case new
    /// They were met before.
    case known
    /// The first was met with another object before, though both are more than what they hold.
    case parted
    /// The second was.
    case joined
    /// Both were.
    case exchanged
  }

  private let before: ObjectGraph
  private let after: ObjectGraph
  private let hashes: (before: GraphHashes, after: GraphHashes)
  private var partners: (before: GrowingArray<Node>, after: GrowingArray<Node>)
  /// Pairs of objects that have other partners; so many at most are told from new ones.
  private var others: Set<UInt64> = []
  private static let otherLimit = 1 << 20
  private static let none = Node.max

  /// Knows no pair of what two roots lead to.
  public init(_ before: ObjectGraph, _ after: ObjectGraph, hashes: (GraphHashes, GraphHashes)) {
    self.before = before
    self.after = after
    self.hashes = hashes
    partners = (
      GrowingArray(repeating: Self.none, count: before.count),
      GrowingArray(repeating: Self.none, count: after.count)
    )
  }

  /// Notes that two objects were met, and tells what was known of them.
  public mutating func meet(_ one: Node, _ other: Node) -> Meeting {
    meet(one, other, identity: before.kind(of: one).canChange && after.kind(of: other).canChange)
  }

  private mutating func meet(_ one: Node, _ other: Node, identity: Bool) -> Meeting {
    let (partner, counterpart) = (partners.before[Int(one)], partners.after[Int(other)])
    if partner == other { return .known }
    if partner == Self.none && counterpart == Self.none {
      partners.before[Int(one)] = other
      partners.after[Int(other)] = one
      return .new
    }
    if others.count < Self.otherLimit {
      let (isNew, _) = others.insert(UInt64(one) << 32 | UInt64(other))
      if !isNew { return .known }
    }
    guard identity else { return .new }
    if counterpart == Self.none { return .parted }
    return partner == Self.none ? .joined : .exchanged
  }

  /// Whether so many pairs were met that no more are remembered.
  public var isFull: Bool { others.count >= Self.otherLimit }

  /// Says whether two objects hold the same; that they do is proven, not taken from hashes.
  ///
  /// Of the pairs that are found to be the same it is noted that they were met; if any is not, of none.
  ///
  /// - Parameter identity: whether an object that can change may have one partner only.
  public mutating func areSame(_ one: Node, _ other: Node, identity: Bool = true) -> Bool {
    guard hashes.before[one] == hashes.after[other], hashes.before[one] != 0 else { return false }
    let (before, after) = (before, after)
    return before.withView { left in
      after.withView { right in
        var walk = PairWalk(left: left, right: right)
        if walk.run(from: one, other, in: &self, identity: identity) { return true }
        for pair in walk.met { forget(pair) }
        return false
      }
    }
  }

  private mutating func forget(_ pair: NodePair) {
    if partners.before[Int(pair.one)] == pair.other {
      partners.before[Int(pair.one)] = Self.none
      partners.after[Int(pair.other)] = Self.none
    } else {
      others.remove(UInt64(pair.one) << 32 | UInt64(pair.other))
    }
  }

  /// Whether two nodes are the same but for their children.
  fileprivate func areAlike(
    _ one: Node, _ left: GraphView, _ other: Node, _ right: GraphView
  ) -> Bool {
    let kind = left.kind(of: one)
    guard kind == right.kind(of: other), left.count(of: one) == right.count(of: other) else {
      return false
    }
    if kind.hasChildren { return true }
    if left.count(of: one) < UInt32.max {
      return left.payload(of: one).isEqual(to: right.payload(of: other))
    }
    guard let blob = before.blob(of: one) else { return false }
    return blob == after.blob(of: other)
  }

  /// The elements of two sets by their hashes.
  fileprivate func elements(_ left: NodeList, _ right: NodeList) -> ([Node], [Node]) {
    let (before, after) = (hashes.before, hashes.after)
    return (
      (0..<left.count).map { left[$0] }.sorted { before[$0] < before[$1] },
      (0..<right.count).map { right[$0] }.sorted { after[$0] < after[$1] }
    )
  }

  fileprivate mutating func meet(
    _ one: Node, _ other: Node, of kind: ObjectGraph.Kind, identity: Bool
  ) -> Meeting {
    meet(one, other, identity: identity && kind.canChange)
  }
}

/// A node of one graph and one of the other.
///
/// It is not private only because the compiler fails at arrays of private types here.
struct NodePair: BitwiseCopyable {
  let one: ObjectGraph.Node
  let other: ObjectGraph.Node
}

/// A walk of two graphs at once, as long as they are the same.
private struct PairWalk {
  let left: GraphView
  let right: GraphView
  /// The pairs that were met first on this walk.
  private(set) var met: [NodePair] = []

  struct Frame {
    let left: NodeList
    let right: NodeList
    /// The children of sets, in an order that both have.
    var elements: (left: [ObjectGraph.Node], right: [ObjectGraph.Node])?
    var next = 0

    var pair: (ObjectGraph.Node, ObjectGraph.Node) {
      elements.map { ($0.left[next], $0.right[next]) } ?? (left[next], right[next])
    }
  }
  private var frames: [Frame] = []

  init(left: GraphView, right: GraphView) {
    self.left = left
    self.right = right
  }

  /// Walks until all is found to be the same, or something is not.
  mutating func run(
    from one: ObjectGraph.Node, _ other: ObjectGraph.Node, in pairs: inout GraphPairs,
    identity: Bool
  ) -> Bool {
    guard visit(one, other, &pairs, identity) else { return false }
    while let frame = frames.last {
      if frame.next == frame.left.count {
        frames.removeLast()
        continue
      }
      frames[frames.count - 1].next += 1
      let (one, other) = frame.pair
      guard visit(one, other, &pairs, identity) else { return false }
    }
    return true
  }

  private mutating func visit(
    _ one: ObjectGraph.Node, _ other: ObjectGraph.Node, _ pairs: inout GraphPairs,
    _ identity: Bool
  ) -> Bool {
    guard pairs.areAlike(one, left, other, right) else { return false }
    let kind = left.kind(of: one)
    guard kind.hasChildren else { return true }
    let meeting = pairs.meet(one, other, of: kind, identity: identity)
    if meeting == .known { return true }
    met.append(NodePair(one: one, other: other))
    // Past the limit of what is remembered, a walk could go on for ever.
    guard meeting == .new, !pairs.isFull else { return false }
    var frame = Frame(left: left.children(of: one), right: right.children(of: other))
    if kind == .set || kind == .frozenSet {
      frame.elements = pairs.elements(frame.left, frame.right)
    }
    frames.append(frame)
    return true
  }
}
