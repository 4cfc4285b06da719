import PodModel

/// Writes pods into new packs, and then tells the index where they are now.
///
/// Nothing that can be read changes: a reader finds each pod in its old place until the
/// transaction that names the new one, and there the same bytes.
struct PodMover: ~Copyable {
  /// So many rows are remembered before the index is told.
  static let rowLimit = 50_000

  private let engine: Engine
  private var appender: PodAppender
  /// The stored bytes of all pods that were moved.
  private(set) var bytes: Int64 = 0
  /// How many rows one transaction changes: other writers wait for it.
  private let batchCount: Int

  init(engine: Engine, batchCount: Int) {
    self.engine = engine
    self.batchCount = batchCount
    appender = PodAppender(engine: engine, usesIdlePacks: false)
  }

  /// Whether the index should be told now.
  var isFull: Bool { appender.pending.count >= Self.rowLimit }

  /// Writes a pod as it is kept elsewhere.
  mutating func append(_ pod: PodRow, stored: RawSpan) throws(StoreError) {
    try appender.append(pod, stored: stored)
  }

  /// Writes pods whose records stand one behind the other in `range` of a pack.
  mutating func append(
    _ pods: ArraySlice<PodRow>, recordsIn range: Range<Int64>, of pack: SealedPack
  ) throws(StoreError) {
    try appender.append(pods, recordsIn: range, of: pack.file)
  }

  /// Writes a pod anew.
  mutating func append(
    _ id: PodID, _ bytes: [UInt8], base: DeltaBase?
  ) throws(StoreError) {
    _ = try bytes.withSpan { bytes throws(StoreError) in
      try appender.append(id, bytes, base: base)
    }
  }

  /// Tells the index where the pods are that were written since the last time.
  ///
  /// In the order of their names, since rows that stand together are on one page.
  mutating func commit(on connection: borrowing Connection) throws(StoreError) {
    guard !appender.pending.isEmpty else { return }
    bytes += appender.pendingBytes
    let packs = try appender.flush()
    let rows = try connection.change { connection throws(StoreError) in
      let rows = try connection.insert(packs)
      // What was copied has been looked at, and what was written anew is as small as it gets.
      for row in rows { try connection.markCold(row) }
      return rows
    }
    let pods = appender.pending.sorted { $0.id.prefix < $1.id.prefix }
    for start in stride(from: 0, to: pods.count, by: batchCount) {
      try connection.change { connection throws(StoreError) in
        try connection.move(pods[start..<min(start + batchCount, pods.count)], to: rows)
      }
      Connection.letOthersWrite()
    }
    appender.clear()
  }

  /// Takes back what the index was not told of.
  consuming func finish() { appender.finish() }
}

extension Connection {
  /// Sets where pods are; those that are gone stay so.
  fileprivate func move(_ pods: ArraySlice<PodRow>, to packs: [Int64]) throws(StoreError) {
    var update = try prepare(
      """
      UPDATE pod SET pack = ?, position = ?, stored = ?, codec = ?, base = ?,
        leaf = coalesce(?, leaf)
      WHERE id = ?
      """)
    for pod in pods {
      let at = pod.location
      try update.run(
        packs[Int(at.pack)], at.position, Int64(at.storedCount), at.codec.rawValue,
        pod.base.map { Int64(bitPattern: $0) }, pod.isLeaf.map { $0 ? 1 : 0 }, pod.id)
    }
  }
}
