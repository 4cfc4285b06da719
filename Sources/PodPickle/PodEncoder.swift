public import PodModel

/// Writes a graph as pods, cut where a ``PodPlanner`` says.
///
/// It walks the objects depth first, each where it is met first. A pod holds
/// its own short texts and globals, and numbers its objects from 0, so that
/// its bytes depend on nothing outside of it but the names of the pods below.
struct PodEncoder {
  typealias Node = ObjectGraph.Node

  /// Says that a pod could not be put; why, knows who put it.
  struct Failure: Error {}

  private let graph: ObjectGraph
  private var planner: PodPlanner
  private let put: ([UInt8], PodSite) throws(Failure) -> PodID
  private let putBlob: (ByteSource, Range<Int>, PodSite) throws(Failure) -> Blob
  private var pods: [OpenPod] = []
  /// The number of pods of all values, and of those before this one.
  private var podCount = 0
  private var firstPod = 0
  private var frames: [Frame] = []
  /// The number of the pod, plus one, that holds a node, and the node's number in it.
  private var podNumbers: [UInt32]
  private var numbers: [UInt32]
  private var wiring = Wiring()
  /// The site of the value, and the number of roots that were begun.
  private var site = PodSite()
  private var rootCount: UInt64 = 0

  /// A pod that is being written.
  private struct OpenPod {
    let kind: PodFormat.Kind
    /// Its number among the pods of all values.
    let number: Int
    var names: [PodID] = []
    var trees: [UInt8] = []
    var treeCount = 0
    var objectCount: UInt32 = 0
    var textCount: UInt32 = 0
  }

  /// An object that is being written.
  private struct Frame {
    let node: Node
    /// Whether a pod was opened for it.
    let isPod: Bool
    /// Whether its items were cut into runs.
    let hasRuns: Bool
    let site: PodSite
    var next = 0
    /// The next end among the runs of the node.
    var run = 0
    /// The number of run pods that are open.
    var openRuns = 0
  }

  init(
    _ graph: ObjectGraph, put: @escaping ([UInt8], PodSite) throws(Failure) -> PodID,
    putBlob: @escaping (ByteSource, Range<Int>, PodSite) throws(Failure) -> Blob
  ) {
    self.graph = graph
    planner = PodPlanner(graph)
    self.put = put
    self.putBlob = putBlob
    podNumbers = Array(repeating: 0, count: graph.count)
    numbers = Array(repeating: 0, count: graph.count)
  }

  /// Puts the pods of `roots` and returns the value pod.
  mutating func encode(_ roots: [Node], at site: PodSite) throws(Failure) -> PodID {
    self.site = site
    planner.plan(roots)
    wiring = Wiring()
    rootCount = 0
    firstPod = podCount
    open(.value)
    for root in roots {
      rootCount += 1
      try visit(root)
      while !frames.isEmpty { try advance() }
    }
    return try putValue(rootCount: roots.count)
  }

  private mutating func putValue(rootCount: Int) throws(Failure) -> PodID {
    let pod = pods.removeLast()
    var rest: [UInt8] = [graph.protocolVersion]
    rest.append(varint: rootCount)
    var names = pod.names
    rest.append(varint: wiring.bytes.count)
    if wiring.bytes.count > Blob.threshold {
      let source = ByteSource(wiring.bytes)
      let blob = try Blob.put(source, 0..<source.count, at: site.step(.max), put: put)
      names.append(blob.pod)
    } else {
      rest += wiring.bytes
    }
    return try put(PodFormat.bytes(.value, children: names, rest: rest + pod.trees), site)
  }

  // MARK: Trees

  private var current: Int { pods.count - 1 }

  private mutating func visit(_ node: Node) throws(Failure) {
    if graph.kind(of: node) == .atom {
      appendPayload(of: node)
    } else if graph.isCopied(node) {
      visitCopied(node)
    } else if Int(podNumbers[Int(node)]) > firstPod {
      visitKnown(node)
    } else if graph.kind(of: node).hasChildren {
      try begin(node)
    } else {
      number(node)
      try visitText(node)
    }
  }

  private mutating func appendPayload(of node: Node) {
    graph.appendPayload(of: node, to: &pods[pods.count - 1].trees)
  }

  /// Writes a short text or global, by its number if the pod has it.
  private mutating func visitCopied(_ node: Node) {
    let number = Int(numbers[Int(node)])
    if Int(podNumbers[Int(node)]) == pods[current].number + 1 {
      if number < PodTag.shortTextCount {
        pods[current].trees.append(PodTag.shortText + UInt8(number))
      } else {
        pods[current].trees.append(PodTag.text)
        pods[current].trees.append(varint: number)
      }
      return
    }
    if graph.kind(of: node) == .global {
      pods[current].trees.append(PodTag.node + ObjectGraph.Kind.global.rawValue)
      pods[current].trees.append(varint: 2)
      visitGlobalPart(graph.child(0, of: node))
      visitGlobalPart(graph.child(1, of: node))
    } else {
      appendNewText(node)
    }
    podNumbers[Int(node)] = UInt32(pods[current].number + 1)
    numbers[Int(node)] = pods[current].textCount
    pods[current].textCount += 1
  }

  /// Writes a module or a name; one of over 255 bytes is written in full each time.
  private mutating func visitGlobalPart(_ node: Node) {
    if graph.isCopied(node) { visitCopied(node) } else { appendNewText(node) }
  }

  private mutating func appendNewText(_ node: Node) {
    pods[current].trees.append(PodTag.newText)
    pods[current].trees.append(graph.kind(of: node).rawValue)
    pods[current].trees.append(varint: graph.payloadCount(of: node))
    appendPayload(of: node)
  }

  private mutating func visitText(_ node: Node) throws(Failure) {
    let count = graph.payloadCount(of: node)
    guard count > Blob.threshold else {
      appendNewText(node)
      return
    }
    let blob: Blob
    switch graph.payload(of: node) {
    case .memory(let source, let range): blob = try putBlob(source, range, siteOfNext())
    case .blob(let known): blob = known
    }
    pods[current].trees.append(PodTag.blob)
    pods[current].trees.append(graph.kind(of: node).rawValue)
    pods[current].trees.append(varint: count)
    pods[current].names.append(blob.pod)
  }

  private mutating func visitKnown(_ node: Node) {
    let place = Wiring.Place(pod: Int(podNumbers[Int(node)]) - 1, object: Int(numbers[Int(node)]))
    if place.pod == pods[current].number {
      pods[current].trees.append(PodTag.object)
      pods[current].trees.append(varint: place.object)
    } else {
      pods[current].trees.append(PodTag.hole)
      wiring.fillHole(with: place, lastPod: podCount - 1)
    }
  }

  private mutating func number(_ node: Node) {
    podNumbers[Int(node)] = UInt32(pods[current].number + 1)
    numbers[Int(node)] = pods[current].objectCount
    pods[current].objectCount += 1
  }

  /// The site of the object that is visited now: the child of the innermost frame before its next.
  private func siteOfNext() -> PodSite {
    guard let frame = frames.last else { return site.step(rootCount) }
    let index = frame.next - 1
    guard graph.kind(of: frame.node).isPaired, index % 2 == 1 else {
      return frame.site.step(UInt64(index))
    }
    return frame.site.step(graph.shallowHash(of: graph.child(index - 1, of: frame.node)))
  }

  // MARK: Objects with children

  private mutating func begin(_ node: Node) throws(Failure) {
    let isPod = planner.isCut[Int(node)]
    if isPod { open(.objects) }
    number(node)
    pods[current].trees.append(PodTag.node + graph.kind(of: node).rawValue)
    pods[current].trees.append(varint: graph.childCount(of: node))
    let hasRuns = !(planner.runs[node]?.isEmpty ?? true)
    frames.append(Frame(node: node, isPod: isPod, hasRuns: hasRuns, site: siteOfNext()))
  }

  /// Writes the next child of the innermost object, or ends it.
  private mutating func advance() throws(Failure) {
    let top = frames.count - 1
    let frame = frames[top]
    if frame.hasRuns, let ends = planner.runs[frame.node] { try turnRuns(ends, of: top) }
    guard frame.next < graph.childCount(of: frame.node) else {
      frames.removeLast()
      if frame.isPod { try closeIntoParent(at: frame.site) }
      return
    }
    frames[top].next += 1
    if frames[top].openRuns > 0 { pods[current].treeCount += 1 }
    try visit(graph.child(frame.next, of: frame.node))
  }

  /// Closes the runs that end before the next item, and opens those that begin with it.
  private mutating func turnRuns(_ ends: [PodPlanner.RunEnd], of top: Int) throws(Failure) {
    let frame = frames[top]
    let width = graph.kind(of: frame.node).isPaired ? 2 : 1
    guard frame.next % width == 0 else { return }
    var isStart = frame.next == 0
    if frame.run < ends.count, ends[frame.run].item == frame.next / width, frame.next > 0 {
      let closing = min(frames[top].openRuns, 1 + ends[frame.run].level)
      for level in 0..<closing {
        let end = ends[frames[top].run].hash
        try closeIntoParent(at: frame.site.step(end).step(UInt64(level)))
        frames[top].openRuns -= 1
        if frames[top].openRuns > 0 { pods[current].treeCount += 1 }
      }
      frames[top].run += 1
      isStart = true
    }
    guard isStart, frames[top].run < ends.count else { return }
    while frames[top].openRuns < 1 + ends[frames[top].run].highest {
      open(.run)
      frames[top].openRuns += 1
    }
  }

  private mutating func open(_ kind: PodFormat.Kind) {
    pods.append(OpenPod(kind: kind, number: podCount))
    podCount += 1
  }

  /// Puts the innermost pod and writes its name into the one around it.
  private mutating func closeIntoParent(at site: PodSite) throws(Failure) {
    let pod = pods.removeLast()
    var rest: [UInt8] = []
    if pod.kind == .run { rest.append(varint: pod.treeCount) }
    let id = try put(PodFormat.bytes(pod.kind, children: pod.names, rest: rest + pod.trees), site)
    pods[current].trees.append(PodTag.child)
    pods[current].names.append(id)
  }
}

extension ObjectGraph {
  /// Cuts the values of each group of roots into pods, puts them, and returns for each group the pod
  /// that all of its values hang from.
  ///
  /// Equal values make equal pods. Objects that two groups share are put into the pods of both.
  ///
  /// - Parameters:
  ///   - groups: the roots of each value, and its site.
  ///   - put: gets the canonical form and the site of each pod, children before parents; returns
  ///     its name.
  ///   - putBlob: gets a long text or buffer and its site; returns what `Blob.put` makes of it.
  public func split<E>(
    groups: [(roots: [Int], site: PodSite)], put: ([UInt8], PodSite) throws(E) -> PodID,
    putBlob: (ByteSource, Range<Int>, PodSite) throws(E) -> Blob
  ) throws(E) -> [PodID] {
    var failure: E?
    func attempt<Result>(
      _ body: () throws(E) -> Result
    ) throws(PodEncoder.Failure) -> Result {
      do throws(E) { return try body() } catch {
        failure = error
        throw PodEncoder.Failure()
      }
    }
    let pods: [PodID]? = withoutActuallyEscaping(put) { put in
      withoutActuallyEscaping(putBlob) { putBlob in
        var encoder = PodEncoder(
          self,
          put: { bytes, site throws(PodEncoder.Failure) in
            try attempt { () throws(E) in try put(bytes, site) }
          },
          putBlob: { source, range, site throws(PodEncoder.Failure) in
            try attempt { () throws(E) in try putBlob(source, range, site) }
          })
        do {
          return try groups.map { group throws(PodEncoder.Failure) in
            try encoder.encode(group.roots.map { roots[$0] }, at: group.site)
          }
        } catch { return nil }
      }
    }
    if let failure { throw failure }
    return pods ?? []
  }

  /// The same, for pods that are put without regard to their sites.
  public func split<E>(
    groups: [[Int]], put: ([UInt8]) throws(E) -> PodID
  ) throws(E) -> [PodID] {
    try split(groups: groups.map { ($0, PodSite()) }) { bytes, _ throws(E) in
      try put(bytes)
    } putBlob: { source, range, _ throws(E) in
      try Blob.put(source, range) { bytes, _ throws(E) in try put(bytes) }
    }
  }
}
