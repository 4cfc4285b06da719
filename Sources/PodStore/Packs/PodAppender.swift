import PodModel
import PodPickle

/// What the index says of a pod.
struct PodRow {
  let id: PodID
  /// Where it is.
  ///
  /// Before it is in the index, the pack is an index among those of ``PodAppender/flush()``.
  var location: PodLocation
  /// The beginning of the name of the pod that it is kept as the difference from.
  let base: UInt64?
  /// Whether it needs no other pods, as a piece of a long run of bytes; nil if nobody looked.
  let isLeaf: Bool?
}

/// A pod that another may be kept as the difference from.
struct DeltaBase {
  let id: PodID
  let bytes: [UInt8]
}

/// The row of a pack.
struct WrittenPack {
  let name: String
  /// The number of bytes in use.
  let bytes: Int64
}

/// A pack that takes no more pods, locked for as long as this is kept.
final class FilledPack: Sendable {
  /// Its row.
  let row: WrittenPack
  /// Whether no transaction could know the pack when it was filled.
  let isNew: Bool
  private let pack: OpenPack

  /// Flushes the pack.
  init(_ pack: consuming OpenPack) throws(StoreError) {
    var pack = pack
    isNew = pack.isNew
    try pack.flush()
    row = WrittenPack(name: pack.name, bytes: pack.end)
    self.pack = pack
  }
}

/// Appends the pods of one writer to packs that no other writer has.
struct PodAppender: ~Copyable {
  private let engine: Engine
  /// What compresses the first pods of objects, and what compresses all else.
  private var thoroughDeflater: Deflater?
  private var fastDeflater: Deflater?
  private var differ: DeltaCompressor?
  /// The pack that takes the next pod, once there is one.
  private var pack: OpenPack?
  /// The packs that were filled since the last transaction, still locked: until then nothing else
  /// says that they are needed.
  private var filled: [FilledPack] = []
  /// The pods that were appended since the last transaction.
  private(set) var pending: [PodRow] = []
  /// Their stored bytes.
  private(set) var pendingBytes: Int64 = 0
  /// Whether a transaction that is not known to have failed may name the pending pods.
  private var wasFlushed = false

  /// Up to so many stored bytes objects are compressed thoroughly; it takes some milliseconds.
  private static let thoroughLimit: Int64 = 64 << 10

  /// Whether packs are shared with other writers of this process, one after the other.
  private let usesIdlePacks: Bool

  init(engine: Engine, usesIdlePacks: Bool = true) {
    self.engine = engine
    self.usesIdlePacks = usesIdlePacks
  }

  /// Appends a pod: compressed if that is likely to pay, or as its difference from `base` if that
  /// takes less than seven eighths of it; returns whether it does.
  mutating func append(
    _ id: PodID, _ bytes: RawSpan, base: DeltaBase? = nil
  ) throws(StoreError) -> Bool {
    let compressed = compressed(bytes)
    let best = compressed?.count ?? bytes.byteCount
    let isLeaf = bytes.byteCount > 0 && bytes.byte(at: 0) == PodFormat.dataKind
    if let base, let delta = delta(bytes, from: base, limit: best * 7 / 8) {
      let place = try append(.delta, delta, count: bytes.byteCount)
      pending.append(PodRow(id: id, location: place, base: base.id.prefix, isLeaf: isLeaf))
      return true
    }
    let place =
      if let compressed { try append(.zlib, compressed, count: bytes.byteCount) } else {
        try append(.raw, bytes, count: bytes.byteCount)
      }
    pending.append(PodRow(id: id, location: place, base: nil, isLeaf: isLeaf))
    return false
  }

  /// Appends a pod as it is kept elsewhere.
  mutating func append(_ pod: PodRow, stored: RawSpan) throws(StoreError) {
    var pod = pod
    pod.location = try append(pod.location.codec, stored, count: pod.location.count)
    pending.append(pod)
  }

  /// Appends pods whose records stand one behind the other in `range` of another pack.
  mutating func append(
    _ pods: ArraySlice<PodRow>, recordsIn range: Range<Int64>, of source: borrowing File
  ) throws(StoreError) {
    var pack = try takePack()
    let start: Int64
    do throws(StoreError) {
      start = try pack.append(recordsIn: range, of: source)
    } catch {
      self.pack = consume pack
      throw error
    }
    self.pack = consume pack
    for var pod in pods {
      pod.location.pack = Int64(filled.count)
      pod.location.position += start - range.lowerBound
      pending.append(pod)
      pendingBytes += Int64(pod.location.storedCount)
    }
  }

  private mutating func append(
    _ codec: Codec, _ stored: [UInt8], count: Int
  ) throws(StoreError) -> PodLocation {
    try stored.withSpan { stored throws(StoreError) in
      try append(codec, stored, count: count)
    }
  }

  private mutating func append(
    _ codec: Codec, _ stored: RawSpan, count: Int
  ) throws(StoreError) -> PodLocation {
    var pack = try takePack()
    let position: Int64
    do throws(StoreError) {
      position = try pack.append(codec: codec, stored: stored, count: count)
    } catch {
      self.pack = consume pack
      throw error
    }
    self.pack = consume pack
    pendingBytes += Int64(stored.byteCount)
    return PodLocation(
      pack: Int64(filled.count), position: position, storedCount: stored.byteCount, count: count,
      codec: codec)
  }

  /// The stored form of a delta: the beginning of the base's name, then the difference.
  private mutating func delta(_ bytes: RawSpan, from base: DeltaBase, limit: Int) -> [UInt8]? {
    guard bytes.byteCount <= Delta.byteLimit, base.bytes.count <= Delta.byteLimit else {
      return nil
    }
    let differ = differ.take() ?? DeltaCompressor()
    let delta = differ.compress(bytes, base: base.bytes, limit: limit - 8)
    self.differ = consume differ
    guard let delta else { return nil }
    var stored: [UInt8] = []
    stored.append(littleEndian: base.id.prefix)
    return stored + delta
  }

  /// Takes the pack for the next pod out of its place; a full one is closed for ever.
  private mutating func takePack() throws(StoreError) -> OpenPack {
    guard let pack = pack.take() else {
      if usesIdlePacks, let idle = engine.idlePacks.take() { return idle }
      return try OpenPack.create(in: engine.packs)
    }
    if pack.end < PackFormat.sizeLimit { return pack }
    filled.append(try FilledPack(pack))
    return try OpenPack.create(in: engine.packs)
  }

  /// Returns when all pending pods are on the disk, with the packs that hold them.
  ///
  /// From then on they are kept for ever, since even a transaction that failed may have named
  /// them. After an error nothing is known of the pods of the last pack, which is given up.
  mutating func flush() throws(StoreError) -> [WrittenPack] {
    let full = filled.map(\.row)
    guard !pending.isEmpty, var pack = pack.take() else { return full }
    try pack.flush()
    let written = WrittenPack(name: pack.name, bytes: pack.end)
    self.pack = consume pack
    wasFlushed = true
    return full + [written]
  }

  /// A moment between two pods.
  struct Mark {
    fileprivate let pending: Int
    fileprivate let pendingBytes: Int64
    fileprivate let pack: String?
    fileprivate let end: Int64
  }

  /// The present moment.
  var mark: Mark {
    switch pack {
    case .some(let pack):
      Mark(
        pending: pending.count, pendingBytes: pendingBytes, pack: pack.name, end: pack.end)
    case .none: Mark(pending: pending.count, pendingBytes: pendingBytes, pack: nil, end: 0)
    }
  }

  /// Takes back the pods that were appended since; returns their names.
  ///
  /// Where another pack was begun meanwhile, bytes of them stay behind as garbage.
  mutating func takeBack(to mark: Mark) throws(StoreError) -> [PodID] {
    let names = pending[mark.pending...].map(\.id)
    pending.removeSubrange(mark.pending...)
    pendingBytes = mark.pendingBytes
    guard var pack = pack.take() else { return names }
    if mark.pack == nil {
      // All that is in it and was not flushed came since.
      try pack.takeBack()
    } else if pack.name == mark.pack {
      try pack.takeBack(to: mark.end)
    }
    self.pack = consume pack
    return names
  }

  /// Forgets the pending pods: they are in the index.
  mutating func clear() {
    pending.removeAll()
    pendingBytes = 0
    filled.removeAll()
    wasFlushed = false
  }

  /// Takes back what is pending, and gives the pack to the next writer.
  consuming func finish() {
    do throws(StoreError) {
      for pack in filled where pack.isNew && !wasFlushed {
        try Directory.remove(OpenPack.path(of: pack.row.name, in: engine.packs))
      }
      guard var pack = pack.take() else { return }
      try pack.takeBack()
      if usesIdlePacks, pack.end < PackFormat.sizeLimit { engine.idlePacks.give(pack) }
    } catch {
      // What could not be taken back is garbage in a pack that nobody writes to any more.
    }
  }

  private mutating func compressed(_ bytes: RawSpan) -> [UInt8]? {
    guard Compressibility.isLikely(bytes) else { return nil }
    let limit = Compressibility.limit(for: bytes.byteCount)
    // A small change is to take little room; nobody is to wait for a large one.
    let isThorough =
      bytes.byte(at: 0) != PodFormat.dataKind && pendingBytes < Self.thoroughLimit
    let deflater =
      isThorough
      ? thoroughDeflater.take() ?? Deflater(.thorough) : fastDeflater.take() ?? Deflater(.fast)
    let compressed = deflater.compress(bytes, limit: limit)
    if isThorough { thoroughDeflater = consume deflater } else { fastDeflater = consume deflater }
    return compressed
  }
}
