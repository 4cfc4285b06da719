public import PodModel
import PodPickle

extension PodWriter {
  /// Adds a pod and returns its name, reading the bytes in place.
  public mutating func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> PodID {
    try put(unsafe RawSpan(_unsafeBytes: bytes))
  }

  /// Adds a data pod and returns its name.
  private mutating func putData(_ piece: Blob.Piece) throws(StoreError) -> PodID {
    try unsafe piece.source.withBytes(in: piece.range) { bytes throws(StoreError) in
      try putData(
        unsafe RawSpan(_unsafeBytes: bytes), at: [piece.site, piece.siteAfterLast])
    }
  }

  /// Cuts `range` of `source` into pods and puts them; see ``Blob/put(_:_:at:put:putData:)``.
  mutating func put(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite
  ) throws(StoreError) -> Blob {
    if range.count >= DataPods.minimumCount { return try putLong(source, range, at: site) }
    return try Blob.put(source, range, at: site) { bytes, site throws(StoreError) in
      try put(bytes, at: site)
    } putData: { piece throws(StoreError) in
      try putData(piece)
    }
  }

  private mutating func putLong(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite
  ) throws(StoreError) -> Blob {
    var pods = DataPods(source, range)
    var made = pods.next()
    return try Blob.put(source, range, at: site) { start in
      if start > range.lowerBound { made = pods.next() }
      return made.end
    } put: { bytes, site throws(StoreError) in
      try put(bytes, at: site)
    } putData: { piece throws(StoreError) in
      try putData(made.pod, named: made.id, at: [piece.site, piece.siteAfterLast])
    }
  }
}
