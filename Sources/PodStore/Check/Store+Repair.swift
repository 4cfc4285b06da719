import PodModel

extension Store {
  /// Looks for damage as ``check(data:report:)`` does with all data, and mends what can be mended.
  ///
  /// A pod that is damaged or not in the index is looked for in all packs. One that is in none is
  /// taken out of the index, so that saving the value again brings it back in all its versions.
  /// A row becomes what its seal or the digest of its commit proves that it was; otherwise the values
  /// that it may have told of are lost, which a later check says again. What was readable before is
  /// readable then.
  ///
  /// - Parameter report: gets each finding, and whether it is mended.
  /// - Throws: ``StoreError/busy(path:)`` while a collection runs.
  public func repair(report: (Finding, _ isMended: Bool) -> Void) throws(StoreError) {
    let engine = engine
    try engine.requireRemovable()
    try engine.whilePacksStay(patience: .seconds(10)) { () throws(StoreError) in
      try Repair(store: self, engine: engine).run(report: report)
    }
  }
}

/// One repair of a store.
private struct Repair {
  let store: Store
  let engine: Engine

  func run(report: (Finding, Bool) -> Void) throws(StoreError) {
    var before: [Finding] = []
    try store.check(data: true) { before.append($0) }
    guard !before.isEmpty else { return }
    let unproven = try mendDatabase(before)
    let broken = before.compactMap(\.pod)
    if !broken.isEmpty { try restore(broken) }
    try mendPacks()
    engine.forgetManifests()
    var after: Set<Finding> = []
    try store.check(data: true) { after.insert($0) }
    let broke = Set(after.compactMap(\.pod))
    for finding in before {
      let isGone = finding.pod.map { !broke.contains($0) } ?? !after.contains(finding)
      report(finding, isGone && !unproven.contains(finding))
    }
    // What was hidden behind other damage.
    let known = Set(broken)
    for finding in after where finding.pod.map({ !known.contains($0) }) ?? !before.contains(finding)
    {
      report(finding, false)
    }
  }

  /// Mends rows; returns the findings that are settled without a proof of what was there.
  private func mendDatabase(_ findings: [Finding]) throws(StoreError) -> Set<Finding> {
    let isInPods = findings.allSatisfy { finding in
      switch finding {
      case .podMissing, .podDamaged, .packDamaged: true
      case .databaseDamaged, .commitDamaged, .rowDamaged, .valueLost: false
      }
    }
    if isInPods { return [] }
    var unproven: Set<Finding> = []
    // Rows that refer to what is not there yet are mended one after the other.
    let connection = try Connection.open(engine.database, for: .writing)
    try connection.execute("PRAGMA foreign_keys = OFF")
    try unlessUnreadable { () throws(StoreError) in
      try connection.change { connection throws(StoreError) in try connection.rebuildIndices() }
    }
    try unlessUnreadable { () throws(StoreError) in
      unproven = try connection.change { connection throws(StoreError) in
        try RowRepair.run(on: connection)
      }
    }
    try unlessUnreadable { () throws(StoreError) in
      try connection.change { connection throws(StoreError) in try connection.mendReferences() }
    }
    engine.logWriteBack.noteChange()
    return unproven
  }

  /// Runs `body`; what cannot be read cannot be mended either, but the rest may be.
  private func unlessUnreadable(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    do throws(StoreError) { try body() } catch {
      guard error.isOfRows else { throw error }
    }
  }

  /// Takes broken pods out of the index, and adds those that packs have.
  private func restore(_ broken: [PodID]) throws(StoreError) {
    try engine.change { connection throws(StoreError) in try connection.forget(broken) }
    var scan = PackScan(engine: engine)
    for pack in try packsWithFiles() {
      guard let file = try File.ifThere(OpenPack.path(of: pack.name, in: engine.packs)) else {
        continue
      }
      let known = try engine.read { connection throws(StoreError) in
        try connection.pods(inPacks: [pack.row], behind: nil, limit: .max).pods.map(\.location)
      }
      try scan.look(
        through: file, pack: pack.row, to: try lookedThrough(file, pack), known: known)
      try add(&scan)
    }
    // A difference from a pod that was found later is read in the next round, and so on.
    var waiting = scan.takeWaiting()
    var count = Int.max
    while waiting.count < count {
      count = waiting.count
      for location in waiting { try scan.look(again: location) }
      try add(&scan)
      waiting = scan.takeWaiting()
    }
  }

  /// All that is in a file, unless somebody writes to it: then what the index knows.
  private func lookedThrough(
    _ file: borrowing File, _ pack: PackSurvey
  ) throws(StoreError) -> Int64 {
    let size = try file.size()
    return try file.tryLock() ? size : min(size, pack.bytes)
  }

  private func add(_ scan: inout PackScan) throws(StoreError) {
    let found = scan.takeFound()
    guard !found.isEmpty else { return }
    try engine.change { connection throws(StoreError) in try connection.restore(found) }
  }

  /// The packs that have files, also those that the index did not know.
  private func packsWithFiles() throws(StoreError) -> [PackSurvey] {
    let files = Set(try Directory.names(in: engine.packs))
    var packs = try engine.read { connection throws(StoreError) in try connection.packSurveys() }
    packs.removeAll { !files.contains($0.name + OpenPack.suffix) }
    let known = Set(packs.map { $0.name + OpenPack.suffix })
    for file in files.subtracting(known) where file.hasSuffix(OpenPack.suffix) {
      let path = engine.packs / file
      guard let pack = try File.ifThere(path), try pack.tryLock() else { continue }
      let written = WrittenPack(
        name: String(file.dropLast(OpenPack.suffix.utf8.count)), bytes: try pack.size())
      let row = try engine.change { connection throws(StoreError) in
        try connection.insert([written])[0]
      }
      packs.append(PackSurvey(row: row, name: written.name, bytes: written.bytes, isCold: false))
    }
    return packs
  }

  /// Makes the rows of packs say what their files are.
  private func mendPacks() throws(StoreError) {
    for pack in try engine.read({ connection throws(StoreError) in try connection.packSurveys() }) {
      let size = try Directory.size(of: OpenPack.path(of: pack.name, in: engine.packs))
      guard size ?? -1 < pack.bytes else { continue }
      try engine.change { connection throws(StoreError) in
        try connection.setLength(size, ofPack: pack.row)
      }
    }
  }
}

extension StoreError {
  /// Whether the error comes from what rows say, so that the same with other rows would work.
  var isOfRows: Bool {
    switch self {
    case .databaseDamaged, .rowDamaged: true
    // SQLITE_CONSTRAINT
    case .database(let code, message: _): code & 0xFF == 19
    default: false
    }
  }
}

extension Finding {
  /// The pod that is missing or damaged.
  fileprivate var pod: PodID? {
    switch self {
    case .podMissing(let id, usedBy: _), .podDamaged(let id, usedBy: _): id
    case .packDamaged, .commitDamaged, .databaseDamaged, .rowDamaged, .valueLost: nil
    }
  }
}
