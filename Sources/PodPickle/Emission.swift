/// A pickle that was planned but not copied together: what is short stands in `literal`, what is
/// long stays where it is.
public struct Emission {
  /// A stretch of the pickle.
  public enum Piece {
    /// Bytes that the emission has itself.
    case literal(Range<Int>)
    /// A range of bytes in memory.
    case memory(ByteSource, Range<Int>)
    /// All bytes of a blob.
    case blob(Blob)

    /// The number of bytes.
    public var count: Int {
      switch self {
      case .literal(let range), .memory(_, let range): range.count
      case .blob(let blob): blob.count
      }
    }
  }

  /// The bytes of the literal pieces.
  let literal: GrowingBytes
  /// The stretches, in order, without gaps.
  public let pieces: [Piece]
  /// The number of bytes of the pickle.
  public let count: Int

  /// The number of bytes that it has in memory of its own.
  public var memoryFootprint: Int {
    literal.footprint + pieces.capacity * MemoryLayout<Piece>.stride
  }

  /// The bytes in `range` of a stretch; none of a blob.
  public func bytes(of piece: Piece, in range: Range<Int>) -> [UInt8] {
    var output: [UInt8] = []
    switch piece {
    case .literal(let whole):
      let place = whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound
      literal.append(place, to: &output)
    case .memory(let source, let whole):
      let place = whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound
      source.append(place, to: &output)
    case .blob: break
    }
    return output
  }

  /// Says whether the pickle is exactly `source`, without copying it together.
  ///
  /// Blobs never equal memory: the emission must come from a graph over memory.
  public func isExactly(_ source: ByteSource) -> Bool {
    guard count == source.count else { return false }
    var offset = 0
    for piece in pieces {
      switch piece {
      case .literal(let range):
        guard literal.equal(range, to: source, at: offset) else { return false }
        offset += range.count
      case .memory(let other, let range):
        let there = offset..<(offset + range.count)
        let same = source.isIdentical(to: other) && there == range
        guard same || source.equal(there, to: other, range) else { return false }
        offset += range.count
      case .blob: return false
      }
    }
    return true
  }

  /// The whole pickle; for emissions whose blobs the caller has, `read` returns their bytes.
  public func bytes<E>(read: (Blob) throws(E) -> [UInt8]) throws(E) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(count)
    try append(to: &output) { blob, output throws(E) in output += try read(blob) }
    return output
  }

  /// Appends the whole pickle to `output`; `append` appends the bytes of a blob.
  public func append<E>(
    to output: inout [UInt8], blob append: (Blob, inout [UInt8]) throws(E) -> Void
  ) throws(E) {
    for piece in pieces {
      switch piece {
      case .literal(let range): literal.append(range, to: &output)
      case .memory(let source, let range): source.append(range, to: &output)
      case .blob(let blob): try append(blob, &output)
      }
    }
  }
}
