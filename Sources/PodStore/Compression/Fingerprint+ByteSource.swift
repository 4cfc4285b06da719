import PodPickle

extension Fingerprint {
  /// Computes the fingerprint of all of `source`, in place.
  init(of source: ByteSource) { self.init(of: source, 0..<source.count) }

  /// Computes the fingerprint of a range of `source`, in place.
  init(of source: ByteSource, _ range: Range<Int>) {
    self = unsafe source.withBytes(in: range) { unsafe Fingerprint(of: $0) }
  }
}
