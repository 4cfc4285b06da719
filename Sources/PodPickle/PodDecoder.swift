public import PodModel

/// Reads pods back into a graph.
///
/// It asks for one pod at a time and reads nothing itself:
///
///     var decoder = PodDecoder(root: id, limit: size)
///     while let id = decoder.wanted { try decoder.supply(bytes(of: id)) }
///     let graph = decoder.graph
///
/// Pods come from outside: a name that leads to other pods than expected, a
/// count, a number or a wire that does not fit is an error. Nothing is
/// allocated by a length that is not there, depth costs no recursion, and a
/// few pods that name each other many times can't grow beyond the limit.
public struct PodDecoder {
  typealias Node = ObjectGraph.Node

  /// The pod that is needed next; nil at the end.
  public private(set) var wanted: PodID?
  /// The objects, complete once nothing more is wanted; blobs stay unread.
  public private(set) var graph = ObjectGraph()

  private var strings = StringTable()
  private var globals: [UInt64: Node] = [:]
  private var pods: [OpenPod] = []
  private var frames: [Frame] = []
  private var values: [Node] = []
  /// The objects of every pod that was opened, by the number of the pod.
  private var objects: [[Node]] = []
  private var wiring = Wiring.Reader(ByteSource([]))
  private var unreadWiring: [Blob] = []
  private var wiringBytes: [UInt8] = []
  /// None, bools and small integers, by opcode and argument.
  private var constants: [Int: Node] = [:]
  /// Whether an object was referred to before all its children were read.
  private var hasCycles = false
  /// How many more trees and pods may be read.
  private var budget: Int
  private let limit: Int

  /// The count of an object whose children are being read.
  private static let unfinished = UInt32.max

  /// A pod that is being read.
  private struct OpenPod {
    let id: PodID
    let sourceNumber: Int
    let names: [PodID]
    /// Its number in the order of reading.
    let number: Int
    var reader: ByteReader
    var nextName = 0
    /// The trees that were not begun.
    var trees = 1
    /// The number of open objects around the pod.
    let depth: Int
    var texts: [Node] = []
  }

  /// An object whose children are being read: they gather in `values`.
  private struct Frame {
    let node: Node
    let count: Int
    let firstValue: Int
  }

  /// Begins to read the value whose pod is `root`.
  ///
  /// - Parameter limit: how many trees the value may have. The sizes of the files of its roots,
  ///   added up, are enough: a tree makes a byte of pickle at least.
  public init(root: PodID, limit: Int) {
    wanted = root
    self.limit = limit
    // Pods and their names are no part of the pickle: for each item, two bytes at least, there may be
    // both.
    budget = 2 * limit + 64
  }

  /// Reads the canonical bytes of the wanted pod.
  ///
  /// - Throws: ``PickleError`` if they don't fit; the decoder is of no use afterwards.
  public mutating func supply(_ bytes: [UInt8]) throws(PickleError) {
    guard let id = wanted else { return }
    do throws(PickleError) {
      if objects.isEmpty {
        try openValue(id, ByteSource(bytes))
      } else if let blob = unreadWiring.popLast() {
        try supplyWiring(try blob.contents(of: bytes))
      } else {
        try open(id, ByteSource(bytes))
      }
      wanted = unreadWiring.last?.pod
      if wanted == nil { wanted = try nextWanted() }
    } catch { throw error.inPod(pods.last?.id ?? id) }
  }

  private mutating func supplyWiring(_ contents: Blob.Contents) throws(PickleError) {
    switch contents {
    case .data(let bytes): wiringBytes += bytes
    case .parts(let parts): unreadWiring += parts.reversed()
    }
    if unreadWiring.isEmpty { wiring = Wiring.Reader(ByteSource(wiringBytes)) }
  }

  private mutating func openValue(_ id: PodID, _ source: ByteSource) throws(PickleError) {
    let opened = try PodFormat.open(source, named: id)
    guard opened.kind == .value else { throw .badPod(id, reason: "no value where one should be") }
    var reader = opened.reader
    graph.protocolVersion = try reader.byte()
    let rootCount = try reader.varint()
    let wiringCount = try reader.varint()
    var names = opened.children
    if wiringCount > Blob.threshold {
      guard let pod = names.popLast() else { throw .badPod(id, reason: "no wiring") }
      unreadWiring = [Blob(count: wiringCount, pod: pod)]
    } else {
      let range = try reader.take(wiringCount)
      wiring = Wiring.Reader(ByteSource(source.bytes(in: range)))
    }
    try push(id, source, names: names, reader: reader, trees: rootCount)
  }

  private mutating func open(_ id: PodID, _ source: ByteSource) throws(PickleError) {
    let opened = try PodFormat.open(source, named: id)
    var reader = opened.reader
    switch opened.kind {
    case .objects: try push(id, source, names: opened.children, reader: reader, trees: 1)
    case .run:
      guard let frame = frames.last, graph.kind(of: frame.node).isContainer else {
        throw .badPod(id, reason: "items without a container")
      }
      let trees = try reader.varint()
      try push(id, source, names: opened.children, reader: reader, trees: trees)
    default: throw .badPod(id, reason: "no objects where some should be")
    }
  }

  private mutating func push(
    _ id: PodID, _ source: ByteSource, names: [PodID], reader: ByteReader, trees: Int
  ) throws(PickleError) {
    guard trees > 0 || objects.isEmpty else { throw .badPod(id, reason: "no items") }
    let sourceNumber = graph.sources.add(source)
    guard sourceNumber < ObjectGraph.sourceLimit else {
      throw .tooLarge(limit: ObjectGraph.sourceLimit)
    }
    pods.append(
      OpenPod(
        id: id, sourceNumber: sourceNumber, names: names,
        number: objects.count, reader: reader, trees: trees, depth: frames.count))
    objects.append([])
    try spend()
  }

  private mutating func spend() throws(PickleError) {
    budget -= 1
    guard budget >= 0 else { throw .tooLarge(limit: limit) }
  }

  // MARK: Trees

  /// Reads on until a pod is needed; returns nil at the end.
  private mutating func nextWanted() throws(PickleError) -> PodID? {
    // By index, not by value: to copy an open pod is to count references to all it holds.
    while !pods.isEmpty {
      let top = pods.count - 1
      if frames.count == pods[top].depth, pods[top].trees == 0 {
        guard pods[top].reader.remaining == 0, pods[top].nextName == pods[top].names.count else {
          throw .badPod(pods[top].id, reason: "more than its objects")
        }
        pods.removeLast()
      } else if let frame = frames.last, values.count - frame.firstValue == frame.count {
        try end(frame)
      } else if let child = try readTree() {
        return child
      }
    }
    graph.roots = values
    guard wiring.isAtEnd, !values.contains(where: { isPart($0) }) else {
      throw .malformed(offset: 0, reason: "wires that lead from nowhere")
    }
    if hasCycles { try graph.checkCreation() }
    return nil
  }

  /// Ends an object all of whose children were read.
  private mutating func end(_ frame: Frame) throws(PickleError) {
    guard frames.count > pods[pods.count - 1].depth else {
      throw .malformed(offset: 0, reason: "a container that ends within a run")
    }
    frames.removeLast()
    let start = graph.edges.count
    graph.edges.append(contentsOf: values[frame.firstValue...])
    values.removeSubrange(frame.firstValue...)
    graph.starts[Int(frame.node)] = UInt64(start)
    graph.counts[Int(frame.node)] = UInt32(frame.count)
    try checkShape(of: frame.node)
    if graph.kind(of: frame.node) == .global {
      values.append(try canonicalGlobal(frame.node))
      remember(text: values[values.count - 1])
    } else {
      values.append(frame.node)
    }
  }

  /// Reads the beginning of a tree; returns the name of the pod that it stands in, if it does.
  private mutating func readTree() throws(PickleError) -> PodID? {
    let top = pods.count - 1
    if frames.count == pods[top].depth { pods[top].trees -= 1 }
    try spend()
    let start = pods[top].reader.offset
    let tag = try pods[top].reader.byte()
    switch tag {
    case PodTag.child: return try nextName()
    case PodTag.hole:
      let place = try wiring.next(lastPod: objects.count - 1)
      values.append(try object(place.object, of: place.pod))
    case PodTag.object:
      values.append(try object(try pods[top].reader.varint(), of: pods[top].number))
    case PodTag.text: values.append(try text(try pods[top].reader.varint()))
    case PodTag.shortText...: values.append(try text(Int(tag - PodTag.shortText)))
    case PodTag.blob: try readBlob()
    case PodTag.newText: try readText()
    case PodTag.firstAtom...: try readAtom(tag, from: start)
    case PodTag.node...: try beginNode(tag - PodTag.node)
    default: throw .unknownOpcode(tag, offset: start)
    }
    return nil
  }

  private mutating func nextName() throws(PickleError) -> PodID {
    let top = pods.count - 1
    guard pods[top].nextName < pods[top].names.count else {
      throw .malformed(offset: pods[top].reader.offset, reason: "a pod without a name")
    }
    defer { pods[top].nextName += 1 }
    return pods[top].names[pods[top].nextName]
  }

  private mutating func object(_ number: Int, of pod: Int) throws(PickleError) -> Node {
    guard pod < objects.count, number < objects[pod].count else {
      throw .malformed(offset: 0, reason: "a reference to an object that is not there")
    }
    let node = objects[pod][number]
    if graph.counts[Int(node)] == Self.unfinished, graph.kind(of: node).hasChildren {
      hasCycles = true
    }
    return node
  }

  private func text(_ number: Int) throws(PickleError) -> Node {
    let top = pods.count - 1
    guard number < pods[top].texts.count else {
      throw .malformed(offset: 0, reason: "a reference to a text that is not there")
    }
    return pods[top].texts[number]
  }

  private mutating func remember(text node: Node) { pods[pods.count - 1].texts.append(node) }

  private mutating func remember(object node: Node) {
    objects[pods[pods.count - 1].number].append(node)
  }

  private mutating func textKind() throws(PickleError) -> ObjectGraph.Kind {
    let raw = try pods[pods.count - 1].reader.byte()
    guard let kind = ObjectGraph.Kind(rawValue: raw), kind != .atom, !kind.hasChildren else {
      throw .malformed(offset: 0, reason: "a text of unknown kind")
    }
    return kind
  }

  private mutating func readText() throws(PickleError) {
    let kind = try textKind()
    let top = pods.count - 1
    let range = try pods[top].reader.take(try pods[top].reader.varint())
    guard kind == .string || kind == .bytes, range.count <= StringTable.byteLimit else {
      let node = graph.addAtom(kind, source: pods[top].sourceNumber, range)
      values.append(node)
      if frames.last.map({ graph.kind(of: $0.node) != .global }) ?? true { remember(object: node) }
      return
    }
    let node = strings.node(
      kind, source: pods[top].sourceNumber, range, in: &graph)
    values.append(node)
    remember(text: node)
  }

  private mutating func readBlob() throws(PickleError) {
    let kind = try textKind()
    let count = try pods[pods.count - 1].reader.varint()
    guard count > Blob.threshold else { throw .malformed(offset: 0, reason: "a short blob") }
    let node = graph.addAtom(kind, blob: Blob(count: count, pod: try nextName()))
    values.append(node)
    remember(object: node)
  }

  private mutating func readAtom(_ opcode: UInt8, from start: Int) throws(PickleError) {
    let top = pods.count - 1
    try pods[top].reader.skipAtom(opcode)
    let range = start..<pods[top].reader.offset
    let key =
      Int(opcode) << 8
      | (range.count == 2 ? Int(graph.sources.byte(pods[top].sourceNumber, at: start + 1)) : 0)
    if range.count <= 2, let known = constants[key] {
      values.append(known)
      return
    }
    let node = graph.addAtom(.atom, source: pods[top].sourceNumber, range)
    if range.count <= 2 { constants[key] = node }
    values.append(node)
  }

  private mutating func beginNode(_ raw: UInt8) throws(PickleError) {
    guard let kind = ObjectGraph.Kind(rawValue: raw), kind.hasChildren else {
      throw .malformed(offset: 0, reason: "an object of unknown kind")
    }
    guard graph.count < Int(Node.max) - 8 else { throw .tooLarge(limit: Int(Node.max)) }
    let count = try pods[pods.count - 1].reader.varint()
    guard count <= limit else { throw .tooLarge(limit: limit) }
    let node = graph.addNode(kind, [])
    graph.counts[Int(node)] = Self.unfinished
    if kind != .global { remember(object: node) }
    frames.append(Frame(node: node, count: count, firstValue: values.count))
  }

  // MARK: Shapes

  /// Checks that the children of `node` are what its kind has.
  private func checkShape(of node: Node) throws(PickleError) {
    let kind = graph.kind(of: node)
    let children = graph.children(of: node)
    let isRight =
      switch kind {
      case .dict, .pairs: children.count % 2 == 0
      case .global: children.count == 2 && children.allSatisfy { graph.kind(of: $0) == .string }
      case .persistent:
        children.count == 1 && children.allSatisfy { graph.kind(of: $0) != .persistent }
      case .state: children.count == 1
      case .stateByCall: children.count == 2
      case .reduce, .newObject, .newObjectEx, .oldInstance: isMadeRight(kind, children)
      default: true
      }
    guard isRight else { throw .malformed(offset: 0, reason: "wrong parts of an object") }
    guard kind.isMade || !children.contains(where: { isPart($0) }) else {
      throw .malformed(offset: 0, reason: "a part without its object")
    }
  }

  private func isMadeRight(_ kind: ObjectGraph.Kind, _ children: ObjectGraph.Children) -> Bool {
    guard children.count >= kind.creationCount else { return false }
    let arguments = children[children.startIndex + 1]
    return graph.kind(of: arguments) == .tuple
      && children.prefix(kind.creationCount).allSatisfy { !isPart($0) }
      && children.dropFirst(kind.creationCount).allSatisfy { isPart($0) }
  }

  /// Whether `node` is something done to an object rather than an object.
  private func isPart(_ node: Node) -> Bool {
    switch graph.kind(of: node) {
    case .items, .pairs, .state, .stateByCall: true
    default: false
    }
  }

  /// The one node of all equal globals.
  private mutating func canonicalGlobal(_ node: Node) throws(PickleError) -> Node {
    let parts = Array(graph.children(of: node))
    let key = UInt64(parts[0]) << 32 | UInt64(parts[1])
    if let known = globals[key] { return known }
    globals[key] = node
    return node
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
