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
    var stretches: [Blob.Stretch] = []
    let blob: Blob
    if let (before, changes) = sights.cut(of: source), try relies(on: before.blob.pod) {
      var walk = StretchWalk(before.stretches, without: changes)
      let cutter = ContentCutter(forCount: source.count)
      blob = try Blob.put(source, 0..<source.count, at: site) { start in
        walk.stretch(at: start)
      } cut: { start in
        cutter.end(of: source, from: start, to: source.count)
      } keep: {
        stretches.append($0)
      } put: { bytes, site throws(StoreError) in
        try put(bytes, at: site)
      } putData: { piece throws(StoreError) in
        try putData(piece)
      }
    } else {
      blob = try putLong(source, 0..<source.count, at: site) { stretches.append($0) }
    }
    sights.note(stretches, of: blob, for: source)
    return blob
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
      try putData(made.pod, named: made.id, at: [piece.site, piece.siteAfterLast])
    }
  }
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
