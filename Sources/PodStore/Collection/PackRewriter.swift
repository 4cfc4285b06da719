import PodModel

/// Writes what packs hold into new packs, and removes them.
struct PackRewriter: ~Copyable {
  /// Pods are read together as long as there is no more than this between two of them, in bytes.
  private static let gapLimit: Int64 = 16 << 10
  private static let runLimit: Int64 = 1 << 20

  private let engine: Engine
  /// Reads the index, while ``writing`` changes it.
  private let reading: Connection
  private var mover: PodMover
  private var recompressor = Recompressor()
  /// Packs with pods that could not be read: they stay.
  private var unreadable: Set<Int64> = []

  init(engine: Engine, batchCount: Int) throws(StoreError) {
    self.engine = engine
    reading = try Connection.open(engine.databasePath, for: .reading)
    mover = PodMover(engine: engine, batchCount: batchCount)
  }

  /// Moves what `packs` hold, tells the index on `connection`, and removes them.
  ///
  /// - Parameters:
  ///   - atLeisure: runs the part that takes time.
  ///   - copied: is called with the number of bytes that were copied since the last call.
  /// - Returns: the number of packs that were removed.
  mutating func rewrite(
    _ packs: [SealedPack], on connection: borrowing Connection, copied: (Int64) -> Void
  ) throws(StoreError) -> Int {
    let byRow = Dictionary(uniqueKeysWithValues: packs.map { ($0.survey.row, $0) })
    var select = try reading.pods(inPacks: packs.map(\.survey.row))
    var run: [PodRow] = []
    while try select.step() {
      guard let pod = try select.podRow() else {
        unreadable.insert(select.integer(1))
        continue
      }
      if let last = run.last, !Self.standTogether(run[0], last, pod) {
        copied(try copy(run, from: byRow[last.location.pack]))
        run.removeAll(keepingCapacity: true)
        if mover.isFull { try mover.commit(on: connection) }
      }
      run.append(pod)
    }
    if let last = run.last { copied(try copy(run, from: byRow[last.location.pack])) }
    try mover.commit(on: connection)
    let done = packs.filter { !unreadable.contains($0.survey.row) }
    try connection.removePacks(done.map(\.survey.row))
    for pack in done { try Directory.remove(pack.path) }
    return done.count
  }

  /// Takes back what the index was not told of.
  consuming func finish() { mover.finish() }

  private static func standTogether(_ first: PodRow, _ last: PodRow, _ next: PodRow) -> Bool {
    let end = last.location.position + Int64(last.location.storedCount)
    return next.location.pack == last.location.pack && next.location.position >= end
      && next.location.position - end <= gapLimit
      && next.location.position - first.location.position < runLimit
  }

  /// Copies pods that stand together; returns the number of stored bytes.
  private mutating func copy(
    _ run: [PodRow], from pack: SealedPack?
  ) throws(StoreError) -> Int64 {
    guard let pack, let first = run.first?.location, let last = run.last?.location else { return 0 }
    let end = last.position + Int64(last.storedCount)
    guard first.position >= 0, last.storedCount <= PodLimits.byteLimit else {
      unreadable.insert(first.pack)
      return 0
    }
    let bytes = try pack.bytes(in: first.position..<end)
    var copied: Int64 = 0
    for pod in run {
      let start = Int(pod.location.position - first.position)
      guard start + pod.location.storedCount <= bytes.count else {
        unreadable.insert(first.pack)
        continue
      }
      try copy(pod, bytes[start..<start + pod.location.storedCount], isCold: pack.survey.isCold)
      copied += Int64(pod.location.storedCount)
    }
    return copied
  }

  private mutating func copy(
    _ pod: PodRow, _ stored: ArraySlice<UInt8>, isCold: Bool
  ) throws(StoreError) {
    if !isCold, let (pod, stored) = recompressor.smaller(pod, stored: Array(stored)) {
      try stored.withSpan { stored throws(StoreError) in try mover.append(pod, stored: stored) }
    } else {
      try stored.withSpan { stored throws(StoreError) in try mover.append(pod, stored: stored) }
    }
  }
}

extension Connection {
  /// Removes the rows of packs that hold nothing any more.
  fileprivate func removePacks(_ rows: [Int64]) throws(StoreError) {
    try change { connection throws(StoreError) in
      var delete = try connection.prepare("DELETE FROM pack WHERE id = ?")
      for row in rows { try delete.run(row) }
    }
  }
}
