/// A pickle that was planned but not copied together: what is short stands in `literal`, what is
/// long stays where it is.
public struct Emission {
  /// A stretch of the pickle.
  public enum Piece {
    /// A range of ``Emission/literal``.
    case literal(Range<Int>)
    /// A range of bytes in memory.
    case memory(ByteSource, Range<Int>)
    /// All bytes of a blob.
    case blob(Blob)
  }

  /// The bytes of the literal pieces.
  public internal(set) var literal: [UInt8] = []
  /// The stretches, in order, without gaps.
  public internal(set) var pieces: [Piece] = []
  /// The number of bytes of the pickle.
  public internal(set) var count = 0

  /// Says whether the pickle is exactly `source`, without copying it together.
  ///
  /// Blobs never equal memory: the emission must come from a graph over memory.
  public func isExactly(_ source: ByteSource) -> Bool {
    guard count == source.count else { return false }
    var offset = 0
    for piece in pieces {
      switch piece {
      case .literal(let range):
        guard source.equal(offset..<(offset + range.count), to: literal[range]) else {
          return false
        }
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
    for piece in pieces {
      switch piece {
      case .literal(let range): output += literal[range]
      case .memory(let source, let range): source.append(range, to: &output)
      case .blob(let blob): output += try read(blob)
      }
    }
    return output
  }
}
