/// Decides where a graph is cut into pods.
///
/// Bottom-up over the tree in which every object hangs where it is met first:
/// an object whose own bytes and uncut children reach ``podTarget`` is cut off
/// as a pod. A long container is cut before into runs of items, whose borders
/// depend on the items alone, and runs in turn are gathered in runs of runs.
///
/// Pods that stand high over others are longer, so that a value of any length
/// is less than a hundred pods deep, however deep its objects are.
struct PodPlanner: ~Copyable {
  typealias Node = ObjectGraph.Node

  /// The length in bytes from which an object gets a pod of its own.
  static let podTarget = 2048
  /// The average length of a run of items, in bytes; a power of two.
  static let runTarget = 8192
  /// The shortest run, in bytes, but for the last.
  private static let runMinimum = runTarget / 4
  /// The longest run, in bytes.
  private static let runLimit = 4 * runTarget
  /// The name of another pod, and its tag, in bytes.
  private static let nameSize = 34
  /// A reference to an object, in bytes.
  private static let referenceSize = 3
  /// Runs of runs of runs of runs are the highest.
  private static let levelLimit = 3

  /// What becomes of an object.
  struct Plan {
    /// Whether it begins a pod.
    let isCut: Bool
    /// The ends of the runs into which its items are cut, among ``ends``; none if they are not.
    let runs: Range<Int>
  }

  /// The end of a run of items: the number of children before it, and of how many levels of runs of
  /// runs it is the end too.
  struct RunEnd {
    let child: Int
    /// The hash of the last item, or of its key.
    let hash: UInt64
    var level: Int
    /// The highest level from here on.
    var highest = 0
  }

  /// The ends of the runs of all containers that were cut.
  private(set) var ends: [RunEnd] = []
  private let graph: ObjectGraph
  private let view: GraphView
  /// The runs of containers, by number; number 0 is none.
  private var runs: [Range<Int>] = [0..<0]
  private var frames = GrowingArray<Frame>()
  /// The ends of runs of the open containers, those of inner ones behind those of outer ones.
  private var openEnds: [RunEnd] = []

  /// An object whose children are being planned.
  ///
  /// It is not private only because the compiler fails at arrays of private types here.
  struct Frame: BitwiseCopyable {
    /// The object, or `.max` for the tuple of the roots.
    let node: Node
    /// Whether its children are keys and values by turns.
    let isPaired: Bool
    let children: NodeList
    let firstEnd: Int
    var next = 0
    /// What is known of the children so far.
    var sum: Sum
    /// The size from which on a run may end.
    var borderStart: Int
    /// The last key, and the size before it.
    var key = Item(start: 0, hash: 0)

    @inline(__always)
    init(node: Node, kind: ObjectGraph.Kind, children: NodeList, firstEnd: Int) {
      self.node = node
      self.children = children
      self.firstEnd = firstEnd
      isPaired = kind.isPaired
      sum = Sum(hash: mix(UInt64(kind.rawValue), 0))
      borderStart = kind.isContainer ? sum.size + PodPlanner.runMinimum : .max
    }

    /// The size before what stands behind the last run.
    var runStart: Int { borderStart - PodPlanner.runMinimum }
  }

  /// What the children of an object add up to.
  struct Sum: BitwiseCopyable {
    var size = 3
    var hash: UInt64
    /// The number of pods that stand below one another.
    var height = 0
  }

  /// An item of a container: the size before it, and its hash or that of its key.
  struct Item: BitwiseCopyable {
    let start: Int
    let hash: UInt64
  }

  init(_ graph: ObjectGraph, _ view: GraphView) {
    self.graph = graph
    self.view = view
  }

  /// What becomes of an object, by the number that its plan has in `places`.
  @inline(__always)
  func plan(_ number: UInt32) -> Plan {
    Plan(isCut: number & 1 == 1, runs: number < 2 ? 0..<0 : runs[Int(number >> 1)])
  }

  /// Plans the pods of what hangs from a tuple of `roots`; the plans before no longer count.
  ///
  /// - Parameters:
  ///   - serial: the number of the plan in `places`.
  ///   - places: gets what becomes of each object.
  /// - Returns: what becomes of the tuple.
  mutating func plan(_ roots: NodeList, serial: UInt32, _ places: inout GrowingArray<NodePlace>)
    -> Plan
  {
    ends.removeAll(keepingCapacity: true)
    runs.removeSubrange(1...)
    frames.append(Frame(node: .max, kind: .tuple, children: roots, firstEnd: 0))
    while true {
      let top = frames.count - 1
      if let inner = addChildren(to: top, serial, &places) {
        frames.append(
          Frame(
            node: inner, kind: view.kind(of: inner), children: view.children(of: inner),
            firstEnd: openEnds.count))
        continue
      }
      let node = frames[top].node
      let hash = frames[top].sum.hash
      let (plan, size, height) = end(top)
      frames.removeLast()
      guard top > 0 else { return Plan(isCut: false, runs: runs[plan >> 1]) }
      places[Int(node)] = NodePlace(pod: serial, number: UInt32(plan))
      let isCut = plan & 1 == 1
      frames[top - 1].sum.height = max(frames[top - 1].sum.height, height + plan & 1)
      addInner(size: isCut ? Self.nameSize : size, hash: hash, to: top - 1)
    }
  }

  /// Adds the child whose own children were planned to the object around it.
  @inline(__always)
  private mutating func addInner(size: Int, hash: UInt64, to top: Int) {
    let item = Item(start: frames[top].sum.size, hash: hash)
    frames[top].sum.size += size
    frames[top].sum.hash = mix(frames[top].sum.hash, hash)
    if frames[top].isPaired, frames[top].next % 2 == 1 {
      frames[top].key = item
    } else if frames[top].sum.size >= frames[top].borderStart {
      endItem(frames[top].isPaired ? frames[top].key : item, of: top)
    }
  }

  /// Adds up the children of an object, from its next one to the first that must be planned before;
  /// returns that one, or nil at the end.
  @inline(__always)
  private mutating func addChildren(
    to top: Int, _ serial: UInt32, _ places: inout GrowingArray<NodePlace>
  ) -> Node? {
    let children = frames[top].children
    let isPaired = frames[top].isPaired
    var next = frames[top].next
    var total = frames[top].sum.size
    var sum = frames[top].sum.hash
    var borderStart = frames[top].borderStart
    defer {
      frames[top].next = next
      frames[top].sum.size = total
      frames[top].sum.hash = sum
    }
    while next < children.count {
      let child = children[next]
      next += 1
      let kind = view.kind(of: child)
      let size: Int
      let hash: UInt64
      if kind == .atom {
        size = view.count(of: child)
        hash = size < UInt32.max ? view.payload(of: child).hash(seed: 0) : 0
      } else if kind.isCopiedText, view.count(of: child) <= StringTable.byteLimit {
        let payload = view.payload(of: child)
        size = payload.count + 2
        hash = payload.hash(seed: UInt64(kind.rawValue))
      } else if kind == .global {
        (size, hash) = global(child)
      } else if places[Int(child)].pod == serial {
        // A reference says nothing of where it leads.
        (size, hash) = (Self.referenceSize, 1)
      } else {
        places[Int(child)] = NodePlace(pod: serial, number: 0)
        if kind.hasChildren { return child }
        (size, hash) = text(child)
      }
      let item = Item(start: total, hash: hash)
      total += size
      sum = mix(sum, hash)
      if isPaired, next & 1 == 1 {
        frames[top].key = item
      } else if total >= borderStart {
        frames[top].next = next
        frames[top].sum.size = total
        endItem(isPaired ? frames[top].key : item, of: top)
        borderStart = frames[top].borderStart
      }
    }
    return nil
  }

  private func global(_ node: Node) -> (size: Int, hash: UInt64) {
    let module = graph.child(0, of: node)
    let name = graph.child(1, of: node)
    let size = 5 + graph.payloadCount(of: module) + graph.payloadCount(of: name)
    return (size, mix(graph.shallowHash(of: module), graph.shallowHash(of: name)))
  }

  private func text(_ node: Node) -> (size: Int, hash: UInt64) {
    let count = graph.payloadCount(of: node)
    return (count > Blob.threshold ? Self.nameSize : count + 2, graph.shallowHash(of: node))
  }

  /// Ends a run behind `item`, the last one of the innermost object, if its hash says so.
  private mutating func endItem(_ item: Item, of top: Int) {
    // A pair goes by its key, so that a new value moves no border.
    let hash = mix(item.hash, 0x5bd1)
    let size = frames[top].sum.size
    let isBorder = Int(hash >> 16 & UInt64(Self.runTarget - 1)) < size - item.start
    guard isBorder || size - frames[top].runStart >= Self.runLimit else { return }
    // Each further level has one border in 64 of the level below.
    let level = isBorder ? (hash >> 40).trailingZeroBitCount / 6 : 0
    openEnds.append(
      RunEnd(child: frames[top].next, hash: hash, level: min(level, Self.levelLimit)))
    frames[top].borderStart = size + Self.runMinimum
  }

  /// Decides what becomes of an object all of whose children are planned.
  @inline(__always)
  private mutating func end(_ top: Int) -> (plan: Int, size: Int, height: Int) {
    let size = frames[top].sum.size
    let height = frames[top].sum.height
    if openEnds.count > frames[top].firstEnd { return endRuns(of: top) }
    return (size >= Self.raise(Self.podTarget, over: height) ? 1 : 0, size, height)
  }

  /// The same, for a container that may be cut into runs.
  private mutating func endRuns(of top: Int) -> (plan: Int, size: Int, height: Int) {
    var plan = 0
    var size = frames[top].sum.size
    var height = frames[top].sum.height
    let firstEnd = frames[top].firstEnd
    if size > Self.raise(2 * Self.runTarget, over: height) {
      plan = 2 * runs.count
      let start = ends.count
      ends += openEnds[firstEnd...]
      runs.append(start..<ends.count)
      limitLevels(from: start)
      size += 3 - frames[top].runStart + min(ends.count - start, 64) * Self.nameSize
      height += 1 + ends[start].highest
    }
    openEnds.removeSubrange(firstEnd...)
    if size >= Self.raise(Self.podTarget, over: height) { plan += 1 }
    return (plan, size, height)
  }

  /// The length `size` for an object over `height` pods.
  private static func raise(_ size: Int, over height: Int) -> Int {
    height < 16 ? size : size << min((height - 12) / 4, 40)
  }

  /// Sees to it that no run of runs gets longer than 256, however alike the items are.
  private mutating func limitLevels(from start: Int) {
    for level in 1...Self.levelLimit {
      var length = 0
      for index in start..<ends.count where ends[index].level >= level - 1 {
        length += 1
        if length == 256 { ends[index].level = max(ends[index].level, level) }
        if ends[index].level >= level { length = 0 }
      }
    }
    var highest = 0
    for index in (start..<ends.count).reversed() {
      highest = max(highest, ends[index].level)
      ends[index].highest = highest
    }
  }
}

extension ObjectGraph.Kind {
  /// Whether short texts of this kind are written anew in every pod.
  var isCopiedText: Bool { self == .string || self == .bytes }
}
