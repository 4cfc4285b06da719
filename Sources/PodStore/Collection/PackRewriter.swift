import PodModel

/// Writes what packs hold into new packs, and removes them.
struct PackRewriter: ~Copyable {
  private var mover: PodMover
  private var recompressor = Recompressor()
  /// Packs with pods that could not be read: they stay.
  private var unreadable: Set<Int64> = []
  private let isLeisurely: Bool
  private var removedBytes: Int64 = 0

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
    for pack in done {
      try pack.remove()
      removedBytes += pack.size
    }
    return done.count
  }

  /// By how much the packs that were removed are larger than what became of them, in bytes.
  var freedBytes: Int64 { removedBytes - mover.bytes }

  /// Takes back what the index was not told of.
  consuming func finish() { mover.finish() }

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
    var stretch = Stretch()
    for pod in pods {
      guard let pack = packs[pod.location.pack] else { continue }
      guard pod.location.isWithin(pack.size) else {
        unreadable.insert(pod.location.pack)
        continue
      }
      var smaller: (pod: PodRow, stored: [UInt8])?
      if !pack.survey.isCold {
        smaller = try recompressor.smaller(pod) { () throws(StoreError) in
          try pack.bytes(in: pod.location.position..<pod.location.end)
        }
      }
      if smaller != nil || !stretch.takes(pod) {
        guard goOn(try copy(&stretch, from: packs)) else { return false }
      }
      if let smaller {
        try smaller.stored.withSpan { stored throws(StoreError) in
          try mover.append(smaller.pod, stored: stored)
        }
      } else {
        stretch.pods.append(pod)
      }
    }
    return goOn(try copy(&stretch, from: packs))
  }

  /// Copies pods as they are, and leaves none; returns the number of bytes.
  private mutating func copy(
    _ stretch: inout Stretch, from packs: [Int64: SealedPack]
  ) throws(StoreError) -> Int64 {
    guard let first = stretch.pods.first, let pack = packs[first.location.pack] else { return 0 }
    let (pods, range) = (stretch.pods, stretch.range)
    stretch.pods.removeAll(keepingCapacity: true)
    if range.count >= Stretch.longCount {
      try mover.append(pods[...], recordsIn: range, of: pack)
      return Int64(range.count)
    }
    let bytes = try pack.bytes(in: range)
    for pod in pods {
      let start = Int(pod.location.position - range.lowerBound)
      let end = start + pod.location.storedCount
      guard end <= bytes.count else {
        unreadable.insert(pod.location.pack)
        continue
      }
      try bytes[start..<end].withSpan { stored throws(StoreError) in
        try mover.append(pod, stored: stored)
      }
    }
    return Int64(range.count)
  }
}

/// Pods of one pack with nothing between their records.
private struct Stretch {
  /// From so many bytes on it is copied by the kernel, and at most so many are.
  static let longCount = 128 << 10
  static let limit: Int64 = 32 << 20

  var pods: [PodRow] = []

  /// Tells whether the record of `pod` follows on the last one.
  func takes(_ pod: PodRow) -> Bool {
    guard let first = pods.first, let last = pods.last else { return true }
    return pod.location.pack == last.location.pack
      && pod.location.recordStart == last.location.end
      && pod.location.end - first.location.position < Self.limit
  }

  /// Where the records are; there must be some.
  var range: Range<Int64> { pods[0].location.recordStart..<pods[pods.count - 1].location.end }
}

extension PodLocation {
  /// Whether it can be a place in a file of so many bytes: rows may say anything.
  fileprivate func isWithin(_ size: Int64) -> Bool {
    (0...PodLimits.byteLimit).contains(storedCount) && (0...PodLimits.byteLimit).contains(count)
      && (0...size).contains(position) && end <= size && recordStart >= 0
  }

  fileprivate var end: Int64 { position + Int64(storedCount) }

  /// Where what stands in front of the stored bytes begins.
  fileprivate var recordStart: Int64 {
    position - Int64(PackFormat.recordHeaderCount(of: self))
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
