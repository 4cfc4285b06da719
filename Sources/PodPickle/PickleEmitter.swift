/// Writes objects of a graph as CPython's C pickler would.
///
/// It walks the graph as `Pickler.save` walks objects, depth first, each
/// object written where it is met first and fetched from the memo afterwards,
/// with the same batches, frames and order of opcodes. Where a tuple or a call
/// meets itself on the way down it does what CPython does: drop the second
/// one and fetch the first. The walk keeps its own stack.
struct PickleEmitter {
  typealias Node = ObjectGraph.Node

  private static let batchSize = 1000

  private let graph: ObjectGraph
  private let keepsBytes: Bool
  private var writer: PickleWriter
  /// The number, from 1, of every node that was written, in the pickles before too.
  private var memo: [UInt32]
  private var memoCount: UInt32 = 0
  /// The number of the last node of the pickles before; memo indices count from behind it.
  private var memoStart: UInt32 = 0
  private var frames: [Frame] = []
  /// Only to count: the last root, from 1, in which an object was begun.
  private var begun: [UInt32] = []
  private var rootCount: UInt32 = 0
  /// The number of references that were written once more within their object.
  private var repetitions = 0
  private var mostRepetitions = Int.max

  /// An object that is being written.
  private struct Frame {
    let node: Node
    /// The object that a part belongs to; the node itself for objects.
    let owner: Node
    /// The next child.
    var next = 0
    /// How many children of the open batch were written.
    var inBatch = 0
  }

  init(_ graph: ObjectGraph, keepsBytes: Bool) {
    self.graph = graph
    self.keepsBytes = keepsBytes
    writer = PickleWriter(protocolVersion: 4, keepsBytes: keepsBytes)
    memo = Array(repeating: 0, count: graph.count)
  }

  private mutating func begin() {
    writer = PickleWriter(protocolVersion: max(4, graph.protocolVersion), keepsBytes: keepsBytes)
    if memoCount > UInt32.max / 2 {
      memo = Array(repeating: 0, count: graph.count)
      memoCount = 0
    }
    memoStart = memoCount
  }

  /// Writes one root.
  mutating func emit(_ root: Node) -> Emission {
    begin()
    save(root)
    run()
    return writer.finish()
  }

  /// Says whether what is written of `root` again within itself is in proportion to the rest.
  mutating func isWrittenLinearly(_ root: Node) -> Bool {
    if begun.isEmpty { begun = Array(repeating: 0, count: graph.count) }
    begin()
    rootCount += 1
    repetitions = 0
    mostRepetitions = 1 << 20
    save(root)
    run()
    let isLinear = frames.isEmpty
    frames = []
    return isLinear
  }

  /// Begins an object that is in the memo only at its end.
  private mutating func enter(_ node: Node) {
    frames.append(Frame(node: node, owner: node))
    guard !begun.isEmpty else { return }
    if begun[Int(node)] == rootCount { repetitions += graph.childCount(of: node) + 1 }
    begun[Int(node)] = rootCount
  }

  /// Writes a tuple of several roots.
  mutating func emitTuple(of roots: [Node]) -> Emission {
    begin()
    if roots.isEmpty { writer.byte(Opcode.emptyTuple) }
    if roots.count > 3 { writer.byte(Opcode.mark) }
    for root in roots {
      save(root)
      run()
    }
    closeTuple(count: roots.count)
    return writer.finish()
  }

  private mutating func run() {
    while let frame = frames.last {
      // Each object in the memo has bytes in the pickle that may stand for some.
      guard
        repetitions <= mostRepetitions
          || repetitions - mostRepetitions <= 4 * Int(memoCount - memoStart)
      else { return }
      advance(frame, at: frames.count - 1)
    }
  }

  /// Begins to write an object; what has children is finished by ``advance(_:at:)``.
  private mutating func save(_ node: Node) {
    writer.boundary()
    let kind = graph.kind(of: node)
    if kind == .atom {
      writer.short(node, of: graph)
      return
    }
    let known = memo[Int(node)]
    if known > memoStart {
      get(known)
      return
    }
    switch kind {
    case .string, .legacyString, .bytes, .byteArray: saveText(node, kind)
    case .tuple where graph.childCount(of: node) == 0: writer.byte(Opcode.emptyTuple)
    case .tuple:
      if graph.childCount(of: node) > 3 { writer.byte(Opcode.mark) }
      enter(node)
    case .list: open(node, Opcode.emptyList)
    case .dict: open(node, Opcode.emptyDict)
    case .set: open(node, Opcode.emptySet)
    case .frozenSet:
      writer.byte(Opcode.mark)
      enter(node)
    default: enter(node)
    }
  }

  private mutating func open(_ node: Node, _ opcode: UInt8) {
    writer.byte(opcode)
    memoize(node)
    if graph.childCount(of: node) > 0 { frames.append(Frame(node: node, owner: node)) }
  }

  private mutating func memoize(_ node: Node) {
    writer.byte(Opcode.memoize)
    memoCount += 1
    memo[Int(node)] = memoCount
  }

  private mutating func get(_ number: UInt32) {
    let index = number - memoStart - 1
    if index < 256 {
      writer.byte(Opcode.binGet)
      writer.byte(UInt8(index))
    } else {
      writer.byte(Opcode.longBinGet)
      writer.integer(index)
    }
  }

  private mutating func saveText(_ node: Node, _ kind: ObjectGraph.Kind) {
    let count = graph.payloadCount(of: node)
    if count <= StringTable.byteLimit, kind == .string || kind == .bytes {
      writer.byte(kind == .string ? Opcode.shortBinUnicode : Opcode.shortBinBytes)
      writer.byte(UInt8(count))
      writer.short(node, of: graph)
    } else {
      writer.payload(node, of: graph, header: Self.header(of: kind, count: count))
    }
    memoize(node)
  }

  /// The opcode and length of a long text or bytes; a text of old protocols brings its own.
  private static func header(of kind: ObjectGraph.Kind, count: Int) -> [UInt8] {
    if kind == .legacyString { return [] }
    if kind == .byteArray {
      var header = [Opcode.byteArray8]
      header.append(littleEndian: UInt64(count))
      return header
    }
    if let count = UInt32(exactly: count) {
      var header = [kind == .string ? Opcode.binUnicode : Opcode.binBytes]
      header.append(littleEndian: count)
      return header
    }
    var header = [kind == .string ? Opcode.binUnicode8 : Opcode.binBytes8]
    header.append(littleEndian: UInt64(count))
    return header
  }
}

// MARK: - Objects with children

extension PickleEmitter {
  /// Writes the next child of the object at `position` of the stack, or its end.
  private mutating func advance(_ frame: Frame, at position: Int) {
    switch graph.kind(of: frame.node) {
    case .list, .set, .dict, .items, .pairs: advanceBatch(frame, at: position)
    case .tuple, .frozenSet, .global, .persistent, .state: advancePlain(frame, at: position)
    case .stateByCall: advanceStateCall(frame, at: position)
    default: advanceMade(frame, at: position)
    }
  }

  private mutating func advancePlain(_ frame: Frame, at position: Int) {
    let count = graph.childCount(of: frame.node)
    if frame.next < count {
      frames[position].next += 1
      save(graph.child(frame.next, of: frame.node))
      return
    }
    frames.removeLast()
    switch graph.kind(of: frame.node) {
    case .tuple: endTuple(frame.node, count: count)
    case .frozenSet: endFrozenSet(frame.node)
    case .global:
      writer.byte(Opcode.stackGlobal)
      memoize(frame.node)
    case .persistent: writer.byte(Opcode.binPersistentID)
    default: writer.byte(Opcode.build)
    }
  }

  private mutating func endTuple(_ node: Node, count: Int) {
    let known = memo[Int(node)]
    guard known > memoStart else {
      closeTuple(count: count)
      memoize(node)
      return
    }
    if count > 3 {
      writer.byte(Opcode.popMark)
    } else {
      for _ in 0..<count { writer.byte(Opcode.pop) }
    }
    get(known)
  }

  private mutating func closeTuple(count: Int) {
    switch count {
    case 0: break
    case 1: writer.byte(Opcode.tuple1)
    case 2: writer.byte(Opcode.tuple2)
    case 3: writer.byte(Opcode.tuple3)
    default: writer.byte(Opcode.tuple)
    }
  }

  private mutating func endFrozenSet(_ node: Node) {
    let known = memo[Int(node)]
    if known > memoStart {
      writer.byte(Opcode.popMark)
      get(known)
    } else {
      writer.byte(Opcode.frozenSet)
      memoize(node)
    }
  }

  private mutating func advanceMade(_ frame: Frame, at position: Int) {
    let kind = graph.kind(of: frame.node)
    let count = graph.childCount(of: frame.node)
    if frame.next == kind.creationCount, frame.inBatch == 0 {
      endCreation(frame.node, kind)
      frames[position].inBatch = 1
    }
    guard frame.next < count else {
      frames.removeLast()
      return
    }
    frames[position].next += 1
    let child = graph.child(frame.next, of: frame.node)
    if frame.next < kind.creationCount {
      save(child)
    } else {
      frames.append(Frame(node: child, owner: frame.node))
    }
  }

  private mutating func endCreation(_ node: Node, _ kind: ObjectGraph.Kind) {
    switch kind {
    case .newObject: writer.byte(Opcode.newObject)
    case .newObjectEx: writer.byte(Opcode.newObjectEx)
    default: writer.byte(Opcode.reduce)
    }
    let known = memo[Int(node)]
    if known > memoStart {
      writer.byte(Opcode.pop)
      get(known)
    } else {
      memoize(node)
    }
  }

  /// `setter(object, state)`, dropped.
  private mutating func advanceStateCall(_ frame: Frame, at position: Int) {
    frames[position].next += 1
    switch frame.next {
    case 0: save(graph.child(0, of: frame.node))
    case 1: save(frame.owner)
    case 2: save(graph.child(1, of: frame.node))
    default:
      frames.removeLast()
      writer.byte(Opcode.tuple2)
      writer.byte(Opcode.reduce)
      writer.byte(Opcode.pop)
    }
  }
}

// MARK: - Batches

extension PickleEmitter {
  /// Writes the next child of a container, in batches of 1000 items or pairs.
  ///
  /// Containers of the exact types go by their length: a single list item or dict pair needs no
  /// mark, and a dict or set whose length is a multiple of 1000 ends in an empty batch. What is
  /// appended to other objects comes from an iterator: a single one in the last batch needs no mark.
  private mutating func advanceBatch(_ frame: Frame, at position: Int) {
    let kind = graph.kind(of: frame.node)
    let width = kind.isPaired ? 2 : 1
    let count = graph.childCount(of: frame.node) / width
    let index = frame.next / width
    if frame.next % width == 0 {
      if index > 0, frame.inBatch == Self.batchSize || index == count { endBatch(frame, kind) }
      if index == count {
        endContainer(frame, kind, count: count)
        return
      }
      if frame.inBatch == Self.batchSize || index == 0 { frames[position].inBatch = 0 }
      if frames[position].inBatch == 0, !isSingle(kind, left: count - index, count: count) {
        writer.byte(Opcode.mark)
      }
      frames[position].inBatch += 1
    }
    frames[position].next += 1
    save(graph.child(frame.next, of: frame.node))
  }

  /// Whether a batch that begins with `left` items to go has one item and no mark.
  private func isSingle(_ kind: ObjectGraph.Kind, left: Int, count: Int) -> Bool {
    switch kind {
    case .list, .dict: count == 1
    case .items, .pairs: left == 1
    default: false
    }
  }

  private mutating func endBatch(_ frame: Frame, _ kind: ObjectGraph.Kind) {
    let count = graph.childCount(of: frame.node) / (kind.isPaired ? 2 : 1)
    let single = frame.inBatch == 1 && isSingle(kind, left: 1, count: count)
    switch kind {
    case .list, .items: writer.byte(single ? Opcode.append : Opcode.appends)
    case .dict, .pairs: writer.byte(single ? Opcode.setItem : Opcode.setItems)
    default: writer.byte(Opcode.addItems)
    }
  }

  private mutating func endContainer(_ frame: Frame, _ kind: ObjectGraph.Kind, count: Int) {
    frames.removeLast()
    guard count % Self.batchSize == 0 else { return }
    if kind == .dict {
      writer.byte(Opcode.mark)
      writer.byte(Opcode.setItems)
    } else if kind == .set {
      writer.byte(Opcode.mark)
      writer.byte(Opcode.addItems)
    }
  }
}

extension ObjectGraph {
  /// The pickle of one root, self-contained, as CPython's C pickler would write the value.
  ///
  /// Shared objects are defined where they are met first; the protocol is that of the stream, 4 at
  /// least.
  public func emit(root: Int) -> Emission {
    var emitter = PickleEmitter(self, keepsBytes: true)
    return emitter.emit(roots[root])
  }

  /// The number of bytes of ``emit(root:)`` for every root, without keeping the bytes.
  public func emittedCounts() -> [Int] {
    var emitter = PickleEmitter(self, keepsBytes: false)
    return roots.map { emitter.emit($0).count }
  }

  /// The pickle of a tuple of some roots: one stream in which they share what they share.
  public func emit(tupleOf roots: [Int]) -> Emission {
    var emitter = PickleEmitter(self, keepsBytes: true)
    return emitter.emitTuple(of: roots.map { self.roots[$0] })
  }
}
