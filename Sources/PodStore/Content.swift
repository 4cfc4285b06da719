public import PodModel
public import PodPickle
import Synchronization

/// The bytes of one version's file, read as far as they are asked for.
///
/// The pods of objects are read up to the end of the range that is asked for, since what comes later
/// in a pickle depends on what came before; long strings and buffers stay in their pods until a range
/// of them is read. All methods may be called from any thread.
public final class Content: Sendable {
  /// The number of bytes.
  public let size: Int64

  private let store: Store
  private let pod: PodID
  private let lease: Lease?
  private let known: Mutex<KnownBytes>
  /// The memory of the object itself, and of the headers of its arrays.
  private static let ownFootprint = MemoryLayout<KnownBytes>.stride + 256
  private let cache = Mutex(Cache())

  /// The index pods that were read, up to a number of entries.
  private struct Cache {
    static let entryLimit = 1 << 16
    var indexes: [PodID: BlobIndex] = [:]
    var entries = 0
  }

  /// The bytes of a blob.
  fileprivate init(_ blob: Blob, lease: Lease? = nil, in store: Store) {
    self.store = store
    pod = blob.pod
    self.lease = lease
    known = Mutex(KnownBytes(blob))
    size = Int64(blob.count)
  }

  /// The pickle of a root, which has `size` bytes.
  fileprivate init(
    root: Int, of pod: PodID, limit: Int, size: Int64, lease: Lease?, in store: Store
  ) {
    self.store = store
    self.pod = pod
    self.lease = lease
    known = Mutex(KnownBytes(PickleStream(of: root, in: pod, limit: limit)))
    self.size = size
  }

  /// The pickle of a tuple of roots.
  fileprivate init(
    tupleOf roots: [Int], of pod: PodID, limit: Int, lease: Lease?, in store: Store
  ) throws(StoreError) {
    self.store = store
    self.pod = pod
    self.lease = lease
    var known = KnownBytes(PickleStream(tupleOf: roots, in: pod, limit: limit))
    try known.advance(to: .max, in: store)
    size = Int64(known.count)
    self.known = Mutex(known)
  }

  /// The number of bytes of memory that the content takes now, about.
  public var memoryFootprint: Int {
    Self.ownFootprint + known.withLock { $0.memoryFootprint }
      + cache.withLock { $0.entries } * BlobIndex.entrySize
  }

  /// Returns `count` bytes from `offset` on, or as many as there are.
  public func read(at offset: Int64, count: Int) throws(StoreError) -> [UInt8] {
    let range = range(at: offset, count: count)
    return try ReadBuffer.bytes(capacity: range.count) { buffer throws(StoreError) in
      try read(range, into: &buffer)
    }
  }

  /// Appends `count` bytes from `offset` on, or as many as there are, to `buffer`.
  public func read(
    at offset: Int64, count: Int, into buffer: inout ReadBuffer
  ) throws(StoreError) {
    try read(range(at: offset, count: count), into: &buffer)
  }

  private func range(at offset: Int64, count: Int) -> Range<Int> {
    guard offset >= 0, offset < size, count > 0 else { return 0..<0 }
    return Int(offset)..<Int(min(size, offset + Int64(min(count, 1 << 40))))
  }

  private func read(_ range: Range<Int>, into buffer: inout ReadBuffer) throws(StoreError) {
    guard !range.isEmpty else { return }
    for part in try parts(in: range) {
      switch part {
      case .bytes(let bytes): buffer.append(bytes.span)
      case .blob(let blob, let range): try append(blob, range, to: &buffer)
      }
    }
  }

  private func parts(in range: Range<Int>) throws(StoreError) -> [KnownBytes.Part] {
    let result = known.withLock { known -> Result<[KnownBytes.Part], StoreError> in
      do throws(StoreError) {
        try known.advance(to: range.upperBound, in: store)
        guard known.count >= range.upperBound, known.isOpen || known.count == size else {
          throw .badPickle(
            .badPod(pod, reason: "it makes \(known.count) bytes instead of \(size)"))
        }
        return .success(known.parts(in: range))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// A stretch of a blob, and where it stands in the index that names it.
  private struct Stretch {
    let blob: Blob
    let range: Range<Int>
    var place: (index: BlobIndex, number: Int)?
  }

  /// Appends `range` of a blob, reading only the pods that hold some of it.
  private func append(
    _ blob: Blob, _ range: Range<Int>, to buffer: inout ReadBuffer
  ) throws(StoreError) {
    var work = [Stretch(blob: blob, range: range)]
    while let next = work.popLast() {
      if let (index, number) = next.place,
        try index.append(next.range, ofPart: number, to: &buffer, in: store.engine)
      {
        continue
      }
      switch try contents(of: next.blob) {
      case .data(let bytes):
        let start = bytes.startIndex
        let range = (start + next.range.lowerBound)..<(start + next.range.upperBound)
        buffer.append(bytes[range].span)
      case .index(let index): work += Self.stretches(of: index, in: next.range).reversed()
      }
    }
  }

  /// Returns what the index of `blob` names, in order, and whether each of them holds bytes; nothing
  /// if the blob itself holds bytes.
  public func parts(of blob: Blob) throws(StoreError) -> [(blob: Blob, isData: Bool)] {
    guard case .index(let index) = try contents(of: blob) else { return [] }
    return index.parts.indices.map { (index.parts[$0], index.isData($0)) }
  }

  private static func stretches(of index: BlobIndex, in range: Range<Int>) -> [Stretch] {
    var start = 0
    var stretches: [Stretch] = []
    for (number, part) in index.parts.enumerated() where start < range.upperBound {
      let inPart = range.clamped(to: start..<(start + part.count))
      if !inPart.isEmpty {
        let inPart = (inPart.lowerBound - start)..<(inPart.upperBound - start)
        stretches.append(Stretch(blob: part, range: inPart, place: (index, number)))
      }
      start += part.count
    }
    return stretches
  }

  private enum Contents {
    case data(ArraySlice<UInt8>)
    case index(BlobIndex)
  }

  private func contents(of blob: Blob) throws(StoreError) -> Contents {
    if let index = cache.withLock({ $0.indexes[blob.pod] }) { return .index(index) }
    let bytes = try store.bytes(of: blob.pod)
    let contents: Blob.Contents
    do { contents = try blob.contents(of: bytes) } catch { throw .badPickle(error) }
    switch contents {
    case .data(let bytes): return .data(bytes)
    case .parts(let parts):
      let index = try BlobIndex(parts, in: store.engine)
      cache.withLock { cache in
        if cache.entries > Cache.entryLimit { cache = Cache() }
        cache.indexes[blob.pod] = index
        cache.entries += parts.count
      }
      return .index(index)
    }
  }
}

/// What is known of the bytes of a file.
private struct KnownBytes {
  /// The number of bytes that are known.
  private(set) var count = 0
  /// The stream that makes the rest, if there is more.
  ///
  /// It is large, and most contents are whole, so it is not kept in line.
  private var stream: [PickleStream]
  private var stretches: [Stretch] = []
  /// All of the bytes, in place of `emission` and `stretches`, if they are few.
  private var whole: [UInt8]?
  /// What the stream has written.
  private var emission: Emission?
  /// Why there will never be more.
  private var failure: StoreError?

  /// A run of bytes that stand together, in memory or in the pods of a blob.
  private struct Stretch {
    let start: Int
    let count: Int
    let piece: Emission.Piece
  }

  /// Bytes, or pods that have them.
  enum Part: Sendable {
    case bytes([UInt8])
    case blob(Blob, Range<Int>)
  }

  /// Files that are no larger are copied together, which takes less than what they were made with.
  private static let copyLimit = 64 << 10

  init(_ blob: Blob) {
    stream = []
    stretches = [Stretch(start: 0, count: blob.count, piece: .blob(blob))]
    count = blob.count
  }

  init(_ stream: PickleStream) { self.stream = [stream] }

  /// Whether there may be more.
  var isOpen: Bool { !stream.isEmpty }

  /// The number of bytes of memory that it takes beside itself, about.
  var memoryFootprint: Int {
    let made = stream.first?.memoryFootprint ?? emission?.memoryFootprint ?? 0
    return made + stream.capacity * MemoryLayout<PickleStream>.stride
      + stretches.capacity * MemoryLayout<Stretch>.stride + (whole?.capacity ?? 0)
  }

  /// Sees to it that the first `target` bytes are known, if there are as many.
  mutating func advance(to target: Int, in store: Store) throws(StoreError) {
    if let failure { throw failure }
    guard count < target, isOpen else { return }
    do throws(PickleError) { try stream[0].advance(to: target) } catch { try fail(error) }
    while let id = stream[0].wanted {
      let bytes = try store.bytes(of: id)
      do throws(PickleError) { try stream[0].supply(bytes) } catch { try fail(error) }
    }
    layOut()
  }

  private mutating func fail(_ error: PickleError) throws(StoreError) {
    stream = []
    failure = .badPickle(error)
    throw .badPickle(error)
  }

  /// Takes over what the stream has written.
  private mutating func layOut() {
    let emission = stream[0].emission
    self.emission = emission
    var start = stretches.last.map { $0.start + $0.count } ?? 0
    for piece in emission.pieces[stretches.count...] {
      stretches.append(Stretch(start: start, count: piece.count, piece: piece))
      start += piece.count
    }
    count = emission.count
    guard stream[0].isWhole else { return }
    stream = []
    if count <= Self.copyLimit { copyTogether() }
  }

  /// Keeps nothing but the bytes, unless some of them are in the pods of a blob.
  private mutating func copyTogether() {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for part in parts(in: 0..<count) {
      guard case .bytes(let piece) = part else { return }
      bytes += piece
    }
    whole = bytes
    emission = nil
    stretches = []
  }

  /// The parts of the bytes in `range`, which are known.
  func parts(in range: Range<Int>) -> [Part] {
    if let whole { return [.bytes(range == whole.indices ? whole : Array(whole[range]))] }
    var parts: [Part] = []
    var index = firstStretch(at: range.lowerBound)
    while index < stretches.count, stretches[index].start < range.upperBound {
      let stretch = stretches[index]
      let lower = max(range.lowerBound, stretch.start) - stretch.start
      let upper = min(range.upperBound, stretch.start + stretch.count) - stretch.start
      parts.append(part(of: stretch.piece, lower..<upper))
      index += 1
    }
    return parts
  }

  private func part(of piece: Emission.Piece, _ range: Range<Int>) -> Part {
    if case .blob(let blob) = piece { return .blob(blob, range) }
    return .bytes(emission?.bytes(of: piece, in: range) ?? [])
  }

  /// The stretch that the byte at `offset` is in.
  private func firstStretch(at offset: Int) -> Int {
    max(0, stretches.indices.partitioningIndex { stretches[$0].start > offset } - 1)
  }
}

extension Store {
  /// Opens the file of a version for reading; nothing is read yet.
  ///
  /// It stays readable as long as it is open, though its commits be removed meanwhile.
  public func open(_ version: Version) throws(StoreError) -> Content {
    let lease = try lease(version)
    return content(of: version, limit: lease.limit, lease: lease)
  }

  /// Opens the file of a version for reading, for as long as the caller keeps a lease on it.
  ///
  /// That its commits were removed after the lease was taken does not matter.
  public func open(_ version: Version, under lease: Lease) -> Content {
    content(of: version, limit: lease.limit, lease: nil)
  }

  private func content(of version: Version, limit: Int, lease: Lease?) -> Content {
    let pod = version.content.pod
    return switch version.content.form {
    case .raw: Content(Blob(count: Int(version.summary.size), pod: pod), lease: lease, in: self)
    case .pickle:
      Content(
        root: version.root, of: pod, limit: limit, size: version.summary.size, lease: lease,
        in: self)
    }
  }

  /// Opens one pickle of a tuple of the values of `versions`, which share what they share.
  ///
  /// The versions must be of one content, kept as a pickle, on which the caller has a lease.
  public func openTuple(
    of versions: [Version], under lease: Lease
  ) throws(StoreError) -> Content {
    precondition(Set(versions.map(\.content)).count == 1, "values of several contents")
    return try Content(
      tupleOf: versions.map(\.root), of: versions[0].content.pod, limit: lease.limit,
      lease: lease, in: self)
  }

  /// Returns the objects of a version that is kept as a pickle, which is root 0 of the graph.
  ///
  /// Only the pods that hold some of them are read. Long strings and buffers are blobs, and stay
  /// unread.
  ///
  /// - Parameters:
  ///   - lease: what keeps the value readable though its commits were removed, if anything does.
  ///   - check: is called for each pod; what it throws ends the reading.
  public func graph(
    of version: Version, under lease: Lease? = nil, check: () throws(StoreError) -> Void = {}
  ) throws(StoreError) -> ObjectGraph {
    let limit = if let lease { lease.limit } else { try limit(of: version.content) }
    var decoder = PodDecoder(
      root: version.content.pod, roots: [version.root], limit: limit)
    while let id = decoder.wanted {
      try check()
      let bytes = try bytes(of: id)
      do { try decoder.supply(bytes) } catch { throw .badPickle(error) }
    }
    return decoder.graph
  }

  /// As many bytes as all roots of a content have as files, and some for the value around them.
  func limit(of content: ContentID) throws(StoreError) -> Int {
    ValueSummary.limit(of: try summaries(of: content))
  }

  /// Returns the bytes of a blob that a graph left unread.
  public func bytes(of blob: Blob) throws(StoreError) -> [UInt8] {
    try open(blob).read(at: 0, count: blob.count)
  }

  /// Opens a blob that a graph left unread, for as long as the caller keeps a lease on what it is of.
  public func open(_ blob: Blob) -> Content { Content(blob, in: self) }
}

extension ValueSummary {
  /// As many bytes as all roots of a content have as files, and some for the value around them.
  static func limit(of roots: [ValueSummary]) -> Int {
    roots.reduce(1024) { $0 &+ Int(clamping: min($1.size, 1 << 40)) }
  }
}
