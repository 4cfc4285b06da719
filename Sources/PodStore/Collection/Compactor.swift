import PodModel

/// Puts small packs together, and makes what was written in a hurry smaller.
///
/// It moves pods as a collection does, and removes none. Copying and compressing have the lowest
/// priority and one thread; the transactions in between are short, and have the priority of the
/// process, since others wait for them.
enum Compactor {
  /// So many packs of about one size are put together.
  ///
  /// What comes of them is of the next size, so that a pod is moved a few times in all.
  static let mergeCount = 8

  /// How many rows one transaction changes: a commit waits for it.
  private static let batchCount = 256

  /// Does what there is to do, for as long as `goOn` returns true; returns how many packs went.
  ///
  /// It does nothing while a collection runs, or if the store is told to do without.
  @discardableResult
  static func run(in engine: Engine, goOn: () -> Bool) throws(StoreError) -> Int {
    try engine.requireRemovable()
    let connection = try Connection.open(engine.database, for: .writing)
    let setting = try connection.snapshot { connection throws(StoreError) in
      try connection.setting(StoreSetting.compaction.rawValue)
    }
    guard setting != 0 else { return 0 }
    do throws(StoreError) {
      defer { engine.logWriteBack.noteChange() }
      return try engine.whilePacksStay { () throws(StoreError) in
        try run(in: engine, on: connection, goOn: goOn)
      }
    } catch {
      if case .busy = error { return 0 }
      throw error
    }
  }

  private static func run(
    in engine: Engine, on connection: borrowing Connection, goOn: () -> Bool
  ) throws(StoreError) -> Int {
    var surveys = try connection.snapshot { connection throws(StoreError) in
      try connection.packSurveys()
    }
    let packs = try SealedPack.all(
      of: surveys.filter { $0.isSmall || !$0.isCold }, in: engine.packs)
    let large = packs.filter { !$0.survey.isSmall }
    var chosen = toMerge(packs.filter { $0.survey.isSmall })
    if !large.isEmpty {
      surveys = large.map(\.survey)
      try connection.snapshot { connection throws(StoreError) in try connection.survey(&surveys) }
      let recompressor = Recompressor()
      for (pack, survey) in zip(large, surveys) where goOn() {
        if try recompressor.pays(for: pack, survey.samples) {
          chosen.append(pack)
        } else {
          try connection.change { connection throws(StoreError) in
            try connection.markCold(survey.row)
          }
        }
      }
    }
    var count = 0
    var rewriter = PackRewriter(engine: engine, batchCount: batchCount, isLeisurely: true)
    do throws(StoreError) {
      for group in chosen.groups(ofBytes: PackFormat.sizeLimit) where goOn() {
        count += try rewriter.rewrite(group, on: connection) { _ in goOn() }
      }
      rewriter.finish()
    } catch {
      rewriter.finish()
      throw error
    }
    return count
  }

  /// The small packs of the tiers that have enough of them, and of those below.
  private static func toMerge(_ packs: [SealedPack]) -> [SealedPack] {
    func tier(_ pack: SealedPack) -> Int {
      (Int64.bitWidth - max(1, pack.survey.bytes >> 15).leadingZeroBitCount) / 3
    }
    let tiers = Dictionary(grouping: packs, by: tier)
    guard let top = tiers.filter({ $0.value.count >= mergeCount }).keys.max() else { return [] }
    return packs.filter { tier($0) <= top }
  }
}
