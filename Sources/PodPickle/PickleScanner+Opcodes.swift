extension PickleScanner {
  /// Runs the opcodes from where `reader` stands to the end of the pickle.
  ///
  /// What real pickles hold the most of is run here, with a reader that stays in registers: one
  /// switch, in the order of frequency, because it is the whole machine.
  mutating func run() throws(PickleError) {
    var ahead = reader
    while true {
      let start = ahead.offset
      reader.seek(start)
      let opcode = try ahead.byte()
      switch opcode {
      case Opcode.memoize: try memoize()
      case Opcode.binGet: try fetch(UInt32(try ahead.byte()))
      case Opcode.longBinGet: try fetch(try ahead.integer(UInt32.self))
      case Opcode.shortBinUnicode: try pushText(.string, try ahead.take(try ahead.byte()))
      case Opcode.binInt1: try pushSmallInt(try ahead.byte(), at: start)
      case Opcode.binInt2: try pushAtom(.atom, start, try ahead.take(2))
      case Opcode.binInt: try pushAtom(.atom, start, try ahead.take(4))
      case Opcode.binFloat: try pushAtom(.atom, start, try ahead.take(8))
      case Opcode.none, Opcode.newTrue, Opcode.newFalse: try pushConstant(opcode, at: start)
      case Opcode.mark: mark()
      case Opcode.emptyDict: try pushNode(.dict, taking: 0)
      case Opcode.emptyList: try pushNode(.list, taking: 0)
      case Opcode.setItems: try extend(above: try popMark(), .pairs)
      case Opcode.appends: try extend(above: try popMark(), .items)
      case Opcode.append: try extend(above: stack.count - 1, .items)
      case Opcode.setItem: try extend(above: stack.count - 2, .pairs)
      case Opcode.tuple1: try pushNode(.tuple, taking: 1)
      case Opcode.tuple2: try pushNode(.tuple, taking: 2)
      case Opcode.tuple3: try pushNode(.tuple, taking: 3)
      case Opcode.tuple: try pushNode(.tuple, above: try popMark())
      case Opcode.stop:
        reader.seek(ahead.offset)
        return
      default:
        reader.seek(ahead.offset)
        try step(opcode, at: start)
        ahead.seek(reader.offset)
      }
    }
  }

  /// Runs one opcode that begins at `start`.
  @inline(never)
  private mutating func step(_ opcode: UInt8, at start: Int) throws(PickleError) {
    switch opcode {
    case Opcode.emptyTuple: try pushNode(.tuple, taking: 0)
    case Opcode.build: try build()
    case Opcode.reduce: try pushMade(.reduce)
    case Opcode.newObject: try pushMade(.newObject)
    case Opcode.newObjectEx: try pushMade(.newObjectEx)
    case Opcode.stackGlobal:
      let name = try pop()
      try pushGlobal(module: try pop(), name: name)
    case Opcode.frame: try frame()
    case Opcode.long1: try pushSized(try reader.byte(), .atom, from: start)
    case Opcode.binUnicode: try pushText(.string, try reader.take(try reader.integer(UInt32.self)))
    case Opcode.shortBinBytes: try pushText(.bytes, try reader.take(try reader.byte()))
    case Opcode.binBytes: try pushText(.bytes, try reader.take(try reader.integer(UInt32.self)))
    case Opcode.binUnicode8: try pushText(.string, try reader.take(try reader.integer(UInt64.self)))
    case Opcode.binBytes8: try pushText(.bytes, try reader.take(try reader.integer(UInt64.self)))
    case Opcode.byteArray8: try pushByteArray()
    case Opcode.nextBuffer: try pushBuffer()
    case Opcode.readOnlyBuffer: try makeReadOnly()
    case Opcode.emptySet: try pushNode(.set, taking: 0)
    case Opcode.addItems: try extend(above: try popMark(), .items)
    case Opcode.frozenSet: try pushNode(.frozenSet, above: try popMark())
    default: try stepRare(opcode, at: start)
    }
  }

  private mutating func stepRare(_ opcode: UInt8, at start: Int) throws(PickleError) {
    switch opcode {
    case Opcode.proto: try proto()
    case Opcode.pop: try drop()
    case Opcode.popMark: stack.removeLast(stack.count - (try popMark()))
    case Opcode.dup: try duplicate()
    case Opcode.long4: try pushSized(try reader.integer(Int32.self), .atom, from: start)
    case Opcode.binString:
      try pushSized(try reader.integer(Int32.self), .legacyString, from: start)
    case Opcode.shortBinString: try pushSized(try reader.byte(), .legacyString, from: start)
    case Opcode.extension1: try pushFixed(1, from: start)
    case Opcode.extension2: try pushFixed(2, from: start)
    case Opcode.extension4: try pushFixed(4, from: start)
    case Opcode.int, Opcode.long, Opcode.float: try pushLine(.atom, from: start)
    case Opcode.string, Opcode.unicode: try pushLine(.legacyString, from: start)
    case Opcode.persistentID:
      try pushText(.string, try reader.line())
      try pushPersistent()
    case Opcode.binPersistentID: try pushPersistent()
    case Opcode.put: try remember(try top(), at: try lineIndex())
    case Opcode.binPut: try remember(try top(), at: UInt32(try reader.byte()))
    case Opcode.longBinPut: try remember(try top(), at: try reader.integer(UInt32.self))
    case Opcode.get: try fetch(try lineIndex())
    case Opcode.list: try pushNode(.list, above: try popMark())
    case Opcode.dict: try pushDict()
    case Opcode.global: try pushNamedGlobal()
    case Opcode.instance: try pushInstance()
    case Opcode.object: try pushObject()
    default: throw .unknownOpcode(opcode, offset: start)
    }
  }

  private mutating func pushFixed(_ width: Int, from start: Int) throws(PickleError) {
    try pushAtom(.atom, start, try reader.take(width))
  }

  private mutating func pushSized(
    _ length: some BinaryInteger, _ kind: ObjectGraph.Kind, from start: Int
  ) throws(PickleError) {
    try pushAtom(kind, start, try reader.take(length))
  }

  private mutating func pushLine(
    _ kind: ObjectGraph.Kind, from start: Int
  ) throws(PickleError) {
    _ = try reader.line()
    try pushAtom(kind, start, start..<reader.offset)
  }

  private mutating func pushByteArray() throws(PickleError) {
    let range = try reader.take(try reader.integer(UInt64.self))
    try checkRoom()
    stack.append(graph.addAtom(.byteArray, source: sourceNumber, range))
  }

  private mutating func pushDict() throws(PickleError) {
    let mark = try popMark()
    guard (stack.count - mark) % 2 == 0 else { throw malformed("a key without a value") }
    try pushNode(.dict, above: mark)
  }

  private mutating func proto() throws(PickleError) {
    let version = try reader.byte()
    guard version <= 5 else { throw malformed("protocol \(version); 5 is the last one known") }
    if graph.roots.isEmpty { graph.protocolVersion = version }
  }

  private mutating func frame() throws(PickleError) {
    let length = try reader.integer(UInt64.self)
    guard length <= reader.remaining else { throw .truncated(offset: reader.offset) }
  }

  /// A memo index in decimal, as protocol 0 writes it.
  private mutating func lineIndex() throws(PickleError) -> UInt32 {
    let line = try reader.line()
    guard line.count <= 10,
      let index = UInt32(String(decoding: stream.bytes(in: line), as: UTF8.self))
    else { throw malformed("a memo index that is no number") }
    return index
  }

  private mutating func pushNamedGlobal() throws(PickleError) {
    let module = try text(.string, try reader.line())
    try pushGlobal(module: module, name: try text(.string, try reader.line()))
  }

  /// INST: class by name, arguments above the mark.
  private mutating func pushInstance() throws(PickleError) {
    try pushNode(.tuple, above: try popMark())
    let arguments = try pop()
    try pushNamedGlobal()
    stack.append(arguments)
    try pushMade(.oldInstance)
  }

  /// OBJ: class, then arguments, above the mark.
  private mutating func pushObject() throws(PickleError) {
    let mark = try popMark()
    guard mark < stack.count else { throw malformed("an object without a class") }
    try pushNode(.tuple, above: mark + 1)
    try pushMade(.oldInstance)
  }
}

extension ObjectGraph {
  /// One dump of a pickler: its stream, and the buffers that it handed out of band.
  public struct Part {
    /// The stream.
    public let stream: ByteSource
    /// The buffers, in the order in which the stream asks for them.
    public let buffers: [ByteSource]

    /// Creates a part from its bytes.
    public init(stream: ByteSource, buffers: [ByteSource] = []) {
      self.stream = stream
      self.buffers = buffers
    }
  }

  /// Reads the pickles `parts`, which share one memo, into a graph with one root for each.
  ///
  /// The graph reads strings and buffers where they are: the sources must stay unchanged as long
  /// as it is used.
  ///
  /// - Throws: ``PickleError`` for what is not a whole pickle and nothing else. Nothing is imported
  ///   or called.
  public static func scan(_ parts: [Part]) throws(PickleError) -> ObjectGraph {
    var scanner = PickleScanner(expecting: parts.reduce(0) { $0 + $1.stream.count })
    for part in parts { try scanner.scan(part) }
    return try scanner.finish()
  }

  /// Reads the pickle that begins at `offset` of a source, which may have more behind its end.
  ///
  /// - Throws: ``PickleError`` for what is not a pickle. Nothing is imported or called.
  public static func scan(
    _ source: ByteSource, from offset: Int
  ) throws(PickleError) -> (graph: ObjectGraph, end: Int) {
    var scanner = PickleScanner(expecting: min(source.count - offset, 1 << 12))
    try scanner.scan(Part(stream: source), from: offset)
    let end = scanner.reader.offset
    return (try scanner.finish(), end)
  }

  /// Reads one pickle of a tuple of `count` values into a graph with one root for each.
  ///
  /// - Throws: ``PickleError`` for what is no such pickle.
  public static func scan(tuple part: Part, count: Int) throws(PickleError) -> ObjectGraph {
    var graph = try scan([part])
    let elements = Array(graph.children(of: graph.roots[0]))
    guard graph.kind(of: graph.roots[0]) == .tuple, elements.count == count else {
      throw .irregular(offset: 0, reason: "no tuple of \(count) values")
    }
    graph.roots = elements
    return graph
  }
}
