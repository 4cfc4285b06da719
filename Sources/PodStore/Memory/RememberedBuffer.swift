import PodPickle

/// Where a long buffer is in memory.
struct BufferKey: Hashable {
  let address: UInt
  let count: Int

  init(of source: ByteSource) {
    address = unsafe source.withBytes(in: 0..<source.count) {
      UInt(bitPattern: $0.baseAddress)
    }
    count = source.count
  }

  /// The pages that hold nothing else.
  var wholePages: Range<UInt> {
    let mask = WriteProtection.pageSize - 1
    return (address + mask) & ~mask..<(address + UInt(count)) & ~mask
  }
}

/// The bytes of a buffer that share their page with something else.
struct BufferEdges: Equatable {
  private let head: Fingerprint
  private let tail: Fingerprint

  init(of source: ByteSource, _ key: BufferKey) {
    let pages = key.wholePages
    head = Fingerprint(of: source, 0..<Int(pages.lowerBound - key.address))
    tail = Fingerprint(of: source, Int(pages.upperBound - key.address)..<key.count)
  }
}

/// What a capture saw of a long buffer.
struct BufferSight {
  /// Where it is.
  let key: BufferKey
  /// The fingerprint of its bytes, as ``Fingerprint/init(of:_:)`` makes it.
  let print: Fingerprint
  /// The round in which it was taken.
  let round: UInt32
  let edges: BufferEdges
  /// Whether the round found out which pages of it were written.
  let isWatched: Bool
}

/// The pods that a buffer was cut into.
struct CutBuffer {
  let blob: Blob
  let stretches: [Blob.Stretch]
  /// The round before which all of it was read.
  let round: UInt32
  let edges: BufferEdges
}

/// What is known of a buffer since it was captured last.
struct RememberedBuffer {
  /// The last round it was a part of.
  let lastUse: UInt32
  /// Whether most of it was written between two captures; until it rests once, it is not watched.
  var isVolatile: Bool
  let round: UInt32
  let edges: BufferEdges
  /// The fingerprints of its segments.
  let prints: [Fingerprint]
  /// What it was cut into last.
  var cut: CutBuffer?
}

extension [Fingerprint] {
  /// Takes the fingerprints of those segments of a buffer anew that have bytes of `changes`, which
  /// ascend; returns the number of bytes that were read.
  mutating func renew(of source: ByteSource, _ changes: [Range<Int>]) -> Int {
    var read = 0
    var next = 0
    for change in changes where !change.isEmpty {
      let last = (change.upperBound - 1) / Fingerprint.segment
      for number in Swift.max(next, change.lowerBound / Fingerprint.segment)...Swift.max(next, last)
      where number < count {
        let start = number * Fingerprint.segment
        let end = Swift.min(start + Fingerprint.segment, source.count)
        self[number] = Fingerprint(of: source, start..<end)
        read += end - start
      }
      next = Swift.max(next, last + 1)
    }
    return read
  }
}
