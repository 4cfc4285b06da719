/// The pickle machine, run on node numbers instead of objects.
///
/// It follows the opcodes as CPython's `pickletools` documents them, imports
/// nothing and calls nothing. Time and memory are linear in the input; depth
/// of nesting costs stack entries on the heap, never recursion.
struct PickleScanner: ~Copyable {
  typealias Node = ObjectGraph.Node

  var graph: ObjectGraph
  var stack = GrowingArray<Node>()
  /// The lowest stack position that an opcode may touch: what lies below belongs to a mark.
  private(set) var floor = 0
  /// The floors below the marks.
  private var marks = GrowingArray<Int>()
  var reader: ByteReader
  var stream: ByteSource
  private(set) var sourceNumber = 0
  private var buffers: [Int] = []
  private var nextBuffer = 0

  private var strings = StringTable()
  private var globals: [UInt64: Node] = [:]
  /// The names of globals that are over the limit of texts that are one node, by themselves and text.
  private var longNames: [Node: Node] = [:]
  private var firstNames: [[UInt8]: Node] = [:]
  private var memo: GrowingArray<Node>
  private var sparseMemo: [UInt32: Node] = [:]
  /// The nodes of BININT1 by argument, and of None, True and False by opcode.
  private var smallInts = GrowingArray<Node>(repeating: .max, count: 256)
  private var constants = GrowingArray<Node>(repeating: .max, count: 256)
  var overflow: [Run] = []
  /// A bit for each container and made object that was pushed a second time.
  private var fetched = GrowingArray<UInt64>()
  private var mayHaveCycles = false

  /// Children that were added to a node after others were made.
  struct Run {
    let node: Node
    let start: Int
    var count: Int
  }

  /// Creates a scanner with room for what streams of `byteCount` bytes mostly hold.
  init(expecting byteCount: Int) {
    graph = ObjectGraph(expectingNodes: byteCount / 3, edges: byteCount / 2)
    memo = GrowingArray(expecting: byteCount / 3)
    stream = ByteSource([])
    reader = stream.reader()
  }

  /// Scans one dump of a pickler; the memo goes on from the dumps before.
  mutating func scan(_ part: ObjectGraph.Part) throws(PickleError) {
    try scan(part, from: 0)
    guard reader.remaining == 0 else { throw irregular("bytes follow the end of the pickle") }
  }

  /// Scans one dump that begins at `offset`, and stops at its end.
  mutating func scan(_ part: ObjectGraph.Part, from offset: Int) throws(PickleError) {
    stream = part.stream
    reader = stream.reader()
    reader.seek(offset)
    sourceNumber = graph.sources.add(stream)
    buffers = []
    nextBuffer = 0
    for buffer in part.buffers { buffers.append(graph.sources.add(buffer)) }
    guard graph.sources.count < ObjectGraph.sourceLimit else {
      throw irregular("more than \(ObjectGraph.sourceLimit) buffers")
    }
    stack.removeAll()
    marks.removeAll()
    floor = 0
    try run()
    let root = try pop()
    guard stack.isEmpty, marks.isEmpty else { throw irregular("values are left on the stack") }
    graph.roots.append(root)
  }

  /// Ends the scan: every node's children in one place, sets in order.
  mutating func finish() throws(PickleError) -> ObjectGraph {
    memo = GrowingArray()
    strings = StringTable()
    joinRuns()
    for index in graph.kinds.indices
    where graph.kinds[index] == .set || graph.kinds[index] == .frozenSet {
      sortElements(of: Node(index))
    }
    if mayHaveCycles { try graph.checkRepetition() }
    return graph
  }

  private mutating func sortElements(of node: Node) {
    let range =
      Int(graph.starts[Int(node)])..<(Int(graph.starts[Int(node)]) + Int(graph.counts[Int(node)]))
    guard range.count > 1 else { return }
    let keyed = range.map { (graph.shallowHash(of: graph.edges[$0]), $0, graph.edges[$0]) }
    for (offset, element) in keyed.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }).enumerated() {
      graph.edges[range.lowerBound + offset] = element.2
    }
  }

  private mutating func joinRuns() {
    var totals: [Node: Int] = [:]
    for run in overflow {
      let inPlace = Int(graph.counts[Int(run.node)])
      totals[run.node, default: inPlace] += run.count
    }
    var ends: [Node: Int] = [:]
    for run in overflow {
      if ends[run.node] == nil, let total = totals[run.node] {
        let old = Int(graph.starts[Int(run.node)])
        let count = Int(graph.counts[Int(run.node)])
        let new = graph.edges.count
        graph.edges.append(repeating: 0, count: total)
        for offset in 0..<count { graph.edges[new + offset] = graph.edges[old + offset] }
        graph.starts[Int(run.node)] = UInt64(new)
        graph.counts[Int(run.node)] = UInt32(total)
        ends[run.node] = new + count
      }
      guard let end = ends[run.node] else { continue }
      for offset in 0..<run.count { graph.edges[end + offset] = graph.edges[run.start + offset] }
      ends[run.node] = end + run.count
    }
    overflow = []
  }
}

// MARK: - The stack and the memo

extension PickleScanner {
  /// What `node` is.
  ///
  /// Through the column: a method of the graph gets a copy of all its columns each time.
  @inline(__always)
  func kind(of node: Node) -> ObjectGraph.Kind { graph.kinds[Int(node)] }

  @inline(never)
  mutating func malformed(_ reason: String) -> PickleError {
    .malformed(offset: reader.offset, reason: reason)
  }

  @inline(never)
  mutating func irregular(_ reason: String) -> PickleError {
    .irregular(offset: reader.offset, reason: reason)
  }

  @inline(__always)
  mutating func mark() {
    marks.append(floor)
    floor = stack.count
  }

  @inline(__always)
  mutating func popMark() throws(PickleError) -> Int {
    guard let below = marks.popLast() else { throw malformed("a missing mark") }
    defer { floor = below }
    return floor
  }

  /// Whether a mark is topmost on the stack.
  var isMarked: Bool { !marks.isEmpty && floor == stack.count }

  @inline(__always)
  mutating func pop() throws(PickleError) -> Node {
    guard stack.count > floor, let node = stack.popLast() else {
      throw malformed("an empty stack")
    }
    return node
  }

  @inline(__always)
  mutating func top() throws(PickleError) -> Node {
    guard stack.count > floor, let node = stack.last else { throw malformed("an empty stack") }
    return node
  }

  mutating func remember(_ node: Node, at index: UInt32) throws(PickleError) {
    try checkShared(node)
    if Int(index) < memo.count {
      memo[Int(index)] = node
    } else if Int(index) == memo.count, sparseMemo.isEmpty {
      memo.append(node)
    } else {
      sparseMemo[index] = node
    }
  }

  @inline(__always)
  mutating func memoize() throws(PickleError) {
    guard sparseMemo.isEmpty else {
      try remember(try top(), at: UInt32(memo.count + sparseMemo.count))
      return
    }
    guard memo.count < UInt32.max else { throw irregular("more than 2^32 memo entries") }
    let node = try top()
    try checkShared(node)
    memo.append(node)
  }

  /// Pushes a memo entry.
  @inline(__always)
  mutating func fetch(_ index: UInt32) throws(PickleError) {
    let node = try recall(index)
    if graph.kinds[Int(node)].canChange { noteFetched(node) }
    stack.append(node)
  }

  mutating func duplicate() throws(PickleError) {
    let node = try top()
    try checkShared(node)
    if graph.kinds[Int(node)].canChange { noteFetched(node) }
    stack.append(node)
  }

  /// Refuses to share a long number: it has no identity and would be written again each time.
  @inline(__always)
  private mutating func checkShared(_ node: Node) throws(PickleError) {
    guard graph.kinds[Int(node)] == .atom, graph.counts[Int(node)] > 16 else { return }
    throw irregular("a long number that is met more than once")
  }

  private mutating func noteFetched(_ node: Node) {
    let word = Int(node >> 6)
    if word >= fetched.count {
      fetched.append(repeating: 0, count: graph.count >> 6 + 1 - fetched.count)
    }
    fetched[word] |= 1 << UInt64(node & 63)
  }

  /// Notes that `node` is changed: if it was met before, it may come to hold what holds it.
  @inline(__always)
  mutating func noteChanged(_ node: Node) {
    let word = Int(node >> 6)
    if word < fetched.count, fetched[word] & (1 << UInt64(node & 63)) != 0 { mayHaveCycles = true }
  }

  @inline(__always)
  mutating func recall(_ index: UInt32) throws(PickleError) -> Node {
    if Int(index) < memo.count { return memo[Int(index)] }
    guard let node = sparseMemo[index] else {
      throw malformed("memo entry \(index), which was never made")
    }
    return node
  }

  @inline(__always)
  mutating func checkRoom() throws(PickleError) {
    guard graph.kinds.count < Int(Node.max) - 8 else { throw irregular("more than 2^32 objects") }
  }
}

// MARK: - Nodes

extension PickleScanner {
  @inline(__always)
  mutating func pushAtom(
    _ kind: ObjectGraph.Kind, _ start: Int, _ argument: Range<Int>
  ) throws(PickleError) {
    try checkRoom()
    stack.append(graph.addAtom(kind, source: sourceNumber, start..<argument.upperBound))
  }

  /// Pushes a string or bytes whose content is `range` of the stream.
  @inline(__always)
  mutating func pushText(_ kind: ObjectGraph.Kind, _ range: Range<Int>) throws(PickleError) {
    stack.append(try text(kind, range))
  }

  @inline(__always)
  mutating func text(_ kind: ObjectGraph.Kind, _ range: Range<Int>) throws(PickleError) -> Node {
    try checkRoom()
    guard range.count <= StringTable.byteLimit else {
      return graph.addAtom(kind, source: sourceNumber, range)
    }
    return strings.node(kind, source: sourceNumber, range, in: &graph)
  }

  /// None, True, False: one node each.
  @inline(__always)
  mutating func pushConstant(_ opcode: UInt8, at start: Int) throws(PickleError) {
    if constants[Int(opcode)] == .max {
      constants[Int(opcode)] = graph.addAtom(.atom, source: sourceNumber, start..<(start + 1))
    }
    stack.append(constants[Int(opcode)])
  }

  @inline(__always)
  mutating func pushSmallInt(_ value: UInt8, at start: Int) throws(PickleError) {
    if smallInts[Int(value)] == .max {
      smallInts[Int(value)] = graph.addAtom(.atom, source: sourceNumber, start..<(start + 2))
    }
    stack.append(smallInts[Int(value)])
  }

  mutating func pushBuffer() throws(PickleError) {
    guard nextBuffer < buffers.count else { throw malformed("a buffer that was not handed over") }
    let number = buffers[nextBuffer]
    nextBuffer += 1
    let count = graph.sources[number].count
    stack.append(graph.addAtom(.byteArray, source: number, 0..<count))
  }

  mutating func makeReadOnly() throws(PickleError) {
    let node = try pop()
    switch graph.kinds[Int(node)] {
    case .bytes: stack.append(node)
    case .byteArray:
      let number = graph.sourceNumber(of: node)
      stack.append(graph.addAtom(.bytes, source: number, graph.payloadRange(of: node)))
    default: throw irregular("READONLY_BUFFER of what is no buffer")
    }
  }

  mutating func pushGlobal(module: Node, name: Node) throws(PickleError) {
    try checkRoom()
    guard graph.kinds[Int(module)] == .string, graph.kinds[Int(name)] == .string else {
      throw malformed("a global whose name is no string")
    }
    let (module, name) = (first(ofNames: module), first(ofNames: name))
    let key = UInt64(module) << 32 | UInt64(name)
    if let old = globals[key] {
      stack.append(old)
      return
    }
    let node = graph.addNode(.global, [module, name])
    globals[key] = node
    stack.append(node)
  }

  /// The first of the equal names that `name` is one of: a long text keeps its identity, but what is
  /// imported by it is one thing.
  private mutating func first(ofNames name: Node) -> Node {
    guard graph.payloadCount(of: name) > StringTable.byteLimit else { return name }
    if let known = longNames[name] { return known }
    var text: [UInt8] = []
    graph.appendPayload(of: name, to: &text)
    let first = firstNames[text] ?? name
    firstNames[text] = first
    longNames[name] = first
    return first
  }

  /// Pushes a node whose children are what lies above `mark`.
  @inline(__always)
  mutating func pushNode(_ kind: ObjectGraph.Kind, above mark: Int) throws(PickleError) {
    try checkRoom()
    let node = graph.addNode(kind, takingFrom: &stack, above: mark)
    stack.append(node)
  }

  /// Pushes a node whose children are the `count` topmost values.
  @inline(__always)
  mutating func pushNode(_ kind: ObjectGraph.Kind, taking count: Int) throws(PickleError) {
    guard stack.count - floor >= count else { throw malformed("an empty stack") }
    try pushNode(kind, above: stack.count - count)
  }

  /// Pushes an object that a call makes, with an edge reserved for the state that it mostly gets.
  mutating func pushMade(_ kind: ObjectGraph.Kind) throws(PickleError) {
    let arguments = try stackTuple(kind)
    guard graph.kinds[Int(arguments)] == .tuple else {
      throw malformed("arguments that are no tuple")
    }
    try pushNode(kind, taking: kind.creationCount)
    graph.edges.append(.max)
  }

  /// Pushes an object that is kept elsewhere; what it is called is no such object itself.
  mutating func pushPersistent() throws(PickleError) {
    guard kind(of: try top()) != .persistent else {
      throw irregular("a persistent identifier of a persistent object")
    }
    try pushNode(.persistent, taking: 1)
  }

  private mutating func stackTuple(_ kind: ObjectGraph.Kind) throws(PickleError) -> Node {
    let position = stack.count - kind.creationCount + 1
    guard position - 1 >= floor, position < stack.count else { throw malformed("an empty stack") }
    return stack[position]
  }
}
