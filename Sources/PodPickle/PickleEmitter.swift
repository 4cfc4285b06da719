/// Writes objects as CPython's C pickler would.
///
/// It walks them as `Pickler.save` does, depth first, each object written where it is met first and
/// fetched from the memo afterwards, with the same batches, frames and order of opcodes. Where a
/// tuple or a call meets itself on the way down it does what CPython does: drop the second one and
/// fetch the first. The walk keeps its own stack, and can stop wherever the source must read on.
struct PickleEmitter<Source: TreeSource> {
  private static var batchSize: Int { 1000 }

  var source: Source
  private(set) var writer: PickleWriter
  /// The number, from 1, of every key that was written, in the pickles before too.
  private var memo: GrowingArray<UInt32>
  private var memoCount: UInt32 = 0
  /// The number of the last key of the pickles before; memo indices count from behind it.
  private var memoStart: UInt32 = 0
  /// The objects that are being written; the innermost one is ``top``.
  private var frames: [Frame] = []
  private var top = Frame.outside
  /// What was jumped to and is not in the memo yet, and the size of the memo at the jump.
  private var jumps: [UInt32: UInt32] = [:]
  /// Only to count: the last root, from 1, in which an object was begun.
  private var begun: [UInt32] = []
  private var rootCount: UInt32 = 0
  /// The number of references that were written once more within their object.
  private var repetitions = 0
  private var mostRepetitions = Int.max

  /// An object that is being written.
  private struct Frame {
    let kind: ObjectGraph.Kind
    let key: UInt32
    /// The key of the object that a part belongs to.
    var owner: UInt32 = .max
    let level: Int
    /// The number of children.
    let count: Int
    /// The next child.
    var next = 0
    /// The child before which there is more to do than to write children.
    var stop: Int
    /// The first child of the open batch.
    var batch = 0

    /// What a root stands in.
    static var outside: Frame { Frame(kind: .tuple, key: .max, level: 0, count: 0, stop: 0) }
  }

  init(_ source: Source, keepsBytes: Bool) {
    self.source = source
    writer = PickleWriter(protocolVersion: 4, keepsBytes: keepsBytes)
    memo = GrowingArray(zeros: source.keyCount)
  }

  /// Begins a pickle.
  mutating func begin() {
    writer.restart(
      protocolVersion: max(4, source.protocolVersion), expecting: source.expectedCount)
    if memoCount > UInt32.max / 2 {
      memo = GrowingArray(zeros: source.keyCount)
      memoCount = 0
    }
    memoStart = memoCount
  }

  /// Writes the next root; returns whether it is whole, rather than a pod must be read before or the
  /// pickle has `target` bytes that nothing will change.
  mutating func writeRoot(target: Int = .max) throws(PickleError) -> Bool {
    if frames.isEmpty {
      guard let tree = try source.next(in: .tuple, left: 1) else { return false }
      try save(tree)
    }
    while !frames.isEmpty {
      if top.next < top.stop {
        guard let tree = try source.next(in: top.kind, left: top.count - top.next) else {
          return false
        }
        top.next += 1
        try save(tree)
      } else {
        guard writer.settledCount < target, isLinear, try turn() else { return false }
      }
    }
    return true
  }

  /// Whether a root was begun and is not whole.
  var isWithinRoot: Bool { !frames.isEmpty }

  /// Whether the objects that are written again are in proportion to the rest: each object in the
  /// memo has bytes in the pickle that may stand for some.
  private var isLinear: Bool {
    repetitions <= mostRepetitions
      || repetitions - mostRepetitions <= 4 * Int(memoCount - memoStart)
  }

  /// Puts all bytes that nothing will change into the emission.
  mutating func settle() { writer.settle() }

  /// Begins a tuple of several roots.
  mutating func beginTuple(count: Int) {
    if count == 0 { writer.byte(Opcode.emptyTuple) }
    if count > 3 { writer.byte(Opcode.mark) }
  }

  /// Ends a tuple of several roots.
  mutating func endTuple(count: Int) { closeTuple(count: count) }

  /// Ends the pickle.
  mutating func finish() { writer.finish() }

  // MARK: The memo

  /// The number, from 1, under which an object of this pickle is in the memo.
  @inline(__always)
  private func memoNumber(of key: UInt32) -> UInt32? {
    guard Int(key) < memo.count else { return nil }
    let number = memo[Int(key)]
    return number > memoStart ? number : nil
  }

  @inline(__always)
  private mutating func memoize(_ key: UInt32) {
    writer.byte(Opcode.memoize)
    memoCount += 1
    if Int(key) >= memo.count { memo.append(repeating: 0, count: source.keyCount - memo.count) }
    memo[Int(key)] = memoCount
  }

  @inline(__always)
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

  // MARK: Trees

  /// Begins to write a tree; what has children is finished by ``turn()``.
  @inline(__always)
  private mutating func save(_ tree: Tree) throws(PickleError) {
    writer.boundary()
    if tree.form == .atom {
      writer.byte(tree.opcode)
      if tree.count > 0 { writer.short(tree, of: source) }
    } else if let known = memoNumber(of: tree.key) {
      get(known)
      if tree.form == .object { try source.skip(tree) }
    } else {
      try define(tree)
    }
  }

  private mutating func define(_ tree: Tree) throws(PickleError) {
    var tree = tree
    if tree.form == .reference {
      guard jumps.updateValue(memoCount, forKey: tree.key) != memoCount else {
        throw .malformed(offset: 0, reason: "an object that is needed to make itself")
      }
      tree = try source.definition(of: tree)
    }
    source.complete(&tree)
    switch tree.form {
    case .text, .blob: saveText(tree)
    case .global: saveGlobal(tree)
    default: try begin(tree)
    }
  }

  private mutating func saveGlobal(_ tree: Tree) {
    let (module, name) = source.parts(of: tree)
    for part in [module, name] {
      writer.boundary()
      if let known = memoNumber(of: part.key) { get(known) } else { saveText(part) }
    }
    writer.byte(Opcode.stackGlobal)
    memoize(tree.key)
  }

  @inline(__always)
  private mutating func saveText(_ tree: Tree) {
    if tree.count <= StringTable.byteLimit, tree.kind == .string || tree.kind == .bytes {
      writer.byte(tree.kind == .string ? Opcode.shortBinUnicode : Opcode.shortBinBytes)
      writer.byte(UInt8(tree.count))
      writer.short(tree, of: source)
    } else {
      writer.payload(tree, of: source, header: Self.header(of: tree.kind, count: tree.count))
    }
    memoize(tree.key)
    ended(tree.key)
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

  /// Begins an object that has children.
  @inline(__always)
  private mutating func begin(_ tree: Tree) throws(PickleError) {
    guard tree.kind.takes(childCount: tree.count), !tree.kind.isPart else {
      throw .malformed(offset: 0, reason: "wrong parts of an object")
    }
    switch tree.kind {
    case .list: open(tree, Opcode.emptyList)
    case .dict: open(tree, Opcode.emptyDict)
    case .set: open(tree, Opcode.emptySet)
    case .tuple where tree.count == 0:
      writer.byte(Opcode.emptyTuple)
      try source.skip(tree)
      ended(tree.key)
    case .tuple:
      if tree.count > 3 { writer.byte(Opcode.mark) }
      enter(tree, stop: tree.count)
    case .frozenSet:
      writer.byte(Opcode.mark)
      enter(tree, stop: tree.count)
    case .persistent: enter(tree, stop: 1)
    default: enter(tree, stop: tree.kind.creationCount)
    }
  }

  /// Begins an object that is in the memo from the start.
  @inline(__always)
  private mutating func open(_ tree: Tree, _ opcode: UInt8) {
    writer.byte(opcode)
    memoize(tree.key)
    push(tree, stop: 0)
  }

  /// Begins an object that is in the memo only at its end.
  private mutating func enter(_ tree: Tree, stop: Int) {
    push(tree, stop: stop)
    guard !begun.isEmpty else { return }
    if begun[Int(tree.key)] == rootCount { repetitions += tree.count + 1 }
    begun[Int(tree.key)] = rootCount
  }

  @inline(__always)
  private mutating func push(_ tree: Tree, stop: Int) {
    frames.append(top)
    top = Frame(
      kind: tree.kind, key: tree.key, level: source.enter(tree), count: tree.count, stop: stop)
  }

  /// Ends the innermost object, and returns it.
  @inline(__always)
  @discardableResult
  private mutating func pop() -> Frame {
    let frame = top
    top = frames.removeLast()
    source.leave(frame.level)
    ended(frame.key)
    return frame
  }

  /// Notes that an object is written.
  @inline(__always)
  private mutating func ended(_ key: UInt32) { if !jumps.isEmpty { jumps[key] = nil } }
}

// MARK: - Objects with children

extension PickleEmitter {
  /// Does what is to be done in the innermost object besides to write children; returns false if a
  /// pod must be read before.
  @inline(__always)
  private mutating func turn() throws(PickleError) -> Bool {
    switch top.kind {
    case .list, .set, .dict, .items, .pairs: turnBatch()
    case .tuple: endTuple(pop())
    case .frozenSet: endFrozenSet(pop())
    case .persistent:
      pop()
      writer.byte(Opcode.binPersistentID)
    case .state:
      pop()
      writer.byte(Opcode.build)
    case .stateByCall: turnStateCall()
    default: return try turnMade()
    }
    return true
  }

  private mutating func endTuple(_ frame: Frame) {
    guard let known = memoNumber(of: frame.key) else {
      closeTuple(count: frame.count)
      memoize(frame.key)
      return
    }
    if frame.count > 3 {
      writer.byte(Opcode.popMark)
    } else {
      for _ in 0..<frame.count { writer.byte(Opcode.pop) }
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

  private mutating func endFrozenSet(_ frame: Frame) {
    if let known = memoNumber(of: frame.key) {
      writer.byte(Opcode.popMark)
      get(known)
    } else {
      writer.byte(Opcode.frozenSet)
      memoize(frame.key)
    }
  }

  /// Ends the creation of an object, then begins each of its parts.
  private mutating func turnMade() throws(PickleError) -> Bool {
    if top.next == top.kind.creationCount { endCreation() }
    guard top.next < top.count else {
      pop()
      return true
    }
    guard var part = try source.next(in: top.kind, left: top.count - top.next) else { return false }
    source.complete(&part)
    guard part.form == .object, part.kind.isPart, part.kind.takes(childCount: part.count) else {
      throw .malformed(offset: 0, reason: "wrong parts of an object")
    }
    top.next += 1
    let owner = top.key
    push(part, stop: part.kind == .state || part.kind == .stateByCall ? 1 : 0)
    top.owner = owner
    return true
  }

  /// Writes what makes an object of its first children, once.
  private mutating func endCreation() {
    guard top.batch == 0 else { return }
    top.batch = 1
    switch top.kind {
    case .newObject: writer.byte(Opcode.newObject)
    case .newObjectEx: writer.byte(Opcode.newObjectEx)
    default: writer.byte(Opcode.reduce)
    }
    if let known = memoNumber(of: top.key) {
      writer.byte(Opcode.pop)
      get(known)
    } else {
      memoize(top.key)
    }
  }

  /// `setter(object, state)`, dropped.
  private mutating func turnStateCall() {
    if top.next == 1 {
      writer.boundary()
      if let owner = memoNumber(of: top.owner) { get(owner) }
      top.stop = 2
    } else {
      pop()
      writer.byte(Opcode.tuple2)
      writer.byte(Opcode.reduce)
      writer.byte(Opcode.pop)
    }
  }
}

// MARK: - Batches

extension PickleEmitter {
  /// Begins or ends a batch of 1000 items or pairs, or ends the container.
  ///
  /// Containers of the exact types go by their length: a single list item or dict pair needs no
  /// mark, and a dict or set whose length is a multiple of 1000 ends in an empty batch. What is
  /// appended to other objects comes from an iterator: a single one in the last batch needs no mark.
  @inline(__always)
  private mutating func turnBatch() {
    let width = top.kind.isPaired ? 2 : 1
    if top.next > 0 { endBatch(isSingle: isSingle(top.next - top.batch, width)) }
    if top.next == top.count {
      endContainer(pop(), width)
      return
    }
    top.batch = top.next
    top.stop = min(top.count, top.next + Self.batchSize * width)
    if !isSingle(top.stop - top.batch, width) { writer.byte(Opcode.mark) }
  }

  /// Whether a batch of so many children has one item and no mark.
  @inline(__always)
  private func isSingle(_ count: Int, _ width: Int) -> Bool {
    guard count == width, top.kind != .set else { return false }
    return top.kind.isPart || top.count == width
  }

  @inline(__always)
  private mutating func endBatch(isSingle: Bool) {
    switch top.kind {
    case .list, .items: writer.byte(isSingle ? Opcode.append : Opcode.appends)
    case .dict, .pairs: writer.byte(isSingle ? Opcode.setItem : Opcode.setItems)
    default: writer.byte(Opcode.addItems)
    }
  }

  @inline(__always)
  private mutating func endContainer(_ frame: Frame, _ width: Int) {
    guard frame.count > 0, frame.count % (Self.batchSize * width) == 0 else { return }
    if frame.kind == .dict {
      writer.byte(Opcode.mark)
      writer.byte(Opcode.setItems)
    } else if frame.kind == .set {
      writer.byte(Opcode.mark)
      writer.byte(Opcode.addItems)
    }
  }
}

// MARK: - Graphs

extension PickleEmitter<GraphTrees> {
  /// Writes one root.
  mutating func emit(_ root: ObjectGraph.Node) -> Emission {
    begin()
    write(root)
    finish()
    return writer.emission
  }

  /// Writes what hangs from a node.
  mutating func write(_ root: ObjectGraph.Node) {
    source.root = root
    do throws(PickleError) {
      guard try writeRoot() else { preconditionFailure("a graph without some of its nodes") }
    } catch { preconditionFailure("a graph that breaks its invariants: \(error)") }
  }

  /// Says whether what is written of `root` again within itself is in proportion to the rest.
  mutating func isWrittenLinearly(_ root: ObjectGraph.Node) -> Bool {
    if begun.isEmpty { begun = Array(repeating: 0, count: source.keyCount) }
    begin()
    rootCount += 1
    repetitions = 0
    mostRepetitions = 1 << 20
    source.root = root
    var isLinear = false
    do throws(PickleError) { isLinear = try writeRoot() } catch { isLinear = false }
    frames = []
    top = .outside
    source.reset()
    return isLinear
  }
}
