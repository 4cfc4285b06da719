import PodModel
import Testing

@testable import PodStore

@Suite struct PruneTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  /// Makes commits of an empty workspace at these times.
  private func commit(at times: [String]) throws {
    for time in times {
      let time: Timestamp = try #require(Timestamp(parsing: time))
      try store.commitWorkspace(of: session, message: "", time: time)
    }
  }

  private func kept(_ change: (inout KeepRules) -> Void) throws -> [Int64] {
    var rules = KeepRules()
    change(&rules)
    return try store.pruneDecisions(for: session, keeping: rules).filter(\.isKept)
      .map(\.commit.number.value)
  }

  private func numbers() throws -> [Int64] {
    try store.commits(of: session).map(\.number.value)
  }

  @Test("Each rule keeps the newest commit of each of its periods, in UTC")
  func periods() throws {
    try commit(at: [
      "2026-11-01T10:00", "2026-11-01T23:59", "2026-11-02T00:00", "2026-11-02T00:59",
      "2026-11-08T12:00", "2026-11-09T12:00", "2026-11-09T13:00",
    ])
    #expect(try kept { $0.last = 2 } == [6, 7])
    #expect(try kept { $0.hourly = 3 } == [5, 6, 7])
    #expect(try kept { $0.daily = 3 } == [4, 5, 7])
    #expect(try kept { $0.daily = 9 } == [2, 4, 5, 7])
    // 2026-11-02 and 2026-11-09 are Mondays.
    #expect(try kept { $0.weekly = 2 } == [5, 7])
    #expect(try kept { $0.weekly = 3 } == [2, 5, 7])
    #expect(try kept { $0.within = CalendarDuration(parsing: "1d2h") } == [5, 6, 7])
    #expect(try kept { $0.within = CalendarDuration(parsing: "1d1h") } == [6, 7])
    #expect(
      try kept {
        $0.weekly = 2
        $0.hourly = 2
      } == [5, 6, 7])
    #expect(try kept { $0.tagged = true } == [7])
  }

  @Test("What has a name, HEAD and the highest number stay, and say why")
  func protected() throws {
    try commit(at: (1...9).map { "2026-11-0\($0)" })
    let three = try #require(CommitNumber(3))
    try store.setBranch(ReferenceName("idea"), to: three, in: session)
    try store.setTag(ReferenceName("best"), to: three, in: session)
    try store.setTag(ReferenceName("last"), to: try #require(CommitNumber(5)), in: session)
    try store.checkout(Revision(parsing: "7"), in: session)
    try store.setBranch(ReferenceName("main"), to: try #require(CommitNumber(8)), in: session)
    var rules = KeepRules()
    rules.last = 1
    let decisions = try store.prune(session, keeping: rules)
    let texts = decisions.map { $0.reasons.map(\.description).joined(separator: ", ") }
    #expect(
      texts == [
        "", "", "branch idea, tag best", "", "tag last", "", "HEAD", "branch main",
        "last, highest number",
      ])
    #expect(try numbers() == [3, 5, 7, 8, 9])
    #expect(
      try store.commits(of: session).map { $0.parents.map(\.value) } == [[], [3], [5], [7], [8]])
    #expect(try store.resolve(Revision(parsing: "HEAD~1"), in: session).value == 5)
    #expect(throws: StoreError.self) { try store.resolve(Revision(parsing: "6"), in: session) }
    try commit(at: ["2026-11-10"])
    #expect(try numbers().last == 10)
    #expect(try store.findings() == [])
  }

  @Test("What a commit changed is what the ones that are gone before it did, too")
  func changes() throws {
    for namespace in [
      ["x": "1", "y": "1"], ["x": "2", "y": "1", "z": "1"], ["x": "2", "z": "1"],
      ["x": "2", "y": "4"],
    ] {
      try store.save(namespace, in: session)
    }
    try removeCommits([2, 3])
    let four = try #require(CommitNumber(4))
    let changes = try store.changes(of: four, in: session)
    #expect(Set(changes.keys.map(\.text)) == ["x", "y"])
    #expect(changes.values.allSatisfy { $0?.commit == four })
    #expect(throws: StoreError.self) {
      try store.manifest(of: try #require(CommitNumber(2)), in: session)
    }
    #expect(try store.findings() == [])
  }

  @Test("A name that came and went, or went and came back, is no change")
  func reverted() throws {
    try store.write("1", to: "x", in: session)
    try store.commitWorkspace(of: session, message: "")
    try store.rename(VariableName("x"), to: VariableName("y"), in: session)
    try store.commitWorkspace(of: session, message: "")
    try store.rename(VariableName("y"), to: VariableName("x"), in: session)
    try store.commitWorkspace(of: session, message: "")
    try removeCommits([2])
    #expect(try store.changes(of: try #require(CommitNumber(3)), in: session).isEmpty)
    #expect(try store.texts(of: 3, in: session) == ["x": "1"])
    let bindings = try store.engine.read { connection throws(StoreError) in
      try connection.integer("SELECT count(*) FROM binding")
    }
    #expect(bindings == 1)
  }

  @Test(
    "A history with a commit missing is refused, since it is not known what goes with it",
    arguments: [1, 2] as [Int64])
  func damaged(missing: Int64) throws {
    for text in ["1", "2", "3", "4"] { try store.save(["x": text, "y\(text)": text], in: session) }
    try store.engine.change { connection throws(StoreError) in
      try connection.run("DELETE FROM commit_ WHERE number = ?", missing)
    }
    try store.repair { _, _ in }
    let before = try store.texts(of: 4, in: session)
    var rules = KeepRules()
    rules.last = 1
    #expect(throws: StoreError.databaseDamaged(path: store.path + "/podfs.db")) {
      try store.prune(session, keeping: rules)
    }
    #expect(try store.texts(of: 4, in: session) == before)
    #expect(try numbers() == [1, 2, 3, 4].filter { $0 != missing })
  }

  @Test("A namespace whose base is gone is refused, unless this process remembers the base")
  func goneBase() throws {
    try store.save(["x": "1", "y": "1"], in: session)
    try store.save(["x": "1", "y": "2"], in: session)
    try removeCommits([1])
    let base = try #require(CommitNumber(1))
    #expect(throws: StoreError.baseRemoved(base, try SessionName("alice"))) {
      try store.save(["x": "9", "y": "1"], base: 1, in: session)
    }
    #expect(try numbers() == [2])
    try store.save(["x": "9", "y": "2"], base: 2, in: session)
    let other = try Store(openingAt: store.path)
    try other.save(["x": "9", "y": "3"], in: session)
    try other.engine.change { connection throws(StoreError) in
      try CommitRemoval.run([base.next, base.next.next], of: session, connection)
    }
    try store.save(["x": "8", "y": "2"], base: 3, in: session)
    #expect(try store.texts(of: 5, in: session) == ["x": "8", "y": "3"])
    #expect(try store.findings() == [])
  }

  private func removeCommits(_ numbers: [Int64]) throws {
    let gone = Set(numbers.compactMap { CommitNumber($0) })
    let session = session
    try store.engine.change { connection throws(StoreError) in
      try CommitRemoval.run(gone, of: session, connection)
    }
    store.engine.forgetManifests()
  }
}

extension CommitNumber {
  fileprivate var next: CommitNumber { CommitNumber(value + 1) ?? self }
}
