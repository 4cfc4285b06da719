extension ObjectGraph {
  /// The pickle of one root, self-contained, as CPython's C pickler would write the value.
  ///
  /// Shared objects are defined where they are met first; the protocol is that of the stream, 4 at
  /// least.
  public func emit(root: Int) -> Emission {
    var emitter = PickleEmitter(GraphTrees(self), keepsBytes: true)
    return emitter.emit(roots[root])
  }

  /// The number of bytes of ``emit(root:)`` for every root, without keeping the bytes.
  public func emittedCounts() -> [Int] { emittedCounts(of: Array(roots.indices)) }

  /// The same for some of the roots.
  public func emittedCounts(of roots: [Int]) -> [Int] {
    var emitter = PickleEmitter(GraphTrees(self), keepsBytes: false)
    return roots.map { emitter.emit(self.roots[$0]).count }
  }

  /// The pickle of a tuple of some roots: one stream in which they share what they share.
  public func emit(tupleOf roots: [Int]) -> Emission {
    var emitter = PickleEmitter(GraphTrees(self), keepsBytes: true)
    emitter.begin()
    emitter.beginTuple(count: roots.count)
    for root in roots { emitter.write(self.roots[root]) }
    emitter.endTuple(count: roots.count)
    emitter.finish()
    return emitter.writer.emission
  }
}
