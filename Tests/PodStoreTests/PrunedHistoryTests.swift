import PodModel
import PodTesting
import Testing

@testable import PodStore

/// A random history and what its commits bind, of which some are pruned again and again.
private struct PrunedHistory {
  let fixture: TemporaryStore
  var random: SeededGenerator
  var manifests: [CommitNumber: Manifest] = [:]
  var parents: [CommitNumber: CommitNumber] = [:]

  /// Whether most commits are made beside the last one, so that lines become deep.
  let isDeep: Bool

  init(seed: UInt64) throws {
    fixture = try TemporaryStore()
    random = SeededGenerator(seed: seed)
    isDeep = seed.isMultiple(of: 2)
  }

  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  /// Commits a few changes of what is checked out or of another commit.
  mutating func grow() throws {
    if isDeep, manifests.count % 2 == 0, let last = manifests.keys.max(), let base = parents[last] {
      try store.checkout(Revision(base: .number(base)), in: session, force: true)
    } else if !isDeep, Int.random(in: 0..<3, using: &random) == 0 {
      try checkout()
    }
    for _ in 0..<Int.random(in: 0..<4, using: &random) { try write() }
    let workspace = try store.workspace(of: session)
    let last = manifests.keys.max()
    let settled = manifests.count % 4 == 0 ? try settledLinks() : [:]
    let commit = try store.commitWorkspace(of: session, message: "")
    if commit.parents.first == last {
      for (version, count) in settled { #expect(try store.links(of: version).count == count) }
    }
    parents[commit.number] = commit.parents.first
    manifests[commit.number] = workspace
  }

  /// The links of the versions that a commit on the last one does not get.
  private func settledLinks() throws -> [VersionID: Int] {
    let versions = Set(manifests.values.flatMap { $0.versions.values.map(\.id) })
    return try versions.reduce(into: [:]) { settled, version in
      let links = try store.links(of: version)
      if !links.isGrowing { settled[version] = links.count }
    }
  }

  private mutating func checkout() throws {
    guard let base = manifests.keys.sorted().randomElement(using: &random) else { return }
    try store.checkout(Revision(base: .number(base)), in: session, force: true)
    if Int.random(in: 0..<6, using: &random) > 0 { return }
    let branch = try ReferenceName("b\(Int.random(in: 0..<4, using: &random))")
    try store.setBranch(branch, to: base, in: session)
    try store.checkout(Revision(base: .name(branch.text)), in: session, force: true)
  }

  private mutating func write() throws {
    let name = try VariableName("v\(Int.random(in: 0..<9, using: &random))")
    let newName = try VariableName("v\(Int.random(in: 0..<9, using: &random))")
    let isThere = try store.workspace(of: session).versions[name] != nil
    switch Int.random(in: 0..<5, using: &random) {
    case 0 where isThere: try store.remove(name, in: session)
    case 1...2 where isThere: try store.rename(name, to: newName, in: session)
    default: try store.write("\(random.next())", to: name.text, in: session)
    }
  }

  /// Removes a random part of the commits that may go.
  mutating func prune() throws {
    let protected = try store.pruneDecisions(for: session, keeping: KeepRules())
    let portion = Double.random(in: 0...1, using: &random)
    var gone: Set<CommitNumber> = []
    for decision in protected where !decision.isKept {
      if Double.random(in: 0...1, using: &random) < portion { gone.insert(decision.commit.number) }
    }
    let (session, removed) = (session, gone)
    try store.engine.change { connection throws(StoreError) in
      try CommitRemoval.run(removed, of: session, connection)
      try connection.countRemoval()
    }
    store.engine.forgetManifests()
    for number in gone { manifests[number] = nil }
    for number in manifests.keys {
      while let parent = parents[number], gone.contains(parent) {
        parents[number] = parents[parent]
      }
    }
  }

  func compare() throws {
    let reopened = try Store(openingAt: store.path)
    let commits = try reopened.commits(of: session)
    #expect(commits.map(\.number) == manifests.keys.sorted())
    for commit in commits {
      let expected = try #require(manifests[commit.number])
      let manifest = try reopened.manifest(of: commit.number, in: session)
      #expect(manifest.versions.mapValues(\.id) == expected.versions.mapValues(\.id))
      #expect(manifest.versions.mapValues(\.content) == expected.versions.mapValues(\.content))
      #expect(commit.parents.first == parents[commit.number])
      let parent = commit.parents.first.flatMap { manifests[$0] } ?? Manifest()
      let changes = try reopened.changes(of: commit.number, in: session).mapValues { $0?.id }
      #expect(changes == manifest.changes(since: parent).mapValues { $0?.id })
      for version in manifest.versions.values {
        let first = commits.first { commit in
          manifests[commit.number]?.versions.values.contains { $0.id == version.id } ?? false
        }
        #expect(version.commit == first?.number)
      }
    }
    #expect(try reopened.findings() == [])
    // One has counted before, the other has not.
    for store in [store, reopened] { try compareNames(in: store) }
  }

  /// Compares where versions are bound with what the commits bind.
  private func compareNames(in store: Store) throws {
    var links: [VersionID: Int] = [:]
    var introductions: [VariableName: [VersionID: CommitNumber]] = [:]
    for (number, manifest) in manifests.sorted(by: { $0.key < $1.key }) {
      for (name, version) in manifest.versions {
        links[version.id, default: 0] += 1
        if introductions[name, default: [:]][version.id] == nil {
          introductions[name, default: [:]][version.id] = number
        }
      }
    }
    for (version, count) in links {
      #expect(try store.links(of: version).count == count)
    }
    #expect(try store.variableNames(of: session) == introductions.keys.sorted())
    for (name, numbers) in introductions {
      #expect(try store.introductions(of: name, in: session) == numbers.values.sorted())
      for number in manifests.keys {
        #expect(
          try store.introduces(name, number, in: session) == numbers.values.contains(number))
      }
    }
  }

  /// The number of lines that began with a copy of all bindings, since they would be too deep.
  func copiedLines() throws -> Int64 {
    let count = try store.engine.read { connection throws(StoreError) in
      try connection.integer(
        """
        SELECT count(DISTINCT line.id) FROM line JOIN binding ON binding.line = line.id
        JOIN commit_ ON commit_.session = line.session AND commit_.number = binding.number
        WHERE commit_.line <> line.id
        """)
    }
    return count ?? 0
  }

  /// All rows that a prune could change.
  func rows() throws -> [String] {
    try store.engine.read { connection throws(StoreError) in
      var rows: [String] = []
      for sql in [
        "SELECT line || ' ' || name || ' ' || number || ' ' || ifnull(version, '-') FROM binding",
        "SELECT id || ' ' || ifnull(parent, '-') || ' ' || depth || ' ' || tip FROM line",
        "SELECT number || ' ' || ifnull(parent, '-') || ' ' || line FROM commit_",
      ] {
        var select = try connection.prepare(sql)
        while try select.step() { rows.append(select.text(0)) }
      }
      return rows
    }
  }
}

@Suite struct PrunedHistoryTests {
  @Test(
    "Commits that stay bind what they did, however many others go",
    arguments: 1...6 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    var history = try PrunedHistory(seed: seed)
    for _ in 0..<4 {
      for _ in 0..<40 { try history.grow() }
      if history.isDeep { #expect(try history.copiedLines() > 0) }
      try history.prune()
      try history.compare()
    }
    var rules = KeepRules()
    rules.last = 7
    try history.store.prune(history.session, keeping: rules)
    let rows = try history.rows()
    try history.store.prune(history.session, keeping: rules)
    #expect(try history.rows() == rows)
    let depth = try history.store.engine.read { connection throws(StoreError) in
      try connection.integer("SELECT max(depth) FROM line")
    }
    #expect(try #require(depth) <= Schema.depthLimit)
  }
}
