/// Decides where a graph is cut into pods.
///
/// Bottom-up over the tree in which every object hangs where it is met first:
/// an object whose own bytes and uncut children reach ``podTarget`` is cut off
/// as a pod. A long container is cut before into runs of items, whose borders
/// depend on the items alone, and runs in turn are gathered in runs of runs.
struct PodPlanner {
  typealias Node = ObjectGraph.Node

  /// The length in bytes from which an object gets a pod of its own.
  static let podTarget = 2048
  /// The average length of a run of items, in bytes; a power of two.
  static let runTarget = 8192
  /// The longest run, in bytes.
  private static let runLimit = 4 * runTarget
  /// A reference to another pod, in bytes.
  private static let referenceSize = 34

  /// Whether an object begins a pod.
  private(set) var isCut: [Bool]
  /// The ends of the runs of containers that were cut: item index and level, ascending.
  private(set) var runs: [Node: [RunEnd]] = [:]

  /// The end of a run of items: the number of items before it, and of how many levels of runs of
  /// runs it is the end too.
  struct RunEnd {
    let item: Int
    /// The hash of the last item, or of its key.
    let hash: UInt64
    var level: Int
    /// The highest level from here on.
    var highest = 0
  }

  private let graph: ObjectGraph
  /// The object that met another first, and the plan in which it did.
  private var owners: [Node]
  private var epochs: [UInt32]
  private var epoch: UInt32 = 0
  private var hashes: [UInt32]
  private var sizes: [UInt32]
  private var stack: [(node: Node, next: Int)] = []

  init(_ graph: ObjectGraph) {
    self.graph = graph
    isCut = Array(repeating: false, count: graph.count)
    owners = Array(repeating: 0, count: graph.count)
    epochs = Array(repeating: 0, count: graph.count)
    hashes = Array(repeating: 0, count: graph.count)
    sizes = Array(repeating: 0, count: graph.count)
  }

  /// Plans the pods of what hangs from `roots`, anew: the plans before no longer count.
  mutating func plan(_ roots: [Node]) {
    epoch += 1
    for root in roots {
      enter(root, from: .max)
      while let (node, next) = stack.last {
        if next < graph.childCount(of: node) {
          stack[stack.count - 1].next += 1
          enter(graph.child(next, of: node), from: node)
        } else {
          stack.removeLast()
          leave(node)
        }
      }
    }
  }

  private mutating func enter(_ node: Node, from owner: Node) {
    let index = Int(node)
    if epochs[index] == epoch { return }
    epochs[index] = epoch
    owners[index] = owner
    if graph.kind(of: node).hasChildren {
      stack.append((node, 0))
    } else {
      let count = graph.payloadCount(of: node)
      sizes[index] = UInt32(count > Blob.threshold ? Self.referenceSize : count + 2)
      hashes[index] = UInt32(truncatingIfNeeded: graph.shallowHash(of: node) >> 20)
    }
  }

  private mutating func leave(_ node: Node) {
    let kind = graph.kind(of: node)
    var hash = mix(UInt64(kind.rawValue), 0)
    var size = 3
    for index in 0..<graph.childCount(of: node) {
      let child = graph.child(index, of: node)
      hash = mix(hash, itemHash(child, in: node))
      size += itemSize(child, in: node)
    }
    if !runs.isEmpty { runs[node] = nil }
    if kind.isContainer, size > 2 * Self.runTarget { size = cutRuns(of: node, kind) }
    hashes[Int(node)] = UInt32(truncatingIfNeeded: hash >> 20)
    isCut[Int(node)] = size >= Self.podTarget
    sizes[Int(node)] = UInt32(min(size, Int(UInt32.max)))
  }

  /// Whether `child` is written where `node` meets it; text and globals are, in every pod anew.
  private func isOwned(_ child: Node, by node: Node) -> Bool {
    owners[Int(child)] == node || graph.isCopied(child)
  }

  /// What a child adds to its parent's pod.
  private func itemSize(_ child: Node, in node: Node) -> Int {
    guard isOwned(child, by: node) else { return 2 }
    return isCut[Int(child)] ? Self.referenceSize : Int(sizes[Int(child)])
  }

  /// What a child adds to its parent's hash; a reference says nothing of where it leads.
  private func itemHash(_ child: Node, in node: Node) -> UInt64 {
    isOwned(child, by: node) ? UInt64(hashes[Int(child)]) : 1
  }

  /// Cuts a long container into runs; returns the size of what is left.
  private mutating func cutRuns(of node: Node, _ kind: ObjectGraph.Kind) -> Int {
    let width = kind.isPaired ? 2 : 1
    var ends: [RunEnd] = []
    var size = 0
    for item in 0..<(graph.childCount(of: node) / width) {
      let start = item * width
      let own = (0..<width).reduce(0) { $0 + itemSize(graph.child(start + $1, of: node), in: node) }
      size += own
      // A pair goes by its key, so that a new value moves no border.
      let hash = mix(itemHash(graph.child(start, of: node), in: node), 0x5bd1)
      let isBorder =
        Int(hash >> 16 & UInt64(Self.runTarget - 1)) < own && size >= Self.runTarget / 4
      guard isBorder || size >= Self.runLimit else { continue }
      // Each further level has one border in 64 of the level below.
      let level = isBorder ? (hash >> 40).trailingZeroBitCount / 6 : 0
      ends.append(RunEnd(item: item + 1, hash: hash, level: min(level, Self.levelLimit)))
      size = 0
    }
    Self.limitLevels(of: &ends)
    runs[node] = ends
    return size + 3 + min(ends.count, 64) * Self.referenceSize
  }

  /// Runs of runs of runs of runs are the highest.
  static let levelLimit = 3

  /// Sees to it that no run of runs gets longer than 256, however alike the items are.
  private static func limitLevels(of ends: inout [RunEnd]) {
    for level in 1...levelLimit {
      var length = 0
      for index in ends.indices where ends[index].level >= level - 1 {
        length += 1
        if length == 256 { ends[index].level = max(ends[index].level, level) }
        if ends[index].level >= level { length = 0 }
      }
    }
    var highest = 0
    for index in ends.indices.reversed() {
      highest = max(highest, ends[index].level)
      ends[index].highest = highest
    }
  }
}

extension ObjectGraph {
  /// Whether `node` is written anew in every pod that speaks of it: short text and globals, whose
  /// identity does not matter, and numbers, which have none.
  func isCopied(_ node: Node) -> Bool {
    switch kind(of: node) {
    case .atom, .global: true
    case .string, .bytes: payloadCount(of: node) <= StringTable.byteLimit
    default: false
    }
  }
}
