import PodModel
import PodPickle
import Synchronization

/// The data pods of a long run of bytes, made by two threads that are some pieces ahead.
///
/// To cut and to hash takes most of the time of a save of large arrays; meanwhile the pods before
/// are looked up and put. There is one stretch ahead. What is hashed is a copy, the one that is put:
/// bytes that something changes meanwhile, against the rules, make no pod with another's name.
@safe struct DataPods: ~Copyable {
  /// A piece: where it ends, and its pod.
  struct Piece: Sendable {
    let end: Int
    let id: PodID
    let pod: [UInt8]

    /// Copies `bytes` into a pod, and names the copy.
    init(end: Int, copying bytes: UnsafeRawBufferPointer, _ digest: borrowing Digest) {
      var pod: [UInt8] = []
      pod.reserveCapacity(1 + bytes.count)
      pod.append(PodFormat.dataKind)
      pod.append(unsafe RawSpan(_unsafeBytes: bytes))
      self.end = end
      id = pod.withSpan { digest($0) }
      self.pod = pod
    }
  }

  /// Shorter runs are not worth a thread.
  static let minimumCount = 1 << 20

  private static let stretch = 4 << 20

  private final class Found: Sendable {
    let pieces = Mutex<[Piece]>([])
  }

  private let source: ByteSource
  private let limit: Int
  private let cutter: ContentCutter
  private var pieces: ArraySlice<Piece> = []
  private var arrived: [PodID] = []
  private var ahead = Found()
  private var work: ConcurrentWork?

  /// Begins with `range` of `source`, which must stay as it is.
  init(_ source: ByteSource, _ range: Range<Int>) {
    self.source = source
    limit = range.upperBound
    cutter = ContentCutter(forCount: range.count)
    begin(at: range.lowerBound)
  }

  /// The next piece; there is one up to the end of the range.
  mutating func next() -> Piece {
    if pieces.isEmpty {
      work = nil
      pieces = ahead.pieces.withLock { $0[...] }
      arrived = pieces.map(\.id)
      if let last = pieces.last, last.end < limit { begin(at: last.end) }
    }
    return pieces.removeFirst()
  }

  /// Returns the names of the pieces that were made since the last call.
  mutating func takeArrived() -> [PodID] {
    defer { arrived.removeAll() }
    return arrived
  }

  private mutating func begin(at start: Int) {
    let (found, limit, cutter) = (Found(), limit, cutter)
    // Where the bytes are goes to the thread as a number: they are the caller's, who waits for it.
    let address = unsafe source.withBytes(in: 0..<source.count) { UInt(bitPattern: $0.baseAddress) }
    let count = source.count
    ahead = found
    work = ConcurrentWork {
      let bytes = unsafe UnsafeRawBufferPointer(
        start: UnsafeRawPointer(bitPattern: address), count: count)
      let source = unsafe ByteSource(borrowing: bytes)
      var ends = [start]
      while let end = ends.last, end < limit, end - start < Self.stretch {
        ends.append(cutter.end(of: source, from: end, to: limit))
      }
      // Each end needs the one before it, but to hash, which takes longer, can be parted.
      let middle = ends.count / 2
      let (half, rest) = (ends[0...middle], ends[middle...])
      let second = Found()
      let secondWork = ConcurrentWork {
        let pieces = Self.pieces(ending: rest, at: address)
        second.pieces.withLock { $0 = pieces }
      }
      let pieces = Self.pieces(ending: half, at: address)
      _ = consume secondWork
      found.pieces.withLock { $0 = pieces + second.pieces.withLock { $0 } }
    }
  }

  /// Returns the pieces between `ends` of the bytes at `address`.
  private static func pieces(ending ends: ArraySlice<Int>, at address: UInt) -> [Piece] {
    let digest = Digest()
    return zip(ends, ends.dropFirst()).map { start, end in
      let bytes = unsafe UnsafeRawBufferPointer(
        start: UnsafeRawPointer(bitPattern: address + UInt(start)), count: end - start)
      return unsafe Piece(end: end, copying: bytes, digest)
    }
  }
}
