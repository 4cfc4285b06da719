/// Writes opcodes into an emission, in the frames that CPython's C pickler makes.
///
/// A frame (PEP 3154) is closed at the first opcode boundary past 64 KiB;
/// payloads of 64 KiB and more stand between frames; a frame of fewer than
/// four bytes loses its header.
struct PickleWriter {
  private static let frameTarget = 64 << 10
  private static let frameHeader = 9
  private static let frameMinimum = 4
  /// Payloads from this length on are not copied.
  private static let referenceThreshold = 4096

  let keepsBytes: Bool
  private var literal: GrowingBytes
  private var pieces: [Emission.Piece] = []
  /// Where the piece of literal bytes begins that is being written.
  private var literalStart = 0
  /// Where the header of the open frame stands in the literal; negative if none is open.
  private var frame = -1
  /// The length of the literal from which on the frame is full.
  private var frameLimit = Int.max
  /// The total before the open frame's header.
  private var frameTotal = 0
  private var isFraming = true
  /// Literal bytes that were counted and dropped.
  private var dropped = 0
  private var payloadTotal = 0

  /// Creates a writer; without `keepsBytes` it only counts.
  init(protocolVersion: UInt8, keepsBytes: Bool) {
    self.init(protocolVersion: protocolVersion, keepsBytes: keepsBytes, GrowingBytes())
  }

  private init(protocolVersion: UInt8, keepsBytes: Bool, _ memory: GrowingBytes) {
    self.keepsBytes = keepsBytes
    literal = memory
    literal.removeAll()
    literal.append(Opcode.proto)
    literal.append(protocolVersion)
  }

  /// Begins anew; bytes that are kept need memory of their own, for about as many as `expected`.
  mutating func restart(protocolVersion: UInt8, expecting expected: @autoclosure () -> Int) {
    let memory = keepsBytes ? GrowingBytes(expecting: expected()) : literal
    self = PickleWriter(protocolVersion: protocolVersion, keepsBytes: keepsBytes, memory)
  }

  /// The number of bytes so far.
  private var total: Int { dropped + literal.count + payloadTotal }

  /// The number of bytes that nothing will change.
  @inline(__always)
  var settledCount: Int { frame < 0 ? total : frameTotal }

  /// What is settled.
  var emission: Emission {
    Emission(literal: literal, pieces: pieces, count: settledCount)
  }

  /// The number of bytes of the memory in use.
  var memoryFootprint: Int {
    literal.footprint + pieces.capacity * MemoryLayout<Emission.Piece>.stride
  }

  /// Ends the pickle.
  mutating func finish() {
    byte(Opcode.stop)
    closeFrame()
    settle()
  }

  /// Puts all that is settled into the pieces.
  mutating func settle() { cutLiteral(at: frame < 0 ? literal.count : frame) }

  /// Marks a place between two objects, where a frame may end.
  @inline(__always)
  mutating func boundary() {
    if literal.count >= frameLimit { endFrame() }
  }

  private mutating func endFrame() {
    closeFrame()
    if !keepsBytes {
      dropped += literal.count
      literal.removeAll()
    }
  }

  @inline(__always)
  mutating func byte(_ byte: UInt8) {
    if frame < 0 { openFrame() }
    literal.append(byte)
  }

  mutating func integer<T: FixedWidthInteger>(_ value: T) {
    if frame < 0 { openFrame() }
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      literal.append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }

  /// Writes a payload in memory that is never long enough to leave the frame.
  @inline(__always)
  mutating func short(_ tree: Tree, of source: borrowing some TreeSource) {
    if frame < 0 { openFrame() }
    source.append(payloadOf: tree, to: &literal)
  }

  /// Writes a length opcode and a payload, outside of the frames if it is long.
  mutating func payload(_ tree: Tree, of source: borrowing some TreeSource, header: [UInt8]) {
    if tree.count >= Self.frameTarget {
      closeFrame()
      isFraming = false
    }
    for byte in header { self.byte(byte) }
    if tree.form == .text, tree.count < Self.referenceThreshold {
      short(tree, of: source)
    } else {
      cutLiteral(at: literal.count)
      payloadTotal += tree.count
      if frame >= 0 { frameLimit -= tree.count }
      if keepsBytes { addPiece(tree, of: source) }
    }
    isFraming = true
  }

  private mutating func addPiece(_ tree: Tree, of source: borrowing some TreeSource) {
    if tree.form == .blob {
      pieces.append(.blob(source.blob(of: tree)))
    } else {
      let (bytes, range) = source.payload(of: tree)
      pieces.append(.memory(bytes, range))
    }
  }

  private mutating func openFrame() {
    guard isFraming else { return }
    frameTotal = total
    frame = literal.count
    literal.append(repeating: 0, count: Self.frameHeader)
    frameLimit = literal.count + Self.frameTarget
  }

  private mutating func closeFrame() {
    guard frame >= 0 else { return }
    let length = total - frameTotal - Self.frameHeader
    if length >= Self.frameMinimum {
      literal[frame] = Opcode.frame
      for index in 0..<8 {
        literal[frame + 1 + index] = UInt8(truncatingIfNeeded: length >> (8 * index))
      }
    } else {
      literal.remove(frame..<(frame + Self.frameHeader))
    }
    frame = -1
    frameLimit = .max
  }

  /// Ends the literal piece that is being written.
  private mutating func cutLiteral(at end: Int) {
    guard end > literalStart else { return }
    if keepsBytes { pieces.append(.literal(literalStart..<end)) }
    literalStart = end
  }
}
