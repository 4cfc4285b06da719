import Foundation
import PodModel
import PodTesting
import Testing

@testable import PodStore

/// Rows that are not what was written: found, never believed, and mended only into what they were.
@Suite struct SealTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var alice: SessionID { temporary.session }

  init() throws {
    temporary = try TemporaryStore()
    for number in 1...4 { try store.save(["x": "x \(number)", "y": "always"], in: alice) }
  }

  private func run(_ sql: String, _ values: [SQLValue] = []) throws {
    let connection = try Connection.open(store.engine.database, for: .writing)
    try connection.execute("PRAGMA foreign_keys = OFF")
    try connection.run(sql, values: values)
  }

  private func repair() throws -> [(finding: String, isMended: Bool)] {
    var findings: [(String, Bool)] = []
    try Store(openingAt: store.path).repair { findings.append(("\($0)", $1)) }
    return findings
  }

  /// What a new process reads of a commit: texts, or nil for those that cannot be read.
  private func texts(of number: Int64) throws -> [String: String?] {
    let opened = try Store(openingAt: store.path)
    let manifest = try opened.manifest(of: try #require(CommitNumber(number)), in: alice)
    var texts: [String: String?] = [:]
    for (name, version) in manifest.versions {
      do { texts[name.text] = try opened.text(of: version) } catch let error as StoreError {
        #expect(error == .valueLost)
        texts[name.text] = .some(nil)
      }
    }
    return texts
  }

  /// Rows in every table that has seals.
  private func fillTables() throws {
    let note = NewCommit(
      coVariables: [], message: "with a cell", cell: Cell(source: "x = 1", executionCount: 3),
      unsaved: [Unsaved(name: "z", type: "lock", reason: "no")], environment: "python 3")
    try store.save(note, in: alice)
    try store.setMessage("edited", of: try #require(CommitNumber(2)), in: alice)
    try store.setTag(ReferenceName("good"), to: try #require(CommitNumber(1)), in: alice)
    try store.travel(.undo, in: alice)
    let version = try store.write("uncommitted", to: "w", in: alice)
    let times = FileTimes(FileTime(seconds: 1, nanoseconds: 2))
    try store.setFileAttribute(
      "user.note", to: [1, 2], of: VariableName("w"), in: alice,
      status: FileStatus(permissions: 0o600, times: times), bound: version.id)
    try store.keepTextSizes([version.id: 12], as: TextForm(renderer: 1, limit: 100))
    try store.set(.largestVariable, to: 1 << 40)
  }

  @Test("A flipped bit in any column of any row is found, and mended", arguments: Seals.tables)
  func oneBit(table: Seals.Table) throws {
    try fillTables()
    #expect(try store.findings() == [])
    let names = table.columns.joined(separator: ", ")
    for (index, column) in table.columns.enumerated() {
      let connection = try Connection.open(store.engine.database, for: .writing)
      var select = try connection.prepare(
        "SELECT \(names) FROM \(table.name) WHERE \(column) IS NOT NULL LIMIT 1")
      guard try select.step() else { continue }
      let row = table.columns.indices.map { select.value(Int32($0)) }
      _ = try select.step()
      let condition = table.columns.map { "\($0) IS ?" }.joined(separator: " AND ")
      // The first is NULL; a text without characters has no bits.
      guard let flipped = row[index].alternatives.dropFirst(5).first(where: { _ in true }) else {
        continue
      }
      try run("UPDATE \(table.name) SET \(column) = ? WHERE \(condition)", [flipped] + row)
      let name = "\(table.name).\(column)"
      #expect(try !Store(openingAt: store.path).findings().isEmpty, "\(name)")
      let findings = try repair()
      #expect(!findings.isEmpty && findings.allSatisfy(\.isMended), "\(name): \(findings)")
      select = try connection.prepare("SELECT count(*) FROM \(table.name) WHERE \(condition)")
      try select.restart(values: row)
      let isThere = try select.step() && select.integer(0) == 1
      #expect(isThere, "\(name)")
    }
  }

  @Test(
    "A flipped bit in the rows of a value is found and mended, and the value is never another",
    arguments: [
      "UPDATE version SET covariable = covariable - 1 WHERE commit_ = 3",
      "UPDATE version SET root = 1 WHERE commit_ = 3",
      "UPDATE version SET id = id + 16 WHERE commit_ = 3",
      "UPDATE covariable SET content = content - 1 WHERE id = 4",
      "UPDATE content SET form = 1 WHERE id = 4",
      "UPDATE root SET size = size + 8 WHERE content = 4",
      "UPDATE root SET type = 'rtr' WHERE content = 4",
      "DELETE FROM covariable WHERE id = 4",
      "DELETE FROM version WHERE commit_ = 3",
      "UPDATE version SET seal = (seal | 1) - (seal & 1) WHERE commit_ = 3",
      "UPDATE binding SET version = 2 WHERE number = 3",
      "UPDATE binding SET number = 2, name = 'w' WHERE number = 3",
    ])
  func value(sql: String) throws {
    try run(sql)
    #expect(try !Store(openingAt: store.path).findings().isEmpty)
    for number in 1...4 as ClosedRange<Int64> {
      do {
        let text = try texts(of: number)["x"]
        #expect(text == "x \(number)" || text == .some(nil))
      } catch let error as StoreError { #expect(error == .rowDamaged("commit \(number)")) }
    }
    let isMended = try repair().allSatisfy(\.isMended)
    // A row of which two columns are others is not searched for.
    #expect(isMended == !sql.contains("name = 'w'"))
    for number in [1, 2, 4] as [Int64] { #expect(try texts(of: number)["x"] == "x \(number)") }
    #expect(try texts(of: 3)["x"] == (isMended ? "x 3" : .some(nil)))
  }

  @Test("What cannot be proved is lost, and nothing else")
  func lost() throws {
    try run("DELETE FROM content WHERE id = (SELECT max(id) - 1 FROM content)")
    try run("DELETE FROM version WHERE commit_ = 3")
    for _ in 0..<2 {
      #expect(try texts(of: 2) == ["x": "x 2", "y": "always"])
      #expect(try texts(of: 3) == ["x": nil, "y": "always"])
      #expect(try texts(of: 4) == ["x": "x 4", "y": "always"])
      let findings = try repair()
      #expect(findings.count == 1 && findings[0].finding.contains("alice@3:x"))
      #expect(!findings[0].isMended)
    }
    let opened = try Store(openingAt: store.path)
    try opened.save(["x": "new"], in: alice)
    #expect(try texts(of: 5) == ["x": "new"])
    try opened.collect()
    #expect(try texts(of: 2) == ["x": "x 2", "y": "always"])
  }

  @Test("A binding that is gone makes no earlier value appear; what is bound later is right")
  func missingBinding() throws {
    try run("DELETE FROM binding WHERE number = 3")
    #expect(throws: StoreError.rowDamaged("commit 3")) { try texts(of: 3) }
    #expect(try texts(of: 2) == ["x": "x 2", "y": "always"])
    #expect(try texts(of: 4) == ["x": "x 4", "y": "always"])
    #expect(throws: StoreError.self) { try Store(openingAt: store.path).collect() }
    #expect(try repair().contains { !$0.isMended })
    #expect(try texts(of: 2) == ["x": "x 2", "y": "always"])
    #expect(try texts(of: 3) == ["x": nil, "y": nil])
    #expect(try texts(of: 4)["x"] == "x 4")
  }

  @Test(
    "A line that is damaged gives its commits no other values",
    arguments: [
      "UPDATE line SET parent_number = 3 WHERE parent IS NOT NULL",
      "UPDATE line SET parent = NULL, parent_number = NULL WHERE parent IS NOT NULL",
      "UPDATE line SET tip = 2", "UPDATE line SET session = 9 WHERE parent IS NOT NULL",
      "DELETE FROM line WHERE parent IS NOT NULL",
    ])
  func line(sql: String) throws {
    try store.checkout(Revision(base: .number(try #require(CommitNumber(1)))), in: alice)
    try store.write("new", to: "n", in: alice)
    try store.commitWorkspace(of: alice, message: "")
    let expected = ["x": "x 1", "y": "always", "n": "new"]
    #expect(try texts(of: 5) == expected)
    try run(sql)
    #expect(try !Store(openingAt: store.path).findings().isEmpty)
    for _ in 0..<2 {
      do {
        for (name, text) in try texts(of: 5) { #expect(text == nil || text == expected[name]) }
      } catch is StoreError {}
      let findings = try repair()
      if try Store(openingAt: store.path).findings() != [] {
        #expect(findings.contains { !$0.isMended })
      }
    }
    for number in 1...4 as ClosedRange<Int64> {
      #expect(try texts(of: number)["x"] == "x \(number)")
    }
  }

  @Test("What a repair could not prove is not called mended, and stands in nobody's way")
  func unproven() throws {
    try store.createSession(SessionName("bob"))
    try run("UPDATE commit_ SET message = 'something else' WHERE number = 3")
    try run("UPDATE session SET name = 'x/y' WHERE name = 'bob'")
    #expect(try Store(openingAt: store.path).sessions().map(\.name.text) == ["alice"])
    let findings = try repair()
    #expect(findings.count { $0.finding.contains("table") && !$0.isMended } == 2)
    let opened = try Store(openingAt: store.path)
    #expect(try opened.findings() == [])
    #expect(try opened.commits(of: alice)[2].message == "damaged: something else")
    #expect(try opened.sessions().map(\.name.text) == ["alice", "recovered-2"])
    try opened.collect()
    #expect(try texts(of: 3) == ["x": "x 3", "y": "always"])
  }

  @Test("A version of the tables that no podfs has is refused", arguments: [-1, 99])
  func version(number: Int) throws {
    try run("PRAGMA user_version = \(number)")
    #expect(throws: StoreError.self) { try Store(openingAt: store.path) }
  }

  @Test("A store without seals gets them, but not the rows that contradict a digest")
  func migration() throws {
    let path = temporary.directory.path + "/old"
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/tables-5")
    try FileManager.default.copyItem(atPath: fixture.path, toPath: path)
    // Of a commit whose parent is the number before, whatever was pruned elsewhere.
    try Connection.open(StoreDirectory(path) / "podfs.db", for: .writing).execute(
      """
      UPDATE binding SET version = (SELECT min(version) FROM binding)
      WHERE version IS NOT NULL AND (line, number) IN (
        SELECT line, max(number) FROM commit_ WHERE parent = number - 1 GROUP BY session)
      """)
    var findings: [String] = []
    try Store(openingAt: path).check(data: true) { findings.append("\($0)") }
    #expect(findings.contains { $0.contains("digest") })
    let opened = try Store(openingAt: path)
    for session in try opened.sessions() {
      for commit in try opened.commits(of: session.id) {
        let isDamaged = findings.contains { $0.contains("\(session.name)@\(commit.number) ") }
        do {
          _ = try opened.manifest(of: commit.number, in: session.id)
          #expect(!isDamaged)
        } catch { #expect(isDamaged && error == .rowDamaged("commit \(commit.number)")) }
      }
    }
    try opened.repair { _, _ in }
    #expect(try opened.findings().allSatisfy { $0.contains("lost") })
  }
}
