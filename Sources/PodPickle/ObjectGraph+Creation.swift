extension ObjectGraph {
  /// Checks that every object can be made: that what its making needs does not need itself.
  ///
  /// A list may hold itself, because it is there before its items are. A tuple, or the arguments of
  /// a call, must be there before. A scanned pickle can't break this; pods that were made to can.
  func checkCreation() throws(PickleError) {
    var states = [UInt8](repeating: 0, count: count)
    var stack: [(node: Node, next: Int)] = []
    for start in kinds.indices where states[start] == 0 && kinds[start].hasChildren {
      stack.append((Node(start), 0))
      while let (node, next) = stack.last {
        states[Int(node)] = 1
        let needed = childrenNeeded(by: node)
        guard next < needed.count else {
          states[Int(node)] = 2
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let child = needed[needed.startIndex + next]
        guard states[Int(child)] != 1 else {
          throw .malformed(offset: 0, reason: "an object that is needed to make itself")
        }
        if states[Int(child)] == 0, kinds[Int(child)].hasChildren { stack.append((child, 0)) }
      }
    }
    try checkRepetition()
  }

  /// Checks that the value is not much longer written than it is in memory.
  ///
  /// A tuple can't be fetched before it is made, so CPython's pickler writes it again wherever it
  /// meets it on the way down to itself, to drop it afterwards: n lists in a tuple that all hold the
  /// tuple make n² references. What a few thousand make is accepted.
  func checkRepetition() throws(PickleError) {
    var emitter = PickleEmitter(GraphTrees(self), keepsBytes: false)
    for root in roots {
      guard emitter.isWrittenLinearly(root) else {
        throw .irregular(offset: 0, reason: "tuples that hold themselves in too many ways")
      }
    }
  }

  /// The children that must be there before the object is.
  private func childrenNeeded(by node: Node) -> Children {
    let kind = kind(of: node)
    switch kind {
    case .tuple, .frozenSet, .global, .persistent: return children(of: node)
    case .reduce, .newObject, .newObjectEx, .oldInstance:
      return children(of: node).prefix(kind.creationCount)
    default: return children(of: node).prefix(0)
    }
  }
}
