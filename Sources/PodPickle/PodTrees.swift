import PodModel

/// The trees of a value in pods, which are read as far as the walk goes.
struct PodTrees: TreeSource {
  private var pods: ValuePods
  /// Where the walk is, and in which pod.
  private var cursor = PodCursor()
  private var pod = 0
  /// The places to come back to.
  private var levels: [Level] = []
  /// The root behind the one that was sought last.
  private var nextRoot = 0
  /// Where objects end that were skipped once: what meets itself is passed again and again.
  private var ends: [UInt32: PodCursor] = [:]

  private struct Level {
    let pod: Int
    let cursor: PodCursor
    /// Whether the walk went into a run, which ends where the next child is asked for.
    let isRun: Bool
  }

  /// - Parameter limit: see ``ValuePods``.
  init(root: PodID, limit: Int) { pods = ValuePods(root: root, limit: limit) }

  var keyCount: Int { pods.keyCount }
  var protocolVersion: UInt8 { pods.protocolVersion }
  var expectedCount: Int { pods.limit }
  /// The number of bytes of all pods that were read.
  var byteCount: Int { pods.byteCount }
  /// The pod that is needed next.
  var wanted: PodID? { pods.wanted }

  /// The pod that the walk is in.
  var currentPod: PodID { pods.id(of: pod) }

  /// Takes the canonical bytes of the pod that is wanted.
  mutating func supply(_ bytes: [UInt8]) throws(PickleError) { try pods.supply(bytes) }

  /// The number of roots; nil if a pod must be read before.
  mutating func rootCount() throws(PickleError) -> Int? {
    guard pods.isThere(0) else { return nil }
    var cursor = pods.start(of: 0)
    let tag = try cursor.pass()
    guard tag.form == .node, tag.kind == .tuple else {
      throw .badPod(pods.id(of: 0), reason: "a value without roots")
    }
    return tag.count
  }

  /// Goes to the root with the number `root`, which is the next child then; returns whether it got
  /// there, or a pod must be read before.
  mutating func seek(root: Int) throws(PickleError) -> Bool {
    guard let count = try rootCount() else { return false }
    guard root < count else { throw .badPod(pods.id(of: 0), reason: "it has no root \(root)") }
    // Where the walk has left one root the next one mostly begins.
    if root == nextRoot, levels.isEmpty, cursor.isAtItem {
      nextRoot += 1
      return true
    }
    nextRoot = 0
    levels = []
    pod = 0
    cursor = pods.start(of: 0)
    do throws(PickleError) {
      _ = try cursor.pass()
      var left = root
      while let run = try seek(&left) {
        guard pods.isThere(run) else { return false }
        (pod, cursor) = (run, pods.start(of: run))
      }
      nextRoot = root + 1
      return true
    } catch { throw error.inPod(pods.id(of: pod)) }
  }

  /// Goes to the item with the number `left` in this pod; or returns the run that it is in, and
  /// leaves its number there.
  private mutating func seek(_ left: inout Int) throws(PickleError) -> Int? {
    while true {
      let before = cursor
      let tag = try cursor.pass()
      if tag.form == .run {
        if left < tag.count { return try pods.child(Int(cursor.nextChild) - 1, of: pod) }
        left -= tag.count
      } else if left == 0 {
        cursor = before
        return nil
      } else {
        left -= 1
        if tag.form == .global { _ = try pods.passGlobal(&cursor) }
        if tag.form == .node { try skip(tag.count) }
      }
    }
  }

  /// Passes so many trees.
  private mutating func skip(_ count: Int) throws(PickleError) {
    var left = count
    while left > 0 {
      try pods.spendOnSkipping()
      let tag = try cursor.pass()
      left -= 1
      switch tag.form {
      case .node:
        if !ends.isEmpty, !tag.kind.isPart, let end = ends[newestKey] {
          cursor = end
        } else {
          left += tag.count
        }
      case .run: left -= tag.count - 1
      case .global: _ = try pods.passGlobal(&cursor)
      default: break
      }
    }
    guard left == 0 else { throw .malformed(offset: 0, reason: "a run of another container") }
  }
}

// MARK: - Walking

extension PodTrees {
  @inline(__always)
  mutating func next(in kind: ObjectGraph.Kind, left: Int) throws(PickleError) -> Tree? {
    do throws(PickleError) {
      while cursor.isAtEnd { try leaveRun() }
      try pods.spend()
      if cursor.leavesPod { return try nextElsewhere(in: kind, left: left) }
      return try tree(of: try cursor.pass())
    } catch { throw error.inPod(currentPod) }
  }

  /// The next child if it is in another pod, or a reference to one.
  private mutating func nextElsewhere(
    in kind: ObjectGraph.Kind, left: Int
  ) throws(PickleError) -> Tree? {
    let before = cursor
    let tag = try cursor.pass()
    var found: Tree?
    switch tag.form {
    case .run:
      if try enterRun(tag, in: kind, left: left) { return try nextInRun(in: kind, left: left) }
    case .child: found = try enterChild()
    default: found = try reference()
    }
    if found == nil { cursor = before }
    return found
  }

  /// The first item of a run, which may be in a run again.
  private mutating func nextInRun(
    in kind: ObjectGraph.Kind, left: Int
  ) throws(PickleError) -> Tree? {
    while cursor.isAtRun {
      let before = cursor
      guard try enterRun(try cursor.pass(), in: kind, left: left) else {
        cursor = before
        return nil
      }
    }
    return try next(in: kind, left: left)
  }

  @inline(__always)
  private mutating func tree(of tag: PodCursor.Tag) throws(PickleError) -> Tree {
    switch tag.form {
    case .atom, .longAtom:
      return Tree(form: .atom, opcode: tag.opcode, count: tag.count, place: place(of: tag))
    case .text: return tree(of: try pods.text(tag.count, of: pod))
    case .newText: return tree(of: try pods.text(Int(cursor.nextText) - 1, of: pod))
    case .node:
      return Tree(
        form: .object, kind: tag.kind, key: tag.kind.isPart ? .max : newestKey, count: tag.count)
    default: return try rareTree(of: tag)
    }
  }

  private mutating func rareTree(of tag: PodCursor.Tag) throws(PickleError) -> Tree {
    switch tag.form {
    case .object:
      guard tag.count < cursor.nextObject else {
        throw .malformed(offset: 0, reason: "a reference to an object that did not begin")
      }
      return reference(to: tag.count, of: pod)
    case .newLongText:
      return Tree(
        form: .text, kind: tag.kind, key: newestKey, count: tag.count, place: place(of: tag))
    case .blob:
      guard tag.count > Blob.threshold else {
        throw .malformed(offset: 0, reason: "a short blob")
      }
      return Tree(
        form: .blob, kind: tag.kind, key: newestKey, count: tag.count,
        place: UInt64(pods.name(cursor.nextName - 1, of: pod)))
    default: return tree(of: try pods.text(try pods.passGlobal(&cursor), of: pod))
    }
  }

  /// The key of the object whose tag was passed last.
  @inline(__always)
  private var newestKey: UInt32 { pods.firstObject(of: pod) + cursor.nextObject - 1 }

  /// Where the bytes of a tag are.
  @inline(__always)
  private func place(of tag: PodCursor.Tag) -> UInt64 {
    UInt64(pods.source(of: pod)) << ObjectGraph.offsetBits | UInt64(tag.place)
  }

  /// A text, or a global; which it is says ``complete(_:)``.
  @inline(__always)
  private func tree(of text: ObjectGraph.Node) -> Tree {
    Tree(form: .text, key: pods.key(of: text), place: UInt64(text))
  }

  private func reference(to object: Int, of pod: Int) -> Tree {
    Tree(
      form: .reference, key: pods.firstObject(of: pod) + UInt32(object), count: object,
      place: UInt64(pod))
  }

  @inline(__always)
  func complete(_ tree: inout Tree) {
    guard tree.form == .text, tree.kind == .atom else { return }
    let text = ObjectGraph.Node(tree.place)
    tree.kind = pods.texts.kind(of: text)
    if tree.kind == .global {
      tree.form = .global
    } else {
      tree.count = pods.texts.payloadCount(of: text)
      tree.place = pods.texts.starts[Int(text)]
    }
  }

  /// Goes into the child whose tag was passed; returns nil if it must be read before.
  private mutating func enterChild() throws(PickleError) -> Tree? {
    let child = try pods.child(Int(cursor.nextChild) - 1, of: pod)
    guard pods.isThere(child) else { return nil }
    jump(to: pods.start(of: child), in: child)
    let tag = try cursor.pass()
    guard tag.form == .node else { throw .malformed(offset: 0, reason: "no object") }
    var tree = try tree(of: tag)
    tree.isElsewhere = true
    return tree
  }

  /// Goes into the run whose tag was passed; returns whether it was there.
  private mutating func enterRun(
    _ tag: PodCursor.Tag, in kind: ObjectGraph.Kind, left: Int
  ) throws(PickleError) -> Bool {
    guard kind.isContainer, tag.count <= left else {
      throw .malformed(offset: 0, reason: "items without a container")
    }
    let run = try pods.child(Int(cursor.nextChild) - 1, of: pod)
    guard pods.isThere(run) else { return false }
    jump(to: pods.start(of: run), in: run, isRun: true)
    return true
  }

  private mutating func leaveRun() throws(PickleError) {
    guard let level = levels.popLast(), level.isRun else {
      throw .malformed(offset: 0, reason: "too few objects")
    }
    (pod, cursor) = (level.pod, level.cursor)
  }

  /// Follows the hole whose tag was passed; returns nil if a pod must be read before.
  private mutating func reference() throws(PickleError) -> Tree? {
    let (target, number) = try pods.target(
      of: cursor.nextHole - 1, nextChild: cursor.nextChild, in: pod)
    guard pods.isThere(target) else { return nil }
    guard number < pods.objectCount(of: target) else {
      throw .malformed(offset: 0, reason: "a reference to an object that is not there")
    }
    return reference(to: number, of: target)
  }

  private mutating func jump(to place: PodCursor, in pod: Int, isRun: Bool = false) {
    levels.append(Level(pod: self.pod, cursor: cursor, isRun: isRun))
    (self.pod, cursor) = (pod, place)
  }

  mutating func definition(of reference: Tree) throws(PickleError) -> Tree {
    let pod = Int(reference.place)
    do throws(PickleError) {
      let place = try pods.place(of: reference.count, in: pod)
      jump(to: place, in: pod)
      var tree = try tree(of: try cursor.pass())
      if tree.form == .object { tree.isElsewhere = true } else { leave(levels.count - 1) }
      return tree
    } catch { throw error.inPod(pods.id(of: pod)) }
  }

  @inline(__always)
  func enter(_ tree: Tree) -> Int { levels.count - (tree.isElsewhere ? 1 : 0) }

  mutating func skip(_ tree: Tree) throws(PickleError) {
    if tree.isElsewhere {
      leave(levels.count - 1)
    } else if let end = ends[tree.key] {
      cursor = end
    } else if tree.count > 0 {
      do throws(PickleError) { try skip(tree.count) } catch { throw error.inPod(currentPod) }
      ends[tree.key] = cursor
    }
  }

  @inline(__always)
  mutating func leave(_ level: Int) {
    while levels.count > level { leaveTop() }
  }

  private mutating func leaveTop() {
    guard let level = levels.popLast() else { return }
    (pod, cursor) = (level.pod, level.cursor)
  }

  func parts(of global: Tree) -> (module: Tree, name: Tree) {
    let node = ObjectGraph.Node(global.place)
    var parts = (
      tree(of: pods.texts.child(0, of: node)), tree(of: pods.texts.child(1, of: node))
    )
    complete(&parts.0)
    complete(&parts.1)
    return parts
  }

  @inline(__always)
  func append(payloadOf tree: Tree, to output: inout GrowingBytes) {
    pods.texts.sources.append(tree.payload.source, tree.payload.range, to: &output)
  }

  func payload(of tree: Tree) -> (ByteSource, Range<Int>) {
    (pods.texts.sources[tree.payload.source], tree.payload.range)
  }

  func blob(of tree: Tree) -> Blob {
    Blob(count: tree.count, pod: pods.name(Int(tree.place)))
  }
}
