public import PodModel

extension Store {
  /// Looks for damage, and calls `report` for all that is found.
  ///
  /// Checks that every row says what was written, that every commit binds what it did and has the
  /// digest of its rows, and that every pod that it needs can be read and matches its name; with
  /// `data`, also the pods that nothing needs.
  public func check(data: Bool, report: (Finding) -> Void) throws(StoreError) {
    let engine = engine
    try reportingDamage(to: report) { () throws(StoreError) in
      try engine.read { connection throws(StoreError) in try connection.brokenPages() }
        .forEach(report)
    }
    try reportingDamage(to: report) { () throws(StoreError) in
      try engine.read { connection throws(StoreError) in try connection.brokenCommits() }
        .forEach(report)
    }
    try reportingDamage(to: report) { () throws(StoreError) in
      try engine.read { connection throws(StoreError) in try connection.brokenRows() }
        .forEach(report)
    }
    try reportingDamage(to: report) { () throws(StoreError) in
      try checkPods(data: data, report: report)
    }
  }

  /// Runs `body`; what it cannot read is a finding, too.
  private func reportingDamage(
    to report: (Finding) -> Void, _ body: () throws(StoreError) -> Void
  ) throws(StoreError) {
    do throws(StoreError) {
      try body()
    } catch {
      switch error {
      case .databaseDamaged, .rowDamaged: report(.databaseDamaged(reason: "\(error)"))
      default: throw error
      }
    }
  }

  private func checkPods(data: Bool, report: (Finding) -> Void) throws(StoreError) {
    let engine = engine
    for pack in try engine.read({ connection throws(StoreError) in try connection.packs() }) {
      let path = OpenPack.path(of: pack.name, in: engine.packs)
      let size = try Directory.size(of: path)
      if size ?? -1 < pack.bytes {
        report(.packDamaged(name: pack.name, usedBytes: pack.bytes, fileBytes: size))
      }
    }
    var walk = try walk(all: data)
    if !walk.missing.isEmpty {
      // What a collection removed meanwhile is not missing; by now nothing leads to it.
      walk.missing.formIntersection(try self.walk(all: false).missing)
    }
    let broken = walk.missing.union(walk.damaged).sorted { $0.prefix < $1.prefix }
    let users = try locations(using: broken)
    for id in broken {
      let users = users[id] ?? []
      report(
        walk.missing.contains(id)
          ? .podMissing(id, usedBy: users) : .podDamaged(id, usedBy: users))
    }
  }

  /// Returns the variables that a pod is part of: of each version the first commit that has it, or
  /// the workspace.
  public func locations(using pod: PodID) throws(StoreError) -> [Location] {
    try locations(using: [pod])[pod] ?? []
  }

  private func walk(
    all: Bool, recordsUsers: Bool = false
  ) throws(StoreError) -> PodWalk {
    let engine = engine
    var walk = PodWalk(engine: engine, recordsUsers: recordsUsers)
    let roots = try engine.read { connection throws(StoreError) in try connection.rootPods() }
    for root in roots { try walk.visit(root) }
    if all {
      let pods = try engine.read { connection throws(StoreError) in
        try connection.podsByPlace()
      }
      try walk.verify(pods)
    }
    return walk
  }

  private func locations(using pods: [PodID]) throws(StoreError) -> [PodID: [Location]] {
    guard !pods.isEmpty else { return [:] }
    let walk = try walk(all: false, recordsUsers: true)
    var reached: [PodID: Set<PodID>] = [:]
    for pod in pods {
      var open = [pod]
      var seen: Set<PodID> = [pod]
      while let id = open.popLast() {
        for user in walk.users[id] ?? [] where seen.insert(user).inserted { open.append(user) }
      }
      reached[pod] = seen
    }
    let roots = reached.values.reduce(into: Set<PodID>()) { $0.formUnion($1) }
    let locations = try engine.read { connection throws(StoreError) in
      try connection.locations(ofRoots: roots)
    }
    return reached.mapValues { reached in
      reached.flatMap { locations[$0] ?? [] }.sorted { $0.description < $1.description }
    }
  }
}
