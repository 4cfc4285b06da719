import PodModel

/// Writes what packs hold into new packs, and removes them.
struct PackRewriter: ~Copyable {
  /// Pods are read together as long as there is no more than this between two of them, in bytes.
  private static let gapLimit: Int64 = 16 << 10
  private static let runLimit: Int64 = 1 << 20

  private var mover: PodMover
  private var recompressor = Recompressor()
  /// Packs with pods that could not be read: they stay.
  private var unreadable: Set<Int64> = []
  private let isLeisurely: Bool

  /// Creates a rewriter.
  ///
  /// - Parameters:
  ///   - batchCount: how many rows one transaction changes.
  ///   - isLeisurely: whether what takes time is done with the lowest priority.
  init(engine: Engine, batchCount: Int, isLeisurely: Bool = false) {
    mover = PodMover(engine: engine, batchCount: batchCount)
    self.isLeisurely = isLeisurely
  }

  /// Moves what `packs` hold, tells the index on `connection`, and removes them.
  ///
  /// - Parameter goOn: is called with the number of bytes that were copied since the last call;
  ///   where it returns false, the rest stays where it is.
  /// - Returns: the number of packs that were removed.
  mutating func rewrite(
    _ packs: [SealedPack], on connection: borrowing Connection, goOn: (Int64) -> Bool
  ) throws(StoreError) -> Int {
    let byRow = Dictionary(uniqueKeysWithValues: packs.map { ($0.survey.row, $0) })
    var last: PodLocation?
    while true {
      let (pods, unknown) = try connection.snapshot { connection throws(StoreError) in
        try connection.pods(
          inPacks: packs.map(\.survey.row), behind: last, limit: PodMover.rowLimit)
      }
      unreadable.formUnion(unknown)
      guard let end = pods.last?.location else { break }
      guard try copy(pods, from: byRow, goOn: goOn) else { return 0 }
      try mover.commit(on: connection)
      last = end
    }
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

  /// Copies pods into new packs; returns false if that was to end early.
  private mutating func copy(
    _ pods: [PodRow], from packs: [Int64: SealedPack], goOn: (Int64) -> Bool
  ) throws(StoreError) -> Bool {
    guard isLeisurely else { return try copyNow(pods, from: packs, goOn: goOn) }
    var result = Result<Bool, StoreError>.success(false)
    Leisure.run {
      do throws(StoreError) {
        result = .success(try copyNow(pods, from: packs, goOn: goOn))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  private mutating func copyNow(
    _ pods: [PodRow], from packs: [Int64: SealedPack], goOn: (Int64) -> Bool
  ) throws(StoreError) -> Bool {
    var start = 0
    for index in pods.indices {
      let isEnd = index + 1 == pods.count
      if isEnd || !Self.standTogether(pods[start], pods[index], pods[index + 1]) {
        let run = pods[start...index]
        guard goOn(try copy(run, from: packs[pods[start].location.pack])) else { return false }
        start = index + 1
      }
    }
    return true
  }

  /// Copies pods that stand together; returns the number of stored bytes.
  private mutating func copy(
    _ run: ArraySlice<PodRow>, from pack: SealedPack?
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
