import PodPickle

/// A buffer that was written here and there since it was cut, cut again as far as that matters.
///
/// Where a piece ends depends on its bytes alone. So behind a change the cutter goes on until a border
/// falls on an old one, and the old pieces are right again.
struct RecutBuffer {
  /// What it was before.
  let before: Blob
  /// What it is cut into now.
  private(set) var stretches: [Blob.Stretch] = []
  /// The pods of those that are new, which are copies, by their positions.
  private(set) var pods: [(position: Int, pod: [UInt8])] = []

  /// Cuts `source`, of which only `changes`, which ascend, may be otherwise than they were.
  init(_ source: ByteSource, cutBefore: CutBuffer, changes: [Range<Int>]) {
    before = cutBefore.blob
    let cutter = ContentCutter(forCount: source.count)
    let digest = Digest()
    var walk = StretchWalk(cutBefore.stretches, without: changes)
    var start = 0
    while start < source.count {
      if let known = walk.stretch(at: start) {
        stretches.append(known)
        start = known.end
      } else {
        let end = cutter.end(of: source, from: start, to: source.count)
        let piece = unsafe source.withBytes(in: start..<end) {
          unsafe DataPods.Piece(end: end, copying: $0, digest)
        }
        pods.append((stretches.count, piece.pod))
        stretches.append(Blob.Stretch(from: start, to: end, of: source, pod: piece.id))
        start = end
      }
    }
  }

  /// How many bytes its new pods have.
  var byteCount: Int { pods.reduce(0) { $0 + $1.pod.count } }
}

/// The stretches that a buffer was cut into before, from the first to the last.
private struct StretchWalk {
  private let stretches: [Blob.Stretch]
  private let changes: [Range<Int>]
  private var next = 0
  private var nextChange = 0

  /// Begins with `stretches`, of which those with bytes of `changes`, which ascend, are left out.
  init(_ stretches: [Blob.Stretch], without changes: [Range<Int>]) {
    self.stretches = stretches
    self.changes = changes.filter { !$0.isEmpty }
  }

  /// The stretch that begins at `start`, where each call is further on than the last; nil if there
  /// was none, or if it may have changed.
  mutating func stretch(at start: Int) -> Blob.Stretch? {
    while next < stretches.count, (next > 0 ? stretches[next - 1].end : 0) < start { next += 1 }
    guard next < stretches.count, (next > 0 ? stretches[next - 1].end : 0) == start else {
      return nil
    }
    while nextChange < changes.count, changes[nextChange].upperBound <= start { nextChange += 1 }
    let end = stretches[next].end
    if nextChange < changes.count, changes[nextChange].lowerBound < end { return nil }
    return stretches[next]
  }
}
