/// A place in the columns of a pod, between two tags; see ``PodTag``.
///
/// It moves through all columns at once, tag by tag. What it reads itself, tags and their integers,
/// it checks; where the arguments are it only counts, and ``isAtEnd`` of a cursor that has passed
/// all tags says whether the columns held just them.
@safe struct PodCursor {
  private let base: UnsafeRawPointer
  private var offset: Int
  private let end: Int
  private var ones: Int
  private var twos: Int
  private var fours: Int
  private var eights: Int
  private var rest: Int
  private let restEnd: Int
  /// The numbers that the next object, text, child, hole and name get.
  private(set) var nextObject: UInt32 = 0
  private(set) var nextText: UInt32 = 0
  private(set) var nextChild: UInt32 = 0
  private(set) var nextHole: UInt32 = 0
  private(set) var nextName: UInt32 = 0

  /// What a tag says.
  struct Tag {
    enum Form: UInt8 {
      case child, hole, object, text, blob, newText, newLongText, run, global, node, atom, longAtom
    }

    let form: Form
    /// The kind of a node or text.
    var kind = ObjectGraph.Kind.atom
    /// The opcode of an atom.
    var opcode: UInt8 = 0
    /// A number, or a count of trees or bytes.
    var count = 0
    /// Where in the pod the bytes of a text or the argument of an atom begin.
    var place = 0
  }

  /// A place without columns, where nothing is read.
  init() {
    unsafe base = UnsafeRawPointer(bitPattern: Int.max) ?? ByteSource([]).base
    (offset, end, ones, twos, fours, eights, rest, restEnd) = (0, 0, 0, 0, 0, 0, 0, 0)
  }

  /// The beginning of the columns whose lengths `reader` stands before; `base` is that of the reader.
  init(columnsIn reader: inout ByteReader, of source: ByteSource) throws(PickleError) {
    unsafe base = source.base
    var starts: [Int] = []
    var lengths: [Int] = []
    for _ in 0..<6 { lengths.append(try reader.varint()) }
    for length in lengths { starts.append(try reader.take(length).lowerBound) }
    guard reader.remaining == 0 else {
      throw .malformed(offset: 0, reason: "more than its columns")
    }
    offset = starts[0]
    end = starts[1]
    (ones, twos, fours, eights, rest) = (starts[1], starts[2], starts[3], starts[4], starts[5])
    restEnd = rest + lengths[5]
  }

  /// Whether all tags were passed.
  @inline(__always)
  var isAtEnd: Bool { offset == end }

  /// Whether the next tag leads to another pod.
  @inline(__always)
  var leavesPod: Bool {
    offset < end && (nextByte <= PodTag.hole || nextByte == PodTag.run)
  }

  /// Whether there is a next tag that is not that of a run.
  var isAtItem: Bool { offset < end && nextByte != PodTag.run }

  /// Whether the next tag is that of a run.
  var isAtRun: Bool { offset < end && nextByte == PodTag.run }

  @inline(__always)
  private var nextByte: UInt8 { unsafe base.load(fromByteOffset: offset, as: UInt8.self) }

  /// Whether the arguments of the tags between `start` and here fill the columns.
  func fillsColumns(from start: PodCursor) -> Bool {
    ones == start.twos && twos == start.fours && fours == start.eights && eights == start.rest
      && rest == restEnd
  }

  @inline(__always)
  private mutating func byte() throws(PickleError) -> UInt8 {
    guard offset < end else { throw .truncated(offset: offset) }
    defer { offset += 1 }
    return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  @inline(__always)
  private mutating func varint() throws(PickleError) -> Int {
    let first = try byte()
    if first < 0x80 { return Int(first) }
    return try longVarint(first)
  }

  private mutating func longVarint(_ first: UInt8) throws(PickleError) -> Int {
    var value = UInt64(first & 0x7f)
    var shift: UInt64 = 7
    while true {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return Int(value) }
      shift += 7
      guard shift < 63 else { throw .malformed(offset: offset, reason: "an overlong integer") }
    }
  }

  /// Passes a tag.
  ///
  /// The parts of a global are left to ``passPart()``.
  @inline(__always)
  mutating func pass() throws(PickleError) -> Tag {
    let tag = try byte()
    switch tag {
    case PodTag.shortText...: return Tag(form: .text, count: Int(tag - PodTag.shortText))
    case PodTag.firstAtom...: return try passAtom(tag)
    case PodTag.newText: return try passText(.string)
    case PodTag.node..<PodTag.firstAtom: return try passNode(tag - PodTag.node)
    default: return try passRare(tag)
    }
  }

  @inline(__always)
  private mutating func passNode(_ raw: UInt8) throws(PickleError) -> Tag {
    guard let kind = ObjectGraph.Kind(rawValue: raw), kind.hasChildren, kind != .global else {
      throw .malformed(offset: offset, reason: "an object of unknown kind")
    }
    if !kind.isPart { nextObject += 1 }
    return Tag(form: .node, kind: kind, count: try varint())
  }

  private mutating func passRare(_ tag: UInt8) throws(PickleError) -> Tag {
    switch tag {
    case PodTag.child:
      nextChild += 1
      nextName += 1
      return Tag(form: .child)
    case PodTag.run:
      nextChild += 1
      nextName += 1
      return Tag(form: .run, count: try varint())
    case PodTag.hole:
      nextHole += 1
      return Tag(form: .hole)
    case PodTag.object: return Tag(form: .object, count: try varint())
    case PodTag.text: return Tag(form: .text, count: try varint())
    case PodTag.blob:
      nextName += 1
      nextObject += 1
      return Tag(form: .blob, kind: try textKind(), count: try varint())
    case PodTag.otherText: return try passText(try textKind())
    case PodTag.global: return Tag(form: .global)
    default: throw .unknownOpcode(tag, offset: offset - 1)
    }
  }

  private mutating func textKind() throws(PickleError) -> ObjectGraph.Kind {
    guard let kind = ObjectGraph.Kind(rawValue: try byte()), kind != .atom, !kind.hasChildren else {
      throw .malformed(offset: offset, reason: "a text of unknown kind")
    }
    return kind
  }

  @inline(__always)
  private mutating func passText(_ kind: ObjectGraph.Kind) throws(PickleError) -> Tag {
    let count = try varint()
    let place = try passRest(count)
    if count <= StringTable.byteLimit, kind == .string || kind == .bytes {
      nextText += 1
      return Tag(form: .newText, kind: kind, count: count, place: place)
    }
    nextObject += 1
    return Tag(form: .newLongText, kind: kind, count: count, place: place)
  }

  /// Passes bytes of the last column and returns where they begin.
  @inline(__always)
  private mutating func passRest(_ count: Int) throws(PickleError) -> Int {
    guard count <= restEnd - rest else { throw .truncated(offset: rest) }
    defer { rest += count }
    return rest
  }

  @inline(__always)
  private mutating func passAtom(_ opcode: UInt8) throws(PickleError) -> Tag {
    switch opcode {
    case Opcode.binInt1, Opcode.extension1:
      defer { ones += 1 }
      return Tag(form: .atom, opcode: opcode, count: 1, place: ones)
    case Opcode.binInt2, Opcode.extension2:
      defer { twos += 2 }
      return Tag(form: .atom, opcode: opcode, count: 2, place: twos)
    case Opcode.binInt, Opcode.extension4:
      defer { fours += 4 }
      return Tag(form: .atom, opcode: opcode, count: 4, place: fours)
    case Opcode.binFloat:
      defer { eights += 8 }
      return Tag(form: .atom, opcode: opcode, count: 8, place: eights)
    case Opcode.none, Opcode.newTrue, Opcode.newFalse:
      return Tag(form: .atom, opcode: opcode)
    default: return try passLongAtom(opcode)
    }
  }

  private mutating func passLongAtom(_ opcode: UInt8) throws(PickleError) -> Tag {
    switch opcode {
    case Opcode.long1, Opcode.long4, Opcode.int, Opcode.long, Opcode.float:
      let count = try varint()
      return Tag(form: .longAtom, opcode: opcode, count: count, place: try passRest(count))
    default: throw .unknownOpcode(opcode, offset: offset - 1)
    }
  }

  /// Passes the module or the name of a global: a text of this pod, by its number or new.
  mutating func passPart() throws(PickleError) -> Tag {
    let tag = try byte()
    switch tag {
    case PodTag.shortText...: return Tag(form: .text, count: Int(tag - PodTag.shortText))
    case PodTag.text: return Tag(form: .text, count: try varint())
    case PodTag.newText:
      let count = try varint()
      nextText += 1
      return Tag(form: .newText, kind: .string, count: count, place: try passRest(count))
    default: throw .malformed(offset: offset, reason: "a global without a name")
    }
  }

  /// Numbers a global whose parts were passed.
  mutating func endGlobal() { nextText += 1 }

  /// Checks the argument of an atom whose length its tag tells.
  func checkArgument(of tag: Tag, in source: ByteSource) throws(PickleError) {
    var reader = source.reader()
    _ = try reader.take(tag.place)
    try reader.skipAtom(tag.opcode)
    guard reader.offset == tag.place + tag.count else {
      throw .malformed(offset: tag.place, reason: "a number of another length")
    }
  }
}
