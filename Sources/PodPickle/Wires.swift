import PodModel

/// Where the references that leave a pod lead.
///
/// In a pod, a reference to an object of another pod is a hole. The wires tell which object it is;
/// they stand apart from the trees, so that an object that moves changes no other pod, and beside
/// the pod that they belong to, so that a part of a value is read without the rest.
///
///     section = holes:varint entry×holes  children:varint (gap:varint link)×children
///     entry   = head step:varint×down slot:varint
///     head    = up<<4 | down            both at most 14
///             | 0xff up:varint down:varint
///     link    = length:varint names:varint section
///             | 1                       the `wires` pod of the next name
///             | 0                       none; in a value only
///
/// The entries are those of the pod's own holes, in their order. An entry leads `up` pods up from the
/// pod with the hole, to the pod A, from there `down` pods down, to the pod with the object, and there
/// to the object numbered `slot`. The first step down is a distance back among the children of A:
/// from the branch with the hole, or from the child that would come next where A is the pod with the
/// hole. All further steps are numbers of children. The children of a pod are those that stand in its
/// trees as objects or runs, numbered from 0; blobs are none.
///
/// Then follow the children that have a hole in them or below: how many were passed over since the
/// last one, and the child's section: in place, with its length and the number of names that it takes
/// from the pod around it, or in a pod of its own, if it is long. What an object refers to began
/// before it, in the order depth first from the first root.
///
/// This type holds the sections of the pods that are being written, those of a pod behind those of
/// the pods around it.
struct Wires: ~Copyable {
  /// A section this long gets a pod of its own.
  static let inlineLimit = 2048
  /// A head whose numbers follow.
  static let longHead: UInt8 = 0xff

  /// The names of `wires` pods that the sections of the open pods take.
  private(set) var names: [PodID] = []
  private var entries = GrowingBytes()
  private var links = GrowingBytes()
  private var section = GrowingBytes()
  private var open: [OpenSection] = []
  /// Where every pod of the value stands, by its number.
  private var places: [Place] = []

  /// Where a pod stands among the others of its value.
  private struct Place {
    let parent: UInt32
    /// Its number among the children of its parent.
    let index: UInt32
    let depth: UInt32
  }

  /// The section of a pod that is being written.
  private struct OpenSection {
    let pod: UInt32
    let firstEntry: Int
    let firstLink: Int
    let firstName: Int
    var holeCount = 0
    var linkCount = 0
    /// The number of children that were opened.
    var childCount: UInt32 = 0
    /// The number of children before the next one that may be listed.
    var passedCount: UInt32 = 0
  }

  /// Forgets the pods of the value before.
  mutating func begin() { places.removeAll(keepingCapacity: true) }

  /// Opens the pod that comes next, inside of those that are open.
  mutating func openPod() {
    let pod = UInt32(places.count)
    if let parent = open.last {
      places.append(
        Place(parent: parent.pod, index: parent.childCount, depth: UInt32(open.count)))
      open[open.count - 1].childCount += 1
    } else {
      places.append(Place(parent: 0, index: 0, depth: 0))
    }
    open.append(
      OpenSection(
        pod: pod, firstEntry: entries.count, firstLink: links.count, firstName: names.count))
  }

  /// Notes a hole in the innermost pod that the object `slot` of `pod` fills.
  mutating func addHole(to pod: UInt32, slot: Int) {
    let top = open.count - 1
    open[top].holeCount += 1
    // Both branches are followed up to where they meet.
    var from = open[top].pod
    var branch = open[top].childCount
    var to = pod
    var steps: [UInt32] = []
    var up = 0
    while from != to {
      let fromDepth = places[Int(from)].depth
      let toDepth = places[Int(to)].depth
      if toDepth >= fromDepth {
        steps.append(places[Int(to)].index)
        to = places[Int(to)].parent
      }
      if fromDepth >= toDepth {
        branch = places[Int(from)].index
        from = places[Int(from)].parent
        up += 1
      }
    }
    if up <= 14, steps.count <= 14 {
      entries.append(UInt8(up << 4 | steps.count))
    } else {
      entries.append(Self.longHead)
      entries.append(varint: up)
      entries.append(varint: steps.count)
    }
    if let first = steps.popLast() { entries.append(varint: Int(branch - first)) }
    while let step = steps.popLast() { entries.append(varint: Int(step)) }
    entries.append(varint: slot)
  }

  /// Closes the innermost pod, and links its section to the one around it.
  ///
  /// - Returns: whether the section is so long that it takes a pod of its own, which `output` is then:
  ///   ``link(to:)`` says its name.
  mutating func closePod(_ output: inout [UInt8]) -> Bool {
    let closed = open.removeLast()
    guard closed.holeCount + closed.linkCount > 0 else {
      if open.isEmpty { links.append(0) }
      return false
    }
    moveSection(of: closed)
    if let parent = open.indices.last {
      let index = places[Int(closed.pod)].index
      links.append(varint: Int(index - open[parent].passedCount))
      open[parent].passedCount = index + 1
      open[parent].linkCount += 1
    }
    guard section.count < Self.inlineLimit else {
      PodFormat.begin(&output, .wires, children: names[closed.firstName...])
      names.removeSubrange(closed.firstName...)
      section.move(from: 0, to: &output)
      return true
    }
    links.append(varint: section.count)
    links.append(varint: names.count - closed.firstName)
    links.append(moving: &section, from: 0)
    return false
  }

  /// Links the section that was closed last, which is the pod `id`.
  mutating func link(to id: PodID) {
    names.append(id)
    links.append(1)
  }

  /// Moves the link of the value, which is closed, to the end of `output`.
  mutating func moveLink(to output: inout [UInt8]) {
    links.move(from: 0, to: &output)
    names.removeAll(keepingCapacity: true)
  }

  /// Moves what belongs to a pod that was closed to `section`.
  private mutating func moveSection(of closed: OpenSection) {
    section.removeAll()
    section.append(varint: closed.holeCount)
    section.append(moving: &entries, from: closed.firstEntry)
    section.append(varint: closed.linkCount)
    section.append(moving: &links, from: closed.firstLink)
  }
}
