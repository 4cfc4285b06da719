/// The objects of one or more pickled values, as flat arrays.
///
/// A node is an object or an atom; its children are found through `edges`.
/// There is no class per node and no reference count: a node costs 13 bytes,
/// an edge 4. Equal short strings and equal globals are one node, whatever
/// the stream did, because nothing but `is` can tell them apart; all else
/// keeps its identity.
///
/// ## Invariants
///
/// 1. Every edge leads to a node of the graph.
/// 2. The payload of an atom lies within its source.
/// 3. The elements of a set are in the order of ``shallowHash(of:)``.
public struct ObjectGraph {
  /// A node of the graph.
  public typealias Node = UInt32

  /// What a node is.
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    /// A number, a bool, None or an extension code: the payload is its opcode and argument.
    case atom
    /// A string: the payload is its UTF-8 text.
    case string
    /// A string of protocol 0, or of Python 2: the payload is its opcode and argument.
    case legacyString
    /// Immutable bytes.
    case bytes
    /// A bytearray, or a writable buffer.
    case byteArray
    /// Something imported by name: module, qualified name.
    case global
    /// An object kept outside of the pickle: its persistent identifier.
    case persistent
    /// The elements.
    case tuple, list, set, frozenSet
    /// Key, value, key, value….
    case dict
    /// A call: callable, argument tuple, then what was done to the result.
    case reduce
    /// `cls.__new__(cls, *args)`: class, argument tuple, then what was done to the result.
    case newObject
    /// The same with keywords: class, argument tuple, keyword dict, then what was done.
    case newObjectEx
    /// An instance as protocols 0 and 1 write it: class, argument tuple, then what was done.
    case oldInstance
    /// What was appended to an object that is no plain list.
    case items
    /// What was set in an object that is no plain dict: key, value….
    case pairs
    /// The state that an object was given.
    case state
    /// A state given by a function: the function, the state.
    case stateByCall
  }

  /// The pickle protocol of the first stream.
  public internal(set) var protocolVersion: UInt8 = 4
  /// The values, one for each part of the input.
  public internal(set) var roots: [Node] = []

  /// Where payloads are that are in memory.
  var sources = ByteSources()
  /// The payloads that are not.
  var blobs: [Blob] = []
  var kinds: GrowingArray<Kind>
  var starts: GrowingArray<UInt64>
  var counts: GrowingArray<UInt32>
  var edges: GrowingArray<Node>

  /// Creates an empty graph, with room for about so many nodes and edges.
  init(expectingNodes nodes: Int = 0, edges edgeCount: Int = 0) {
    kinds = GrowingArray(expecting: nodes)
    starts = GrowingArray(expecting: nodes)
    counts = GrowingArray(expecting: nodes)
    edges = GrowingArray(expecting: edgeCount)
  }

  /// The number of nodes.
  public var count: Int { kinds.count }

  /// What `node` is.
  @inline(__always)
  public func kind(of node: Node) -> Kind { kinds[Int(node)] }

  /// The children of `node`; none for atoms.
  public func children(of node: Node) -> Children {
    guard kinds[Int(node)].hasChildren else { return Children(edges, 0..<0) }
    let start = Int(starts[Int(node)])
    return Children(edges, start..<(start + Int(counts[Int(node)])))
  }

  /// Nodes in a row.
  public struct Children: RandomAccessCollection {
    private let edges: GrowingArray<Node>
    /// The position of the first node.
    public let startIndex: Int
    /// The position behind the last node.
    public let endIndex: Int

    init(_ edges: GrowingArray<Node>, _ range: Range<Int>) {
      self.edges = edges
      startIndex = range.lowerBound
      endIndex = range.upperBound
    }

    /// Nodes that are the children of no node.
    init(_ nodes: [Node]) {
      var edges = GrowingArray<Node>(expecting: nodes.count)
      edges.append(contentsOf: nodes)
      self.init(edges, edges.indices)
    }

    /// The node at `index`.
    public subscript(index: Int) -> Node { edges[index] }

    /// The nodes in `bounds`.
    public subscript(bounds: Range<Int>) -> Children { Children(edges, bounds) }
  }

  /// The number of children of `node`.
  @inline(__always)
  func childCount(of node: Node) -> Int { Int(counts[Int(node)]) }

  /// The child of `node` with the number `index`.
  @inline(__always)
  func child(_ index: Int, of node: Node) -> Node { edges[Int(starts[Int(node)]) + index] }

  /// The number of bytes in the payload of an atom.
  @inline(__always)
  public func payloadCount(of node: Node) -> Int {
    let count = counts[Int(node)]
    if count < .max { return Int(count) }
    return isBlob(node) ? blobs[blobIndex(of: node)].count : longCounts[node] ?? Int(count)
  }

  /// Payloads of 4 GiB and more.
  var longCounts: [Node: Int] = [:]

  /// Where the payload of `node` is: in memory, or in pods that are not read yet.
  func payload(of node: Node) -> Payload {
    if isBlob(node) { return .blob(blobs[blobIndex(of: node)]) }
    return .memory(sources[sourceNumber(of: node)], payloadRange(of: node))
  }

  /// The number of the source of a payload in memory.
  @inline(__always)
  func sourceNumber(of node: Node) -> Int { Int(starts[Int(node)] >> Self.offsetBits) }

  /// Where in its source a payload in memory is.
  @inline(__always)
  func payloadRange(of node: Node) -> Range<Int> {
    let offset = Int(starts[Int(node)] & Self.offsetMask)
    return offset..<(offset + payloadCount(of: node))
  }

  /// Appends a payload in memory.
  @inline(__always)
  public func appendPayload(of node: Node, to output: inout [UInt8]) {
    sources.append(sourceNumber(of: node), payloadRange(of: node), to: &output)
  }

  /// Whether the payload of an atom is in pods that are not read yet.
  @inline(__always)
  public func isBlob(_ node: Node) -> Bool { starts[Int(node)] >= Self.blobFlag }

  private func blobIndex(of node: Node) -> Int { Int(starts[Int(node)] - Self.blobFlag) }

  /// The payload of an atom.
  enum Payload {
    case memory(ByteSource, Range<Int>)
    case blob(Blob)
  }

  /// A source number stands above the offset; 23 bits of it, since the topmost bit marks blobs.
  static let offsetBits: UInt64 = 40
  static let offsetMask: UInt64 = (1 << offsetBits) - 1
  static let sourceLimit = 1 << 23
  static let blobFlag: UInt64 = 1 << 63
}

extension ObjectGraph.Kind {
  /// Whether a node of this kind has children rather than a payload.
  var hasChildren: Bool {
    switch self {
    case .atom, .string, .legacyString, .bytes, .byteArray: false
    default: true
    }
  }

  /// Whether a node of this kind has any number of children of one sort.
  public var isContainer: Bool {
    switch self {
    case .tuple, .list, .set, .frozenSet, .dict, .items, .pairs: true
    default: false
    }
  }

  /// Whether the children are keys and values by turns.
  var isPaired: Bool { self == .dict || self == .pairs }

  /// Whether a node of this kind is made by a call, and may be given items, pairs and state.
  public var isMade: Bool {
    switch self {
    case .reduce, .newObject, .newObjectEx, .oldInstance: true
    default: false
    }
  }

  /// Whether what a node of this kind stands for can be given children after it was made.
  var canChange: Bool {
    switch self {
    case .list, .dict, .set: true
    default: isMade
    }
  }

  /// Whether a node of this kind is something done to an object, rather than an object.
  var isPart: Bool {
    switch self {
    case .items, .pairs, .state, .stateByCall: true
    default: false
    }
  }

  /// Whether a node of this kind may have so many children.
  func takes(childCount: Int) -> Bool {
    switch self {
    case .dict, .pairs: childCount % 2 == 0
    case .persistent, .state: childCount == 1
    case .global, .stateByCall: childCount == 2
    default: childCount >= (isMade ? creationCount : 0)
    }
  }

  /// The number of children before those that say what was done to the object.
  var creationCount: Int { self == .newObjectEx ? 3 : 2 }
}

extension ObjectGraph {
  /// Adds an atom whose payload is `range` of the source with number `source`.
  @inline(__always)
  mutating func addAtom(_ kind: Kind, source: Int, _ range: Range<Int>) -> Node {
    let node = Node(kinds.count)
    kinds.append(kind)
    starts.append(UInt64(source) << Self.offsetBits | UInt64(range.lowerBound))
    if let count = UInt32(exactly: range.count), count < .max {
      counts.append(count)
    } else {
      counts.append(.max)
      longCounts[node] = range.count
    }
    return node
  }

  /// Adds an atom whose payload is `blob`, unread.
  mutating func addAtom(_ kind: Kind, blob: Blob) -> Node {
    blobs.append(blob)
    kinds.append(kind)
    starts.append(Self.blobFlag + UInt64(blobs.count - 1))
    counts.append(.max)
    return Node(kinds.count - 1)
  }

  /// Adds a node whose children are `children`.
  @inline(__always)
  mutating func addNode(_ kind: Kind, _ children: some Collection<Node>) -> Node {
    kinds.append(kind)
    starts.append(UInt64(edges.count))
    counts.append(UInt32(children.count))
    edges.append(contentsOf: children)
    return Node(kinds.count - 1)
  }

  /// Adds a node whose children are what lies above `mark` on `stack`, and takes it from there.
  @inline(__always)
  mutating func addNode(
    _ kind: Kind, takingFrom stack: inout GrowingArray<Node>, above mark: Int
  ) -> Node {
    kinds.append(kind)
    starts.append(UInt64(edges.count))
    counts.append(UInt32(stack.count - mark))
    edges.append(takingFrom: &stack, from: mark)
    return Node(kinds.count - 1)
  }

  /// A hash of `node` that does not depend on where it stands, nor on the order in which it was
  /// made: of its kind and payload, of its first children, and theirs, two levels down.
  func shallowHash(of node: Node, depth: Int = 2) -> UInt64 {
    let kind = kinds[Int(node)]
    var hash = mix(UInt64(kind.rawValue), UInt64(counts[Int(node)]))
    guard kind.hasChildren else {
      if isBlob(node) { return mix(UInt64(payloadCount(of: node)), 1) }
      let range = payloadRange(of: node)
      // The deeper, the less: many items may lead to the same long text.
      let most = depth >= 2 ? 4096 : depth == 1 ? 256 : 64
      let hashed = range.lowerBound..<min(range.upperBound, range.lowerBound + most)
      return sources.hash(sourceNumber(of: node), hashed)
    }
    guard depth > 0 else { return hash }
    for index in 0..<min(childCount(of: node), 8) {
      hash = mix(hash, shallowHash(of: child(index, of: node), depth: depth - 1))
    }
    return hash
  }
}
