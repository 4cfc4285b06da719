import PodModel

/// Writes a graph as pods, cut where a ``PodPlanner`` says.
///
/// It walks the objects depth first, each where it is met first. A pod holds
/// its own short texts and globals, and numbers its objects from 0, so that
/// its bytes depend on nothing outside of it but the names of the pods below.
struct PodEncoder: ~Copyable {
  typealias Node = ObjectGraph.Node

  /// Says that a pod could not be put; why, knows who put it.
  struct Failure: Error {}

  private let graph: ObjectGraph
  private let view: GraphView
  private let put: ([UInt8], PodSite) throws(Failure) -> PodID
  private let putBlob: (ByteSource, Range<Int>, PodSite) throws(Failure) -> Blob

  private var planner: PodPlanner
  /// Where each node was met.
  ///
  /// Plans and pods are numbered together, so that a place in a value before is told by its number.
  private var places: GrowingArray<NodePlace>
  private var serial: UInt32 = 0
  /// The number of the plan of the value.
  private var firstSerial: UInt32 = 0

  private var columns = PodColumns()
  private var wires = Wires()
  /// The names that the trees of the open pods take.
  private var names: [PodID] = []
  /// The innermost pod, and those around it.
  private var pod = OpenPod(kind: .value, serial: 0, firstName: 0, start: PodColumns.Start())
  private var pods = GrowingArray<OpenPod>()
  /// The objects that are being written.
  private var frames = GrowingArray<Frame>()
  /// The canonical form of the pod that is put.
  private var output: [UInt8] = []

  /// A pod that is being written.
  ///
  /// It is not private only because the compiler fails at arrays of private types here.
  struct OpenPod: BitwiseCopyable {
    let kind: PodFormat.Kind
    let serial: UInt32
    let firstName: Int
    let start: PodColumns.Start
    var objectCount: UInt32 = 0
    var textCount: UInt32 = 0
    /// The first item of a run.
    var firstItem = 0
  }

  /// An object that is being written.
  struct Frame: BitwiseCopyable {
    /// The object, or `.max` for the tuple of the roots.
    let node: Node
    let isCut: Bool
    let children: NodeList
    var next = 0
    /// The number of children up to the next end of a run, or all.
    var stop: Int
    /// The next end among the runs of the node, and the end of those.
    var run: Int
    let runsEnd: Int
    /// The number of run pods that are open.
    var openRuns = 0
    var site: PodSite?

    @inline(__always)
    init(node: Node, children: NodeList, plan: PodPlanner.Plan, site: PodSite? = nil) {
      self.node = node
      self.children = children
      self.site = site
      isCut = plan.isCut
      run = plan.runs.lowerBound
      runsEnd = plan.runs.upperBound
      stop = run < runsEnd ? 0 : children.count
    }
  }

  init(
    _ graph: ObjectGraph, _ view: GraphView,
    put: @escaping ([UInt8], PodSite) throws(Failure) -> PodID,
    putBlob: @escaping (ByteSource, Range<Int>, PodSite) throws(Failure) -> Blob
  ) {
    self.graph = graph
    self.view = view
    self.put = put
    self.putBlob = putBlob
    planner = PodPlanner(graph, view)
    places = GrowingArray(repeating: NodePlace(pod: 0, number: 0), count: view.count)
  }

  /// Puts the pods of `roots` and returns the value pod.
  mutating func encode(_ roots: NodeList, at site: PodSite) throws(Failure) -> PodID {
    serial += 1
    firstSerial = serial
    let plan = planner.plan(roots, serial: serial, &places)
    wires.begin()
    open(.value)
    pod.objectCount = 1
    columns.tags.append(PodTag.node + ObjectGraph.Kind.tuple.rawValue)
    columns.tags.append(varint: roots.count)
    frames.append(Frame(node: .max, children: roots, plan: plan, site: site))
    try writeTrees()
    return try putValue(at: site)
  }

  private mutating func putValue(at site: PodSite) throws(Failure) -> PodID {
    let start = pod.start
    try closeWires(at: site)
    names += wires.names
    PodFormat.begin(&output, .value, children: names[...])
    names.removeAll(keepingCapacity: true)
    output.append(graph.protocolVersion)
    wires.moveLink(to: &output)
    columns.move(from: start, to: &output)
    return try put(output, site)
  }

  // MARK: Trees

  /// Writes the trees below the object whose frame is the only one.
  private mutating func writeTrees() throws(Failure) {
    while !frames.isEmpty {
      let top = frames.count - 1
      let next = frames[top].next
      if next < frames[top].stop {
        if let inner = try writeChildren(of: top) { begin(inner) }
      } else if frames[top].run < frames[top].runsEnd {
        try turnRuns(of: top)
      } else {
        if frames[top].isCut { try closeObject(top) }
        frames.removeLast()
      }
    }
  }

  /// Writes the children of an object, up to the end of a run or the first one that has children to
  /// be written; returns that one.
  @inline(__always)
  private mutating func writeChildren(of top: Int) throws(Failure) -> Node? {
    let children = frames[top].children
    let stop = frames[top].stop
    var next = frames[top].next
    defer { frames[top].next = next }
    while next < stop {
      let node = children[next]
      next += 1
      let kind = view.kind(of: node)
      if kind == .atom {
        writeAtom(node)
      } else if kind.isCopiedText, view.count(of: node) <= StringTable.byteLimit {
        writeShort(node, kind)
      } else if kind == .global {
        writeGlobal(node)
      } else {
        let place = places[Int(node)]
        if place.pod > firstSerial {
          writeReference(to: place)
        } else if kind.hasChildren {
          return node
        } else {
          frames[top].next = next
          number(node)
          try writeLong(node, kind)
        }
      }
    }
    return nil
  }

  /// Writes the tag of an object with children, and opens its pod if it has one.
  @inline(__always)
  private mutating func begin(_ node: Node) {
    let kind = view.kind(of: node)
    let children = view.children(of: node)
    let plan = planner.plan(places[Int(node)].number)
    if plan.isCut { open(.objects) }
    if !kind.isPart { number(node) }
    columns.tags.append(PodTag.node + kind.rawValue)
    columns.tags.append(varint: children.count)
    frames.append(Frame(node: node, children: children, plan: plan))
  }

  @inline(__always)
  private mutating func number(_ node: Node) {
    places[Int(node)] = NodePlace(pod: pod.serial, number: pod.objectCount)
    pod.objectCount += 1
  }

  @inline(__always)
  private mutating func writeAtom(_ node: Node) {
    guard view.count(of: node) < UInt32.max else {
      graph.withPayload(of: node) { columns.append(atom: $0) }
      return
    }
    columns.append(atom: view.payload(of: node))
  }

  /// Writes a short text, by its number if the pod has it.
  @inline(__always)
  private mutating func writeShort(_ node: Node, _ kind: ObjectGraph.Kind) {
    let place = places[Int(node)]
    if place.pod == pod.serial {
      writeNumber(place.number)
    } else {
      columns.append(kind, view.payload(of: node))
      numberText(node)
    }
  }

  @inline(__always)
  private mutating func writeNumber(_ number: UInt32) {
    if number < PodTag.shortTextCount {
      columns.tags.append(PodTag.shortText + UInt8(truncatingIfNeeded: number))
    } else {
      columns.tags.append(PodTag.text)
      columns.tags.append(varint: Int(number))
    }
  }

  @inline(__always)
  private mutating func numberText(_ node: Node) {
    places[Int(node)] = NodePlace(pod: pod.serial, number: pod.textCount)
    pod.textCount += 1
  }

  private mutating func writeGlobal(_ node: Node) {
    let place = places[Int(node)]
    if place.pod == pod.serial {
      writeNumber(place.number)
      return
    }
    columns.tags.append(PodTag.global)
    let parts = view.children(of: node)
    for index in 0..<parts.count {
      if view.count(of: parts[index]) <= StringTable.byteLimit {
        writeShort(parts[index], .string)
      } else {
        // In full each time: its number is not used.
        graph.withPayload(of: parts[index]) { columns.append(.string, $0) }
        pod.textCount += 1
      }
    }
    numberText(node)
  }

  private mutating func writeLong(
    _ node: Node, _ kind: ObjectGraph.Kind
  ) throws(Failure) {
    let count = graph.payloadCount(of: node)
    guard count > Blob.threshold else {
      columns.append(kind, view.payload(of: node))
      return
    }
    let blob: Blob
    switch graph.payload(of: node) {
    case .memory(let source, let range):
      let top = frames.count - 1
      let site = step(from: site(of: top), of: frames[top])
      blob = try putBlob(source, range, site)
    case .blob(let known): blob = known
    }
    columns.tags.append(PodTag.blob)
    columns.tags.append(kind.rawValue)
    columns.tags.append(varint: count)
    names.append(blob.pod)
  }

  /// Writes a reference to an object that was begun.
  private mutating func writeReference(to place: NodePlace) {
    if place.pod == pod.serial {
      columns.tags.append(PodTag.object)
      columns.tags.append(varint: Int(place.number))
    } else {
      columns.tags.append(PodTag.hole)
      wires.addHole(to: place.pod - firstSerial - 1, slot: Int(place.number))
    }
  }

  // MARK: Pods

  /// Closes the runs that end before the next child, and opens those that begin with it.
  private mutating func turnRuns(of top: Int) throws(Failure) {
    let next = frames[top].next
    if next > 0 {
      let end = planner.ends[frames[top].run]
      let site = site(of: top).step(end.hash)
      for level in 0..<min(frames[top].openRuns, 1 + end.level) {
        let count = next - pod.firstItem
        let name = try closePod(at: site.step(UInt64(level)))
        columns.tags.append(PodTag.run)
        columns.tags.append(varint: count)
        names.append(name)
        frames[top].openRuns -= 1
      }
      frames[top].run += 1
    }
    guard frames[top].run < frames[top].runsEnd else {
      frames[top].stop = frames[top].children.count
      return
    }
    let end = planner.ends[frames[top].run]
    frames[top].stop = end.child
    while frames[top].openRuns < 1 + end.highest {
      open(.run)
      pod.firstItem = next
      frames[top].openRuns += 1
    }
  }

  private mutating func closeObject(_ top: Int) throws(Failure) {
    let name = try closePod(at: site(of: top))
    columns.tags.append(PodTag.child)
    names.append(name)
  }

  private mutating func open(_ kind: PodFormat.Kind) {
    serial += 1
    pods.append(pod)
    pod = OpenPod(kind: kind, serial: serial, firstName: names.count, start: columns.end)
    wires.openPod()
  }

  /// Puts the innermost pod, and its wires if they are long.
  private mutating func closePod(at site: PodSite) throws(Failure) -> PodID {
    PodFormat.begin(&output, pod.kind, children: names[pod.firstName...])
    names.removeSubrange(pod.firstName...)
    columns.move(from: pod.start, to: &output)
    let id = try put(output, site)
    try closeWires(at: site)
    return id
  }

  /// Closes the wires of the innermost pod, and the pod with them.
  private mutating func closeWires(at site: PodSite) throws(Failure) {
    if wires.closePod(&output) { wires.link(to: try put(output, site.step(.max))) }
    if let outer = pods.popLast() { pod = outer }
  }

  /// The site of the object of a frame, found from those around it where it is asked for.
  private mutating func site(of index: Int) -> PodSite {
    var start = index
    while start > 0, frames[start].site == nil { start -= 1 }
    var site = frames[start].site ?? PodSite()
    while start < index {
      site = step(from: site, of: frames[start])
      start += 1
      frames[start].site = site
    }
    return site
  }

  /// The site of the child that was begun last of an object at `site`.
  private func step(from site: PodSite, of frame: Frame) -> PodSite {
    let index = frame.next - 1
    guard frame.node != .max, view.kind(of: frame.node).isPaired, index % 2 == 1 else {
      return site.step(UInt64(index))
    }
    return site.step(graph.shallowHash(of: frame.children[index - 1]))
  }
}
