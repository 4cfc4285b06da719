public import PodModel
import PodPickle

extension PodWriter {
  /// Adds a pod and returns its name, reading the bytes in place.
  public mutating func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> PodID {
    try put(unsafe RawSpan(_unsafeBytes: bytes))
  }

  /// Adds a data pod and returns its name.
  ///
  /// What is named is a copy, the one that is put: the bytes are a caller's, and may change.
  private mutating func putData(_ piece: Blob.Piece) throws(StoreError) -> PodID {
    let copy = unsafe piece.source.withBytes(in: piece.range) { bytes in
      unsafe DataPods.Piece(end: piece.range.upperBound, copying: bytes, Digest())
    }
    return try putData(copy.pod, named: copy.id, at: [piece.site, piece.siteAfterLast])
  }

  /// Cuts `range` of `source` into pods and puts them; see ``Blob/put(_:_:at:put:putData:)``.
  mutating func put(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite
  ) throws(StoreError) -> Blob {
    if range.count >= DataPods.minimumCount {
      return try putLong(source, range, at: site, keep: { _ in })
    }
    return try Blob.put(source, range, at: site) { bytes, site throws(StoreError) in
      try put(bytes, at: site)
    } putData: { piece throws(StoreError) in
      try putData(piece)
    }
  }

  /// The same for all of a buffer that `sights` saw, of which no more is cut and hashed than changed.
  mutating func put(
    _ source: ByteSource, at site: PodSite, seen sights: BufferSights
  ) throws(StoreError) -> Blob {
    if let recut = sights.recut(source), try relies(on: recut.before.pod) {
      let blob = try put(recut, of: source, at: site)
      sights.note(recut.stretches, of: blob, for: source)
      return blob
    }
    guard sights.mayRead(source) else { throw .podsCollected }
    var stretches: [Blob.Stretch] = []
    let blob = try putLong(source, 0..<source.count, at: site) { stretches.append($0) }
    sights.note(stretches, of: blob, for: source)
    return blob
  }

  private mutating func put(
    _ recut: RecutBuffer, of source: ByteSource, at site: PodSite
  ) throws(StoreError) -> Blob {
    for (position, pod) in recut.pods {
      let stretch = recut.stretches[position]
      let last = position > 0 ? recut.stretches[position - 1] : nil
      _ = try putData(pod, named: stretch.pod, at: stretch.sites(in: site, after: last))
    }
    var next = 0
    return try Blob.put(source, 0..<source.count, at: site) { _ in
      next += 1
      return recut.stretches[next - 1]
    } cut: { _ in
      preconditionFailure("all stretches are known")
    } put: { bytes, site throws(StoreError) in
      try put(bytes, at: site)
    } putData: { _ throws(StoreError) in
      preconditionFailure("all stretches are known")
    }
  }

  private mutating func putLong(
    _ source: ByteSource, _ range: Range<Int>, at site: PodSite, keep: (Blob.Stretch) -> Void
  ) throws(StoreError) -> Blob {
    var pods = DataPods(source, range)
    var made = pods.next()
    return try Blob.put(source, range, at: site) { start in
      if start > range.lowerBound { made = pods.next() }
      return made.end
    } keep: {
      keep($0)
    } put: { bytes, site throws(StoreError) in
      try put(bytes, at: site)
    } putData: { piece throws(StoreError) in
      try lookUp(pods.takeArrived())
      return try putData(made.pod, named: made.id, at: [piece.site, piece.siteAfterLast])
    }
  }
}
