/// What opcodes do to an object that is there already.
extension PickleScanner {
  /// A pickler gives an object items, pairs and a state, each once.
  private static let doingLimit = 64

  /// Gives what lies above `mark` to the object below it, as items or as pairs.
  @inline(__always)
  mutating func extend(above mark: Int, _ kind: ObjectGraph.Kind) throws(PickleError) {
    guard mark > floor else { throw malformed("an empty stack") }
    guard kind == .items || (stack.count - mark) % 2 == 0 else {
      throw malformed("a key without a value")
    }
    let target = stack[mark - 1]
    noteChanged(target)
    switch (graph.kinds[Int(target)], kind) {
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
    if let last = graph.children(of: target).last, graph.kinds[Int(last)] == kind { return last }
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
    if count == graph.kinds[Int(target)].creationCount, graph.edges[start + count] == .max {
      graph.edges[start + count] = doing
    } else {
      graph.starts[Int(target)] = UInt64(graph.edges.count)
      for index in start..<(start + count) { graph.edges.append(graph.edges[index]) }
      graph.edges.append(doing)
    }
    graph.counts[Int(target)] += 1
  }

  /// Gives what lies above `mark` to `node`.
  @inline(__always)
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
    graph.edges.append(takingFrom: &stack, from: mark)
  }

  /// BUILD: gives the topmost value to the object below it as its state.
  mutating func build() throws(PickleError) {
    let state = try pop()
    let target = try top()
    guard graph.kinds[Int(target)].isMade else { throw irregular("a state for a plain value") }
    try checkRoom()
    try addDoing(graph.addNode(.state, [state]), to: target)
  }

  /// POP: drops the topmost value, unless it is the call that gives the object below its state.
  ///
  /// CPython writes such a call for objects with a state setter. It also drops a whole value that
  /// a cycle made twice, and then fetches the first: what is dropped then can be made again.
  mutating func drop() throws(PickleError) {
    if isMarked {
      _ = try popMark()
      return
    }
    let node = try pop()
    guard graph.kinds[Int(node)] == .reduce, let target = stack.last, stack.count > floor,
      graph.kinds[Int(target)].isMade
    else { return }
    guard graph.childCount(of: node) == 2, graph.childCount(of: graph.child(1, of: node)) == 2
    else { return }
    let call = Array(graph.children(of: node))
    let arguments = Array(graph.children(of: call[1]))
    guard arguments[0] == target else { return }
    if let fetched = fetchedNext(), graph.kinds[Int(fetched)] == .reduce,
      graph.children(of: fetched).prefix(2).elementsEqual(call)
    {
      return
    }
    try checkRoom()
    try addDoing(graph.addNode(.stateByCall, [call[0], arguments[1]]), to: target)
  }

  /// The node that the next opcode fetches from the memo, if it does.
  private mutating func fetchedNext() -> Node? {
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
