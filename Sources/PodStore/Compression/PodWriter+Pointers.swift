public import PodModel
import PodPickle

extension PodWriter {
  /// Adds a pod and returns its name, reading the bytes in place.
  public mutating func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> PodID {
    try put(unsafe RawSpan(_unsafeBytes: bytes))
  }

  /// Adds a data pod with the bytes in `range` of `source` and returns its name.
  mutating func putData(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite
  ) throws(StoreError) -> PodID {
    try unsafe source.withBytes(in: range) { bytes throws(StoreError) in
      try putData(unsafe RawSpan(_unsafeBytes: bytes), at: site)
    }
  }

  /// Cuts `range` of `source` into pods and puts them; see ``Blob/put(_:_:at:put:putData:)``.
  mutating func put(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite
  ) throws(StoreError) -> Blob {
    try Blob.put(source, range, at: site) { bytes, site throws(StoreError) in
      try put(bytes, at: site)
    } putData: { source, range, site throws(StoreError) in
      try putData(source, range, at: site)
    }
  }
}
