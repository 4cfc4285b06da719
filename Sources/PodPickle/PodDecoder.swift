public import PodModel

/// Reads roots of a value from its pods into a graph.
///
/// It asks for one pod at a time, only for those that hold something of the roots, and reads nothing
/// itself:
///
///     var decoder = PodDecoder(root: id, limit: size)
///     while let id = decoder.wanted { try decoder.supply(bytes(of: id)) }
///     let graph = decoder.graph
///
/// Pods come from outside: a name that leads to other pods than expected, a count, a number or a
/// wire that does not fit is an error. Nothing is allocated by a length that is not there, depth
/// costs no recursion, and a few pods that name each other many times can't grow beyond the limit.
public struct PodDecoder {
  typealias Node = ObjectGraph.Node

  /// The objects, complete once nothing more is wanted; blobs stay unread.
  public private(set) var graph = ObjectGraph()

  private var trees: PodTrees
  /// The roots that are read; nil for all, once the value is open.
  private var roots: [Int]?
  private var frames: [Frame] = []
  private var values = GrowingArray<Node>()
  /// The nodes of objects and texts by their keys; ``none`` for those that were not met.
  private var nodes = GrowingArray<Node>()
  /// The bytes of all atoms: in pods their arguments stand apart from their opcodes.
  private var atoms = GrowingBytes()
  private let atomSource: Int
  /// The sources of the graph, by those of the pods.
  private var sources: [Int: Int] = [:]
  /// None, bools and small integers, by opcode and argument.
  private var constants: [Int: Node] = [:]
  /// Whether an object was referred to before all its children were read.
  private var hasCycles = false

  private static let none = Node.max
  /// The count of an object whose children are being read.
  private static let unfinished = UInt32.max

  /// An object whose children are being read: they gather in `values`.
  private struct Frame {
    let node: Node
    let kind: ObjectGraph.Kind
    let count: Int
    let firstValue: Int
    let level: Int
  }

  /// Begins to read the value whose pod is `root`.
  ///
  /// - Parameters:
  ///   - roots: the roots that the graph gets, in this order; nil for all.
  ///   - limit: how many trees the value may have. The sizes of the files of its roots, added up, are
  ///     enough: a tree makes a byte of pickle at least.
  public init(root: PodID, roots: [Int]? = nil, limit: Int) {
    trees = PodTrees(root: root, limit: limit)
    self.roots = roots
    atomSource = graph.sources.add(ByteSource([]))
  }

  /// The pod that is needed next; nil at the end.
  public var wanted: PodID? { trees.wanted }

  /// Reads the canonical bytes of the wanted pod.
  ///
  /// - Throws: ``PickleError`` if they don't fit; the decoder is of no use afterwards.
  public mutating func supply(_ bytes: [UInt8]) throws(PickleError) {
    try trees.supply(bytes)
    guard trees.wanted == nil, let count = try trees.rootCount() else { return }
    let roots = roots ?? Array(0..<count)
    graph.protocolVersion = trees.protocolVersion
    do throws(PickleError) {
      while graph.roots.count < roots.count {
        guard try read(roots[graph.roots.count]) else { return }
      }
      try finish()
    } catch { throw error.inPod(trees.currentPod) }
  }

  private mutating func finish() throws(PickleError) {
    graph.sources.replace(atomSource, with: ByteSource(atoms.array))
    atoms = GrowingBytes()
    if hasCycles { try graph.checkCreation() }
  }

  /// Reads a root, or goes on with it; returns false if a pod must be read before.
  private mutating func read(_ root: Int) throws(PickleError) -> Bool {
    if frames.isEmpty {
      guard try trees.seek(root: root) else { return false }
      guard let tree = try trees.next(in: .tuple, left: 1) else { return false }
      try add(tree)
    }
    while let frame = frames.last {
      let left = frame.count - (values.count - frame.firstValue)
      if left == 0 {
        try end(frame)
      } else {
        guard let tree = try trees.next(in: frame.kind, left: left) else { return false }
        try add(tree)
      }
    }
    guard let value = values.popLast(), !graph.kind(of: value).isPart else {
      throw .malformed(offset: 0, reason: "a part without its object")
    }
    graph.roots.append(value)
    return true
  }

  /// Ends an object all of whose children were read.
  private mutating func end(_ frame: Frame) throws(PickleError) {
    frames.removeLast()
    trees.leave(frame.level)
    let start = graph.edges.count
    graph.edges.append(takingFrom: &values, from: frame.firstValue)
    graph.starts[Int(frame.node)] = UInt64(start)
    graph.counts[Int(frame.node)] = UInt32(frame.count)
    try Self.checkShape(of: frame.node, in: graph)
    values.append(frame.node)
  }

  // MARK: Trees

  @inline(__always)
  private func node(of key: UInt32) -> Node {
    Int(key) < nodes.count ? nodes[Int(key)] : Self.none
  }

  private mutating func remember(_ node: Node, for key: UInt32) {
    guard key != .max else { return }
    if Int(key) >= nodes.count {
      nodes.append(repeating: Self.none, count: trees.keyCount - nodes.count)
    }
    nodes[Int(key)] = node
  }

  private mutating func add(_ tree: Tree) throws(PickleError) {
    guard graph.count < Int(Node.max) - 8 else { throw .tooLarge(limit: Int(Node.max)) }
    if tree.form == .atom {
      values.append(atom(tree))
      return
    }
    let known = node(of: tree.key)
    if known != Self.none {
      if graph.kind(of: known).hasChildren, graph.counts[Int(known)] == Self.unfinished {
        hasCycles = true
      }
      values.append(known)
      if tree.form == .object { try trees.skip(tree) }
      return
    }
    var tree = tree
    if tree.form == .reference { tree = try trees.definition(of: tree) }
    trees.complete(&tree)
    switch tree.form {
    case .text, .blob: values.append(text(tree))
    case .global:
      let (module, name) = trees.parts(of: tree)
      let node = graph.addNode(.global, [text(module), text(name)])
      remember(node, for: tree.key)
      values.append(node)
    default: begin(tree)
    }
  }

  private mutating func atom(_ tree: Tree) -> Node {
    let start = atoms.count
    atoms.append(tree.opcode)
    if tree.count > 0 { trees.append(payloadOf: tree, to: &atoms) }
    let isSmall = tree.count <= 1
    let key = Int(tree.opcode) << 8 | (tree.count == 1 ? Int(atoms[start + 1]) : 0)
    if isSmall, let known = constants[key] {
      atoms.removeLast(atoms.count - start)
      return known
    }
    let node = graph.addAtom(.atom, source: atomSource, start..<atoms.count)
    if isSmall { constants[key] = node }
    return node
  }

  private mutating func text(_ tree: Tree) -> Node {
    let known = node(of: tree.key)
    if known != Self.none { return known }
    let node: Node
    if tree.form == .blob {
      node = graph.addAtom(tree.kind, blob: trees.blob(of: tree))
    } else {
      let (source, range) = trees.payload(of: tree)
      node = graph.addAtom(tree.kind, source: number(of: source, at: tree.place), range)
    }
    remember(node, for: tree.key)
    return node
  }

  /// The number in the graph of the source with the place `place`.
  private mutating func number(of source: ByteSource, at place: UInt64) -> Int {
    let there = Int(place >> ObjectGraph.offsetBits)
    if let known = sources[there] { return known }
    let number = graph.sources.add(source)
    sources[there] = number
    return number
  }

  private mutating func begin(_ tree: Tree) {
    let node = graph.addNode(tree.kind, [])
    graph.counts[Int(node)] = Self.unfinished
    remember(node, for: tree.key)
    frames.append(
      Frame(
        node: node, kind: tree.kind, count: tree.count, firstValue: values.count,
        level: trees.enter(tree)))
  }

  // MARK: Shapes

  /// Checks that the children of `node` are what its kind has.
  private static func checkShape(of node: Node, in graph: ObjectGraph) throws(PickleError) {
    let kind = graph.kind(of: node)
    let children = graph.children(of: node)
    var isRight = kind.takes(childCount: children.count)
    if kind.isMade, isRight {
      let arguments = children[children.startIndex + 1]
      isRight =
        graph.kind(of: arguments) == .tuple
        && children.dropFirst(kind.creationCount).allSatisfy { graph.kind(of: $0).isPart }
    } else if kind == .persistent, isRight {
      isRight = children.allSatisfy { graph.kind(of: $0) != .persistent }
    }
    let parts = kind.isMade ? children.prefix(kind.creationCount) : children
    guard isRight, parts.allSatisfy({ !graph.kind(of: $0).isPart }) else {
      throw .malformed(offset: 0, reason: "wrong parts of an object")
    }
  }
}

extension ByteReader {
  /// Takes the argument of the atom with the opcode `opcode`.
  mutating func skipAtom(_ opcode: UInt8) throws(PickleError) {
    switch opcode {
    case Opcode.none, Opcode.newTrue, Opcode.newFalse: break
    case Opcode.binInt1, Opcode.extension1: _ = try take(1)
    case Opcode.binInt2, Opcode.extension2: _ = try take(2)
    case Opcode.binInt, Opcode.extension4: _ = try take(4)
    case Opcode.binFloat: _ = try take(8)
    case Opcode.long1: _ = try take(try byte())
    case Opcode.long4: _ = try take(try integer(Int32.self))
    case Opcode.int, Opcode.long, Opcode.float: _ = try line()
    default: throw .unknownOpcode(opcode, offset: offset - 1)
    }
  }
}
