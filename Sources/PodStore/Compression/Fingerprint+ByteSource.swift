import PodPickle

extension Fingerprint {
  /// The length of a segment: of more bytes, the fingerprint is that of their segments', so that one
  /// segment that changed is read alone.
  static let segment = 256 << 10

  /// Computes the fingerprint of all of `source`, in place.
  init(of source: ByteSource) { self.init(of: source, 0..<source.count) }

  /// Computes the fingerprint of a range of `source`, in place.
  init(of source: ByteSource, _ range: Range<Int>) {
    if range.count <= Self.segment {
      self = unsafe source.withBytes(in: range) { unsafe Fingerprint(of: $0) }
    } else {
      self.init(of: Self.ofSegments(of: source, range))
    }
  }

  /// Computes the fingerprints of the segments of a range.
  static func ofSegments(of source: ByteSource, _ range: Range<Int>) -> [Fingerprint] {
    stride(from: range.lowerBound, to: range.upperBound, by: segment).map { start in
      Fingerprint(of: source, start..<min(start + segment, range.upperBound))
    }
  }
}
