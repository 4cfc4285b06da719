public import PodModel

/// The pickle of a value in pods, written as far as it is asked for.
///
/// It is what CPython's C pickler would write of one root, or of a tuple of several. Only the pods
/// are read that hold what is written:
///
///     var stream = PickleStream(of: 0, in: id, limit: size)
///     try stream.advance(to: 1000)
///     while let id = stream.wanted { try stream.supply(bytes(of: id)) }
///     stream.emission.count      // 1000 or more, or the pickle is whole
///
/// What ``PodDecoder`` says of pods that come from outside holds here too.
public struct PickleStream {
  private var emitter: PickleEmitter<PodTrees>
  private let roots: [Int]
  private let isTuple: Bool
  /// The number of roots that are written.
  private var written = 0
  private var hasStarted = false
  /// The number of bytes that were asked for.
  private var target = 0
  /// Whether the pickle is whole.
  public private(set) var isWhole = false

  /// Begins to write one root of the value whose pod is `pod`.
  ///
  /// - Parameter limit: see ``PodDecoder``.
  public init(of root: Int, in pod: PodID, limit: Int) {
    self.init([root], isTuple: false, pod, limit)
  }

  /// Begins to write a tuple of several roots, which share what they share.
  public init(tupleOf roots: [Int], in pod: PodID, limit: Int) {
    self.init(roots, isTuple: true, pod, limit)
  }

  private init(_ roots: [Int], isTuple: Bool, _ pod: PodID, _ limit: Int) {
    emitter = PickleEmitter(PodTrees(root: pod, limit: limit), keepsBytes: true)
    self.roots = roots
    self.isTuple = isTuple
  }

  /// The pod that is needed next, if there is more to do.
  public var wanted: PodID? { emitter.source.wanted }

  /// The bytes so far.
  public var emission: Emission { emitter.writer.emission }

  /// The number of bytes of memory that it takes, about.
  public var memoryFootprint: Int {
    emitter.writer.memoryFootprint + emitter.source.byteCount + 8 * emitter.source.keyCount
  }

  /// Writes until `count` bytes are there, a pod is wanted, or the pickle is whole.
  ///
  /// - Throws: ``PickleError`` if the pods don't fit; the stream is of no use afterwards.
  public mutating func advance(to count: Int) throws(PickleError) {
    target = max(target, count)
    guard wanted == nil else { return }
    while !isWhole, emitter.writer.settledCount < target, try step() {}
    if !isWhole { emitter.settle() }
  }

  /// Takes the canonical bytes of the wanted pod, and goes on.
  public mutating func supply(_ bytes: [UInt8]) throws(PickleError) {
    try emitter.source.supply(bytes)
    try advance(to: target)
  }

  /// Writes a root, as far as that goes; returns whether to go on.
  private mutating func step() throws(PickleError) -> Bool {
    if !hasStarted {
      guard try emitter.source.rootCount() != nil else { return false }
      emitter.begin()
      if isTuple { emitter.beginTuple(count: roots.count) }
      hasStarted = true
    }
    if !emitter.isWithinRoot {
      guard written < roots.count else {
        if isTuple { emitter.endTuple(count: roots.count) }
        emitter.finish()
        isWhole = true
        return false
      }
      guard try emitter.source.seek(root: roots[written]) else { return false }
    }
    guard try emitter.writeRoot(target: target) else { return false }
    written += 1
    return true
  }
}
