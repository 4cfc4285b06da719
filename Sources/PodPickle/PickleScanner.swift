/// The pickle machine, run on node numbers instead of objects.
///
/// It follows the opcodes as CPython's `pickletools` documents them, imports
/// nothing and calls nothing. Time and memory are linear in the input; depth
/// of nesting costs stack entries on the heap, never recursion.
struct PickleScanner: ~Copyable {
  typealias Node = ObjectGraph.Node

  var graph = ObjectGraph()
  var stack: [Node] = []
  var marks: [Int] = []
  var reader: ByteReader
  var stream: ByteSource
  private(set) var sourceNumber = 0
  private var buffers: [Int] = []
  private var nextBuffer = 0

  private var strings = StringTable()
  private var globals: [UInt64: Node] = [:]
  private var memo: [Node] = []
  private var sparseMemo: [UInt32: Node] = [:]
  private var smallInts: [Node] = Array(repeating: .max, count: 256)
  private var constants: [UInt8: Node] = [:]
  private var overflow: [Run] = []
  /// A bit for each container and made object that was pushed a second time.
  private var fetched: [UInt64] = []
  private var mayHaveCycles = false

  /// Children that were added to a node after others were made.
  private struct Run {
    let node: Node
    let start: Int
    var count: Int
  }

  init() {
    stream = ByteSource([])
    reader = stream.reader()
  }

  /// Scans one dump of a pickler; the memo goes on from the dumps before.
  mutating func scan(_ part: ObjectGraph.Part) throws(PickleError) {
    stream = part.stream
    reader = stream.reader()
    sourceNumber = graph.sources.add(stream)
    buffers = []
    nextBuffer = 0
    for buffer in part.buffers { buffers.append(graph.sources.add(buffer)) }
    guard graph.sources.count < ObjectGraph.sourceLimit else {
      throw irregular("more than \(ObjectGraph.sourceLimit) buffers")
    }
    stack.removeAll(keepingCapacity: true)
    marks.removeAll(keepingCapacity: true)
    while true {
      let start = reader.offset
      let opcode = try reader.byte()
      if opcode == Opcode.stop { break }
      try step(opcode, at: start)
    }
    let root = try pop()
    guard stack.isEmpty, marks.isEmpty else { throw irregular("values are left on the stack") }
    graph.roots.append(root)
  }

  /// Ends the scan: every node's children in one place, sets in order.
  mutating func finish() throws(PickleError) -> ObjectGraph {
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
        graph.edges.append(contentsOf: graph.edges[old..<(old + count)])
        graph.edges.append(contentsOf: repeatElement(0, count: total - count))
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
  func malformed(_ reason: String) -> PickleError {
    .malformed(offset: reader.offset, reason: reason)
  }

  func irregular(_ reason: String) -> PickleError {
    .irregular(offset: reader.offset, reason: reason)
  }

  /// The lowest stack position that an opcode may touch: what lies below belongs to a mark.
  private var floor: Int { marks.last ?? 0 }

  mutating func pop() throws(PickleError) -> Node {
    guard stack.count > floor, let node = stack.popLast() else {
      throw malformed("an empty stack")
    }
    return node
  }

  func top() throws(PickleError) -> Node {
    guard stack.count > floor, let node = stack.last else { throw malformed("an empty stack") }
    return node
  }

  mutating func popMark() throws(PickleError) -> Int {
    guard let mark = marks.popLast() else { throw malformed("a missing mark") }
    return mark
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
  mutating func fetch(_ index: UInt32) throws(PickleError) {
    let node = try recall(index)
    if graph.kind(of: node).canChange { noteFetched(node) }
    stack.append(node)
  }

  mutating func duplicate() throws(PickleError) {
    let node = try top()
    try checkShared(node)
    if graph.kind(of: node).canChange { noteFetched(node) }
    stack.append(node)
  }

  /// Refuses to share a long number: it has no identity and would be written again each time.
  private func checkShared(_ node: Node) throws(PickleError) {
    guard graph.kind(of: node) == .atom, graph.payloadCount(of: node) > 16 else { return }
    throw irregular("a long number that is met more than once")
  }

  private mutating func noteFetched(_ node: Node) {
    let word = Int(node >> 6)
    if word >= fetched.count {
      fetched.append(contentsOf: repeatElement(0, count: graph.count >> 6 + 1 - fetched.count))
    }
    fetched[word] |= 1 << UInt64(node & 63)
  }

  /// Notes that `node` is changed: if it was met before, it may come to hold what holds it.
  private mutating func noteChanged(_ node: Node) {
    let word = Int(node >> 6)
    if word < fetched.count, fetched[word] & (1 << UInt64(node & 63)) != 0 { mayHaveCycles = true }
  }

  func recall(_ index: UInt32) throws(PickleError) -> Node {
    if Int(index) < memo.count { return memo[Int(index)] }
    guard let node = sparseMemo[index] else {
      throw malformed("memo entry \(index), which was never made")
    }
    return node
  }

  mutating func checkRoom() throws(PickleError) {
    guard graph.kinds.count < Int(Node.max) - 8 else { throw irregular("more than 2^32 objects") }
  }
}

// MARK: - Nodes

extension PickleScanner {
  mutating func pushAtom(_ kind: ObjectGraph.Kind, from start: Int) throws(PickleError) {
    try checkRoom()
    stack.append(graph.addAtom(kind, source: sourceNumber, start..<reader.offset))
  }

  /// Pushes a string or bytes whose content is `range` of the stream.
  mutating func pushText(_ kind: ObjectGraph.Kind, _ range: Range<Int>) throws(PickleError) {
    stack.append(try text(kind, range))
  }

  mutating func text(_ kind: ObjectGraph.Kind, _ range: Range<Int>) throws(PickleError) -> Node {
    try checkRoom()
    guard range.count <= StringTable.byteLimit else {
      return graph.addAtom(kind, source: sourceNumber, range)
    }
    let (node, isOld) = strings.node(kind, source: sourceNumber, range, in: &graph)
    if isOld { graph.mergedEquals = true }
    return node
  }

  /// None, True, False: one node each.
  mutating func pushConstant(_ opcode: UInt8, at start: Int) throws(PickleError) {
    if constants[opcode] == nil {
      constants[opcode] = graph.addAtom(.atom, source: sourceNumber, start..<(start + 1))
    }
    stack.append(constants[opcode] ?? 0)
  }

  mutating func pushSmallInt(at start: Int) throws(PickleError) {
    let value = Int(try reader.byte())
    if smallInts[value] == .max {
      smallInts[value] = graph.addAtom(.atom, source: sourceNumber, start..<reader.offset)
    }
    stack.append(smallInts[value])
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
    switch graph.kind(of: node) {
    case .bytes: stack.append(node)
    case .byteArray:
      let number = graph.sourceNumber(of: node)
      stack.append(graph.addAtom(.bytes, source: number, graph.payloadRange(of: node)))
    default: throw irregular("READONLY_BUFFER of what is no buffer")
    }
  }

  mutating func pushGlobal(module: Node, name: Node) throws(PickleError) {
    try checkRoom()
    guard graph.kind(of: module) == .string, graph.kind(of: name) == .string else {
      throw malformed("a global whose name is no string")
    }
    let key = UInt64(module) << 32 | UInt64(name)
    if let old = globals[key] {
      graph.mergedEquals = true
      stack.append(old)
      return
    }
    let node = graph.addNode(.global, [module, name])
    globals[key] = node
    stack.append(node)
  }

  /// Pushes a node whose children are what lies above `mark`.
  mutating func pushNode(_ kind: ObjectGraph.Kind, above mark: Int) throws(PickleError) {
    try checkRoom()
    let node = graph.addNode(kind, EmptyCollection())
    takeChildren(above: mark)
    graph.counts[Int(node)] = UInt32(graph.edges.count - Int(graph.starts[Int(node)]))
    stack.append(node)
  }

  /// Moves what lies above `mark` to the end of the edges.
  ///
  /// One by one: a slice of the stack would count references for what is mostly short.
  @inline(__always)
  private mutating func takeChildren(above mark: Int) {
    for index in mark..<stack.count { graph.edges.append(stack[index]) }
    stack.removeLast(stack.count - mark)
  }

  /// Pushes a node whose children are the `count` topmost values.
  mutating func pushNode(_ kind: ObjectGraph.Kind, taking count: Int) throws(PickleError) {
    guard stack.count - floor >= count else { throw malformed("an empty stack") }
    try pushNode(kind, above: stack.count - count)
  }

  /// Pushes an object that a call makes, with an edge reserved for the state that it mostly gets.
  mutating func pushMade(_ kind: ObjectGraph.Kind) throws(PickleError) {
    let arguments = try stackTuple(kind)
    guard graph.kind(of: arguments) == .tuple else {
      throw malformed("arguments that are no tuple")
    }
    try pushNode(kind, taking: kind.creationCount)
    graph.edges.append(.max)
  }

  /// Pushes an object that is kept elsewhere; what it is called is no such object itself.
  mutating func pushPersistent() throws(PickleError) {
    guard graph.kind(of: try top()) != .persistent else {
      throw irregular("a persistent identifier of a persistent object")
    }
    try pushNode(.persistent, taking: 1)
  }

  private func stackTuple(_ kind: ObjectGraph.Kind) throws(PickleError) -> Node {
    let position = stack.count - kind.creationCount + 1
    guard position - 1 >= floor, position < stack.count else { throw malformed("an empty stack") }
    return stack[position]
  }
}

// MARK: - What is done to an object

extension PickleScanner {
  /// A pickler gives an object items, pairs and a state, each once.
  private static let doingLimit = 64

  /// Gives what lies above `mark` to the object below it, as items or as pairs.
  mutating func extend(above mark: Int, _ kind: ObjectGraph.Kind) throws(PickleError) {
    guard mark > floor else { throw malformed("an empty stack") }
    guard kind == .items || (stack.count - mark) % 2 == 0 else {
      throw malformed("a key without a value")
    }
    let target = stack[mark - 1]
    noteChanged(target)
    switch (graph.kind(of: target), kind) {
    case (.list, .items), (.set, .items), (.dict, .pairs): addChildren(above: mark, to: target)
    case (let made, _) where made.isMade:
      guard mark < stack.count else { return }
      addChildren(above: mark, to: try doing(kind, to: target))
    default: throw irregular("items for what is no container")
    }
  }

  /// The node that holds what is done to `target`, if the last one is of this kind, or a new one.
  private mutating func doing(
    _ kind: ObjectGraph.Kind, to target: Node
  ) throws(PickleError) -> Node {
    if let last = graph.children(of: target).last, graph.kind(of: last) == kind { return last }
    try checkRoom()
    let node = graph.addNode(kind, [])
    try addDoing(node, to: target)
    return node
  }

  /// Records that `doing` was done to `target`, after all that was done before.
  mutating func addDoing(_ doing: Node, to target: Node) throws(PickleError) {
    noteChanged(target)
    let start = Int(graph.starts[Int(target)])
    let count = Int(graph.counts[Int(target)])
    guard count < Self.doingLimit else { throw irregular("an object that is changed many times") }
    if count == graph.kind(of: target).creationCount, graph.edges[start + count] == .max {
      graph.edges[start + count] = doing
    } else {
      graph.starts[Int(target)] = UInt64(graph.edges.count)
      graph.edges.append(contentsOf: graph.edges[start..<(start + count)])
      graph.edges.append(doing)
    }
    graph.counts[Int(target)] += 1
  }

  /// Gives what lies above `mark` to `node`.
  private mutating func addChildren(above mark: Int, to node: Node) {
    let added = stack.count - mark
    guard added > 0 else { return }
    let index = Int(node)
    let end = Int(graph.starts[index]) + Int(graph.counts[index])
    if graph.counts[index] == 0 {
      graph.starts[index] = UInt64(graph.edges.count)
      graph.counts[index] = UInt32(added)
    } else if end == graph.edges.count {
      graph.counts[index] += UInt32(added)
    } else if let last = overflow.last, last.node == node,
      last.start + last.count == graph.edges.count
    {
      overflow[overflow.count - 1].count += added
    } else {
      overflow.append(Run(node: node, start: graph.edges.count, count: added))
    }
    takeChildren(above: mark)
  }

  /// BUILD: gives the topmost value to the object below it as its state.
  mutating func build() throws(PickleError) {
    let state = try pop()
    let target = try top()
    guard graph.kind(of: target).isMade else { throw irregular("a state for a plain value") }
    try checkRoom()
    try addDoing(graph.addNode(.state, [state]), to: target)
  }

  /// POP: drops the topmost value, unless it is the call that gives the object below its state.
  ///
  /// CPython writes such a call for objects with a state setter. It also drops a whole value that
  /// a cycle made twice, and then fetches the first: what is dropped then can be made again.
  mutating func drop() throws(PickleError) {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
      return
    }
    let node = try pop()
    guard graph.kind(of: node) == .reduce, let target = stack.last, stack.count > floor,
      graph.kind(of: target).isMade
    else { return }
    guard graph.childCount(of: node) == 2, graph.childCount(of: graph.child(1, of: node)) == 2
    else { return }
    let call = Array(graph.children(of: node))
    let arguments = Array(graph.children(of: call[1]))
    guard arguments[0] == target else { return }
    if let fetched = fetchedNext(), graph.kind(of: fetched) == .reduce,
      graph.children(of: fetched).prefix(2).elementsEqual(call)
    {
      return
    }
    try checkRoom()
    try addDoing(graph.addNode(.stateByCall, [call[0], arguments[1]]), to: target)
  }

  /// The node that the next opcode fetches from the memo, if it does.
  private func fetchedNext() -> Node? {
    var ahead = reader
    guard let opcode = try? ahead.byte() else { return nil }
    switch opcode {
    case Opcode.binGet: return (try? ahead.byte()).flatMap { try? recall(UInt32($0)) }
    case Opcode.longBinGet:
      return (try? ahead.integer(UInt32.self)).flatMap { try? recall($0) }
    default: return nil
    }
  }
}
