public import PodModel
public import PodPickle

/// Reads the pods of a value as their format is drawn, all at once and from first to last.
///
/// It shares no code with what writes and reads pods in earnest, and holds them to every rule: columns,
/// names and wires are used up, references lead to objects that were begun, and what can be written in
/// two ways is written in the shorter one.
public struct PodReader {
  /// A rule that a pod breaks.
  public struct Failure: Error {
    /// What is wrong.
    public let reason: String
  }

  /// What is met on the way through a value, depth first.
  public enum Piece: Equatable {
    case node(ObjectGraph.Kind, count: Int)
    case text(ObjectGraph.Kind, [UInt8])
    case atom([UInt8])
    /// An object that was begun, counted from 0.
    case object(Int)
  }

  /// What was met, roots in a tuple.
  public private(set) var pieces: [Piece] = []
  /// The protocol of the value.
  public private(set) var protocolVersion: UInt8 = 0
  /// The number of pods around the innermost one, at most.
  public private(set) var depth = 0
  /// The number of references that leave their pod.
  public private(set) var holeCount = 0

  private let pods: MemoryPods
  private var open: [OpenPod] = []
  private var frames: [Frame] = []
  private var places: [Place] = []
  private var objectCount = 0

  private struct OpenPod {
    let place: Int
    var columns: [Cursor]
    var names: ArraySlice<PodID>
    var wires: WireSection
    var texts: [[Piece]] = []
  }

  /// Where a pod is, and what it holds.
  private struct Place {
    let parent: Int
    let index: Int
    var children: [Int] = []
    var objects: [Int] = []
  }

  /// Trees that belong together.
  private struct Frame {
    enum Role { case node, global, object, run }
    let role: Role
    let kind: ObjectGraph.Kind?
    let firstPiece: Int
    var remaining: Int
  }

  /// Reads the value whose pod is `root`.
  public init(_ pods: MemoryPods, root: PodID) throws {
    self.pods = pods
    var (names, cursor) = try Self.pod(root, kind: 5, of: pods)
    protocolVersion = try cursor.byte()
    var wires = WireSection()
    // The names of the trees come first, so how many the link takes is told by what is left of them.
    if let link = try WireLink(&cursor) {
      let count = link.nameCount
      guard count <= names.count else { throw Failure(reason: "a link without names") }
      wires = try WireSection(link, names: names.suffix(count), of: pods)
      names = names.dropLast(count)
    }
    try push(names, cursor, wires, role: .object, count: 1)
    while !frames.isEmpty { try advance() }
  }

  /// The names and a cursor to the rest of a pod.
  static func pod(
    _ id: PodID, kind: UInt8, of pods: MemoryPods
  ) throws -> (ArraySlice<PodID>, Cursor) {
    guard let bytes = pods.pods[id] else { throw Failure(reason: "a pod that is not there") }
    var cursor = Cursor(bytes[...])
    guard try cursor.byte() == kind else { throw Failure(reason: "a pod of another kind") }
    var names: [PodID] = []
    for _ in 0..<(try cursor.varint()) {
      guard let name = PodID(bytes: Array(try cursor.take(PodID.byteCount))) else { break }
      names.append(name)
    }
    return (names[...], cursor)
  }

  private mutating func push(
    _ names: ArraySlice<PodID>, _ cursor: Cursor, _ wires: WireSection, role: Frame.Role, count: Int
  ) throws {
    var cursor = cursor
    var columns: [Cursor] = []
    for length in try (0..<6).map({ _ in try cursor.varint() }) {
      columns.append(Cursor(try cursor.take(length)))
    }
    try cursor.expectEnd("a pod")
    if let parent = open.last?.place {
      places.append(Place(parent: parent, index: places[parent].children.count))
      places[parent].children.append(places.count - 1)
    } else {
      places.append(Place(parent: -1, index: 0))
    }
    open.append(OpenPod(place: places.count - 1, columns: columns, names: names, wires: wires))
    depth = max(depth, open.count - 1)
    let kind = role == .run ? frames.last?.kind : nil
    frames.append(Frame(role: role, kind: kind, firstPiece: pieces.count, remaining: count))
  }

  private mutating func advance() throws {
    let frame = frames[frames.count - 1]
    if frame.remaining > 0 {
      frames[frames.count - 1].remaining -= 1
      try readTree(in: frame)
      return
    }
    frames.removeLast()
    switch frame.role {
    case .node: break
    case .global: open[open.count - 1].texts.append(Array(pieces[frame.firstPiece...]))
    case .object, .run:
      let pod = open.removeLast()
      for column in pod.columns { try column.expectEnd("a column") }
      guard pod.names.isEmpty else { throw Failure(reason: "too many names") }
      guard pod.wires.isUsedUp else { throw Failure(reason: "too many wires") }
    }
  }

  // MARK: Trees

  private mutating func readTree(in frame: Frame) throws {
    let top = open.count - 1
    let tag = try open[top].columns[0].byte()
    guard frame.role != .global || [3, 5].contains(tag) || tag >= 192 else {
      throw Failure(reason: "a global of anything but texts")
    }
    switch tag {
    case 0:
      let (names, cursor) = try Self.pod(try nextName(), kind: 3, of: pods)
      try push(names, cursor, try nextWires(), role: .object, count: 1)
    case 1: try readHole()
    case 2: pieces.append(.object(try object(try varint(), of: open[top].place)))
    case 3:
      let number = try varint()
      guard number >= 64 else { throw Failure(reason: "a long reference to a text") }
      try readText(number)
    case 4: try readBlob()
    case 5: addText(.string, try open[top].columns[5].take(try varint()), in: frame)
    case 6:
      let kind = try textKind()
      guard kind != .string else { throw Failure(reason: "a string with a kind") }
      addText(kind, try open[top].columns[5].take(try varint()), in: frame)
    case 7: try readRun(in: frame)
    case 8:
      frames.append(Frame(role: .global, kind: nil, firstPiece: pieces.count, remaining: 2))
      pieces.append(.node(.global, count: 2))
    case 192...: try readText(Int(tag) - 192)
    case 70...: try readAtom(tag)
    case 16...: try readNode(tag - 16)
    default: throw Failure(reason: "an unknown tag")
    }
  }

  private mutating func varint() throws -> Int { try open[open.count - 1].columns[0].varint() }

  private mutating func nextName() throws -> PodID {
    guard let name = open[open.count - 1].names.popFirst() else {
      throw Failure(reason: "too few names")
    }
    return name
  }

  /// The wires of the pod that is opened next.
  private mutating func nextWires() throws -> WireSection {
    let index = places[open[open.count - 1].place].children.count
    return try open[open.count - 1].wires.child(index, of: pods)
  }

  private mutating func readRun(in frame: Frame) throws {
    let count = try varint()
    let containers: [ObjectGraph.Kind] = [
      .tuple, .list, .set, .frozenSet, .dict, .items, .pairs,
    ]
    guard let kind = frame.kind, containers.contains(kind), count > 0, count <= frame.remaining
    else { throw Failure(reason: "a run of items where none should be") }
    frames[frames.count - 1].remaining -= count - 1
    let (names, cursor) = try Self.pod(try nextName(), kind: 4, of: pods)
    try push(names, cursor, try nextWires(), role: .run, count: count)
  }

  private mutating func readNode(_ raw: UInt8) throws {
    guard let kind = ObjectGraph.Kind(rawValue: raw), kind != .global,
      ObjectGraph.Kind.global.rawValue <= raw
    else { throw Failure(reason: "an unknown kind") }
    let count = try varint()
    pieces.append(.node(kind, count: count))
    if ![.items, .pairs, .state, .stateByCall].contains(kind) { beginObject() }
    frames.append(
      Frame(role: .node, kind: kind, firstPiece: pieces.count, remaining: count))
  }

  private mutating func readAtom(_ opcode: UInt8) throws {
    let top = open.count - 1
    var argument: ArraySlice<UInt8> = []
    switch UnicodeScalar(opcode) {
    case "N", "\u{88}", "\u{89}": break
    case "K", "\u{82}": argument = try open[top].columns[1].take(1)
    case "M", "\u{83}": argument = try open[top].columns[2].take(2)
    case "J", "\u{84}": argument = try open[top].columns[3].take(4)
    case "G": argument = try open[top].columns[4].take(8)
    case "\u{8a}", "\u{8b}", "I", "L", "F":
      argument = try open[top].columns[5].take(try varint())
    default: throw Failure(reason: "an unknown atom")
    }
    pieces.append(.atom([opcode] + argument))
  }

  // MARK: Texts

  private mutating func textKind() throws -> ObjectGraph.Kind {
    let kind = ObjectGraph.Kind(rawValue: try open[open.count - 1].columns[0].byte())
    guard let kind, [.string, .legacyString, .bytes, .byteArray].contains(kind) else {
      throw Failure(reason: "a text of unknown kind")
    }
    return kind
  }

  private mutating func addText(
    _ kind: ObjectGraph.Kind, _ bytes: ArraySlice<UInt8>, in frame: Frame
  ) {
    pieces.append(.text(kind, Array(bytes)))
    if frame.role == .global || (kind == .string || kind == .bytes) && bytes.count <= 255 {
      open[open.count - 1].texts.append([pieces[pieces.count - 1]])
    } else {
      beginObject()
    }
  }

  private mutating func readText(_ number: Int) throws {
    guard number < open[open.count - 1].texts.count else {
      throw Failure(reason: "a text that was not begun")
    }
    pieces += open[open.count - 1].texts[number]
  }

  private mutating func readBlob() throws {
    let kind = try textKind()
    let count = try varint()
    guard count > Blob.threshold else { throw Failure(reason: "a short blob") }
    pieces.append(.text(kind, try pods.bytes(of: Blob(count: count, pod: try nextName()))))
    beginObject()
  }

  // MARK: References

  private mutating func beginObject() {
    places[open[open.count - 1].place].objects.append(objectCount)
    objectCount += 1
  }

  private func object(_ number: Int, of place: Int) throws -> Int {
    guard number < places[place].objects.count else {
      throw Failure(reason: "a reference to an object that was not begun")
    }
    return places[place].objects[number]
  }

  private mutating func readHole() throws {
    holeCount += 1
    guard let wire = open[open.count - 1].wires.entries.popFirst() else {
      throw Failure(reason: "a hole without a wire")
    }
    var place = open[open.count - 1].place
    var branch = places[place].children.count
    for _ in 0..<wire.up {
      guard places[place].parent >= 0 else { throw Failure(reason: "a wire beyond the value") }
      branch = places[place].index
      place = places[place].parent
    }
    guard wire.up + wire.steps.count > 0 else { throw Failure(reason: "a wire within a pod") }
    for (number, step) in wire.steps.enumerated() {
      let index = number == 0 ? branch - step : step
      guard places[place].children.indices.contains(index), number > 0 || step > 0 else {
        throw Failure(reason: "a wire to a pod that was not begun")
      }
      place = places[place].children[index]
    }
    pieces.append(.object(try object(wire.slot, of: place)))
  }
}
