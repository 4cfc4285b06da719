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

  private(set) var emission = Emission()
  private let keepsBytes: Bool
  private var literalStart = 0
  /// The total before the open frame's header, and where the header stands in the literal.
  private var frame: (total: Int, literal: Int)?
  private var isFraming = true
  /// Literal bytes that were counted and dropped.
  private var dropped = 0
  private var memoized: UInt32 = 0

  /// Creates a writer; without `keepsBytes` it only counts.
  init(protocolVersion: UInt8, keepsBytes: Bool) {
    self.keepsBytes = keepsBytes
    emission.literal = [Opcode.proto, protocolVersion]
  }

  /// The number of bytes so far.
  private var total: Int { literalTotal + payloadTotal }
  private var literalTotal: Int { dropped + emission.literal.count }
  private var payloadTotal = 0

  /// Ends the pickle.
  mutating func finish() -> Emission {
    byte(Opcode.stop)
    closeFrame()
    cutLiteral()
    emission.count = total
    return emission
  }

  /// Marks a place between two objects, where a frame may end.
  mutating func boundary() {
    guard let frame, total - frame.total - Self.frameHeader >= Self.frameTarget else { return }
    closeFrame()
    if !keepsBytes {
      dropped += emission.literal.count
      emission.literal.removeAll(keepingCapacity: true)
    }
  }

  @inline(__always)
  mutating func byte(_ byte: UInt8) {
    if frame == nil { openFrame() }
    emission.literal.append(byte)
  }

  mutating func integer<T: FixedWidthInteger>(_ value: T) {
    if frame == nil { openFrame() }
    emission.literal.append(littleEndian: value)
  }

  /// Writes a payload in memory that is never long enough to leave the frame.
  @inline(__always)
  mutating func short(_ node: ObjectGraph.Node, of graph: borrowing ObjectGraph) {
    if frame == nil { openFrame() }
    graph.appendPayload(of: node, to: &emission.literal)
  }

  /// Writes a length opcode and a payload, outside of the frames if it is long.
  mutating func payload(_ node: ObjectGraph.Node, of graph: borrowing ObjectGraph, header: [UInt8])
  {
    let count = graph.payloadCount(of: node)
    let bypasses = count >= Self.frameTarget
    if bypasses {
      closeFrame()
      isFraming = false
    }
    for byte in header { self.byte(byte) }
    if count < Self.referenceThreshold {
      short(node, of: graph)
    } else {
      cutLiteral()
      payloadTotal += count
      if keepsBytes {
        switch graph.payload(of: node) {
        case .memory(let source, let range): emission.pieces.append(.memory(source, range))
        case .blob(let blob): emission.pieces.append(.blob(blob))
        }
      }
    }
    isFraming = true
  }

  private mutating func openFrame() {
    guard isFraming else { return }
    frame = (total, emission.literal.count)
    emission.literal.append(contentsOf: repeatElement(0, count: Self.frameHeader))
  }

  private mutating func closeFrame() {
    guard let open = frame else { return }
    let length = total - open.total - Self.frameHeader
    if length >= Self.frameMinimum {
      emission.literal[open.literal] = Opcode.frame
      for index in 0..<8 {
        emission.literal[open.literal + 1 + index] = UInt8(
          truncatingIfNeeded: length >> (8 * index))
      }
    } else {
      emission.literal.removeSubrange(open.literal..<(open.literal + Self.frameHeader))
    }
    frame = nil
  }

  /// Ends the literal piece that is being written.
  private mutating func cutLiteral() {
    let end = emission.literal.count
    if keepsBytes, end > literalStart { emission.pieces.append(.literal(literalStart..<end)) }
    literalStart = end
  }
}
