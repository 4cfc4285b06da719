import PodModel
import Testing

@testable import PodStore

@Suite struct ManifestTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  @Test("A chain of branches on branches is never deep, and every commit binds what it did")
  func deepChain() throws {
    var expected: [[String: String]] = [["v0": "0"]]
    try store.save(expected[0], in: session)
    for round in 1..<22 {
      // One commit on the last one, and one beside it, on which the next round goes on.
      for base in [expected.count, expected.count] {
        var namespace = expected[base - 1]
        namespace["v\(round)"] = "\(expected.count)"
        namespace["v\(round - 3)"] = nil
        try store.checkout(Revision(parsing: "\(base)"), in: session)
        try store.save(namespace, base: Int64(base), in: session)
        expected.append(namespace)
      }
    }
    let depth = try store.engine.read { connection throws(StoreError) in
      (
        try connection.integer("SELECT max(depth) FROM line"),
        try connection.integer("SELECT count(*) FROM line WHERE parent IS NULL")
      )
    }
    #expect(depth.0 == Schema.depthLimit)
    #expect(try #require(depth.1) > 1)
    let reopened = try Store(openingAt: store.path)
    for (index, namespace) in expected.enumerated() {
      let number = try #require(CommitNumber(Int64(index + 1)))
      #expect(try reopened.texts(of: number.value, in: session) == namespace)
      #expect(try reopened.changes(of: number, in: session).count <= 2)
      let names = try (0..<25).map { try VariableName("v\($0)") }
      let named = try reopened.manifest(of: number, in: session, names: names)
      #expect(try reopened.texts(of: named) == namespace)
      #expect(try reopened.manifest(of: number, in: session, names: names[..<0]) == Manifest())
    }
    #expect(try reopened.findings() == [])
  }

  @Test("A long line is begun anew, and every commit binds and changes what it did")
  func longLine() throws {
    var namespaces: [[String: String]] = []
    // Ten bindings a commit: the line is looked at, and found to be long, at commit 256.
    for number in 1...260 {
      var namespace: [String: String] = [:]
      for index in 0..<10 { namespace["v\(index)"] = "\(number % 7) \(index)" }
      namespace["only\(number)"] = "here"
      namespaces.append(namespace)
      try store.save(namespace, in: session)
    }
    let lines = try store.engine.read { connection throws(StoreError) in
      try connection.integer("SELECT count(*) FROM line")
    }
    #expect(lines == 2)
    let reopened = try Store(openingAt: store.path)
    for number in [1, 2, 200, 255, 256, 257, 260] {
      let commit = try #require(CommitNumber(Int64(number)))
      #expect(try reopened.texts(of: commit.value, in: session) == namespaces[number - 1])
      #expect(try reopened.changes(of: commit, in: session).count == (number == 1 ? 11 : 12))
    }
    // A branch from the old line, and one from the new.
    for base in [255, 258] {
      try store.checkout(Revision(parsing: "\(base)"), in: session)
      let saved = try store.save(["x": "\(base)"], base: Int64(base), in: session)
      #expect(try reopened.texts(of: saved.commit.number.value, in: session) == ["x": "\(base)"])
    }
    #expect(try reopened.findings() == [])
  }

  @Test("A commit costs its changes, not the number of its variables or of its forerunners")
  func cost() throws {
    var namespace: [String: String] = [:]
    for index in 0..<200 { namespace["v\(index)"] = "\(index)" }
    try store.save(namespace, in: session)
    for round in 0..<20 {
      namespace["v7"] = "round \(round)"
      try store.save(namespace, in: session)
    }
    let bindings = try store.engine.read { connection throws(StoreError) in
      try connection.integer("SELECT count(*) FROM binding")
    }
    #expect(bindings == 220)
  }

  private func plan(_ sql: String) throws -> [String] {
    try store.engine.read { connection throws(StoreError) in
      var explain = try connection.prepare("EXPLAIN QUERY PLAN " + sql, Int64(1), Int64(1))
      var lines: [String] = []
      while try explain.step() { lines.append(explain.text(3)) }
      return lines
    }
  }

  @Test("The changes of a commit are found by its number, not among all of its line")
  func planOfChanges() throws {
    let plan = try plan(Connection.bindingsOfCommit)
    #expect(plan.contains { $0.hasSuffix("binding_of_commit (line=? AND number=?)") })
  }

  @Test("Manifests are read by seeks alone, without a scan or a sort")
  func plans() throws {
    try store.save(["x": "1"], in: session)
    let plan = try plan(Connection.lastBindings)
    let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.contains("CONSTANT") }
    #expect(Set(scans) == ["SCAN name"])
    for bad in ["TEMP B-TREE", "AUTOMATIC", "binding_of_commit"] {
      #expect(!plan.contains { $0.contains(bad) })
    }
  }
}
