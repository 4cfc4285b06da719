import PodModel

/// One collection of garbage.
///
/// Others go on reading and writing meanwhile. What they add is looked at in each transaction that
/// removes pods, so that nothing is removed that anything needs when the transaction begins; and
/// each such transaction is counted, so that a writer who took a pod for stored looks again; see
/// ``PodWriter`` invariant 3.
///
/// ## Invariants
///
/// 1. A pod is removed only if no content needs it, none that a process has open, and no pod that
///    is kept as the difference from it.
/// 2. A pack is removed after the transaction that names other places for all pods in it.
struct Collector {
  /// How many rows one transaction removes or changes: other writers wait for it.
  private static let batchCount = 2048
  private let engine: Engine
  private let progress: (CollectionProgress) -> Void
  private var result = Collected()
  private var marking: PodMarking
  private var lastContent: Int64

  /// Removes all garbage.
  static func run(
    in engine: Engine, progress: @escaping (CollectionProgress) -> Void
  ) throws(StoreError) -> Collected {
    let connection = try Connection.open(engine.database, for: .writing)
    var collector = try Collector(engine: engine, on: connection, progress: progress)
    try collector.rebase(on: connection)
    try collector.sweep(on: connection)
    try collector.removeOrphans(on: connection)
    try collector.rewritePacks(on: connection)
    try connection.shrink()
    return collector.result
  }

  /// Removes what nothing binds, and finds the pods that are needed.
  private init(
    engine: Engine, on connection: borrowing Connection,
    progress: @escaping (CollectionProgress) -> Void
  ) throws(StoreError) {
    self.engine = engine
    self.progress = progress
    // What this process has open for writing and does not use can be collected, too.
    engine.idlePacks.removeAll()
    try connection.change { connection throws(StoreError) in
      try connection.requireIntactRows()
      try connection.removeUnboundVersions()
    }
    let (roots, last) = try connection.contents(after: 0)
    lastContent = last
    marking = PodMarking(table: try connection.podTable(), engine: engine)
    for (done, root) in roots.enumerated() {
      if done % 256 == 0 { progress(.looking(done: done, total: roots.count)) }
      try marking.visit(root, basesToo: false)
    }
    // Read after the rows were removed: who opens a content looks for its row last.
    for root in try Leases.read(in: engine.leasesDirectory) {
      try marking.visit(root, basesToo: false)
    }
  }

  /// Sees to it that no needed pod is kept as the difference from one that is not needed.
  private mutating func rebase(on connection: borrowing Connection) throws(StoreError) {
    var mover = PodMover(engine: engine, batchCount: Self.batchCount)
    do throws(StoreError) {
      for group in DeltaRebase(marking).groups {
        var base = try group.base.flatMap { index throws(StoreError) in
          try pod(at: index, on: connection)
        }
        for index in group.pods {
          guard let pod = try pod(at: index, on: connection) else { continue }
          try mover.append(pod.id, pod.bytes, base: base)
          if base == nil { base = pod }
        }
        if mover.isFull { try mover.commit(on: connection) }
      }
      try mover.commit(on: connection)
      result.bytes -= mover.bytes
      mover.finish()
    } catch {
      mover.finish()
      throw error
    }
  }

  /// The pod at an index of the table; nil if it is not there any more.
  private func pod(
    at index: Int, on connection: borrowing Connection
  ) throws(StoreError) -> DeltaBase? {
    guard let id = try connection.pods(beginning: marking.table.prefixes[index]).first else {
      return nil
    }
    return DeltaBase(id: id, bytes: try engine.bytes(of: id))
  }

  /// Removes the pods that are not needed from the index.
  private mutating func sweep(on connection: borrowing Connection) throws(StoreError) {
    var batch: [Int] = []
    for index in 0..<marking.table.count where !marking.isNeeded(index) {
      // The first of several pods that begin alike stands for all of them.
      if index > 0, marking.table.prefixes[index - 1] == marking.table.prefixes[index] { continue }
      batch.append(index)
      if batch.count == Self.batchCount { try remove(&batch, at: index, on: connection) }
    }
    try remove(&batch, at: marking.table.count, on: connection)
  }

  private mutating func remove(
    _ batch: inout [Int], at index: Int, on connection: borrowing Connection
  ) throws(StoreError) {
    guard !batch.isEmpty else { return }
    progress(.removing(done: index, total: marking.table.count))
    // Twice, since others wait for the second time.
    try lookAtNewContents(on: connection)
    let removed = try connection.change { connection throws(StoreError) in
      try lookAtNewContents(on: connection)
      let prefixes = batch.filter { !marking.isNeeded($0) }.map { marking.table.prefixes[$0] }
      return try connection.removePods(beginning: prefixes.filter { !marking.isYoung($0) })
    }
    Connection.letOthersWrite()
    result.pods += removed
    batch.removeAll(keepingCapacity: true)
  }

  /// Marks what contents need that came since the last time.
  private mutating func lookAtNewContents(
    on connection: borrowing Connection
  ) throws(StoreError) {
    let (roots, last) = try connection.contents(after: lastContent)
    for root in roots { try marking.visit(root, basesToo: true) }
    lastContent = last
  }

  /// Removes files of packs that the index does not know: writers that died left them.
  private mutating func removeOrphans(on connection: borrowing Connection) throws(StoreError) {
    for file in try Directory.names(in: engine.packs) where file.hasSuffix(OpenPack.suffix) {
      let path = engine.packs / file
      guard let orphan = try File.ifThere(path), try orphan.tryLock() else { continue }
      let name = String(file.dropLast(OpenPack.suffix.utf8.count))
      // A writer has its pack locked until the index knows it, so this is the last word.
      let isKnown = try connection.integer("SELECT 1 FROM pack WHERE name = ?", name) != nil
      if isKnown { continue }
      result.bytes += try orphan.size()
      try Directory.remove(path)
    }
  }

  /// Writes packs again that are wasteful or small, or that would shrink.
  private mutating func rewritePacks(on connection: borrowing Connection) throws(StoreError) {
    var surveys = try connection.packSurveys()
    try connection.survey(&surveys)
    let packs = try SealedPack.all(of: surveys, in: engine.packs)
    let isAlone = packs.filter { $0.survey.isSmall }.count < 2
    let recompressor = Recompressor()
    var chosen: [SealedPack] = []
    for pack in packs {
      let survey = pack.survey
      if survey.isWasteful || (survey.isSmall && !isAlone) {
        chosen.append(pack)
      } else if !survey.isCold {
        if try recompressor.pays(for: pack, survey.samples) {
          chosen.append(pack)
        } else {
          try connection.markCold(survey.row)
        }
      }
    }
    let total = chosen.reduce(0) { $0 + $1.survey.podBytes }
    var done: Int64 = 0
    let progress = progress
    var rewriter = PackRewriter(engine: engine, batchCount: Self.batchCount)
    do throws(StoreError) {
      // So few at a time that the disk need not have room for all twice.
      for group in chosen.groups(ofBytes: PackFormat.sizeLimit * 4) {
        result.packs += try rewriter.rewrite(group, on: connection) { bytes in
          done += bytes
          progress(.copying(done: done, total: total))
          return true
        }
      }
      result.bytes += rewriter.freedBytes
      rewriter.finish()
    } catch {
      rewriter.finish()
      throw error
    }
    result.bytes = max(0, result.bytes)
  }
}
