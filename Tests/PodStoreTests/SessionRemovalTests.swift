import PodModel
import Testing

@testable import PodStore

@Suite struct SessionRemovalTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  private func rows() throws -> [String: Int64] {
    try store.engine.read { connection throws(StoreError) in
      var rows: [String: Int64] = [:]
      for table in [
        "session", "line", "commit_", "cell", "unsaved", "branch", "tag", "version", "covariable",
        "binding", "workspace", "file", "file_attribute", "environment", "text",
      ] {
        rows[table] = try connection.integer("SELECT count(*) FROM \(table)") ?? 0
      }
      return rows
    }
  }

  @Test("Nothing of a session is left, and copies of its values are readable")
  func removal() throws {
    let bob = try store.createSession(SessionName("bob")).id
    try store.save(["y": "1"], in: bob)
    let before = try rows()
    let eve = try store.createSession(SessionName("eve")).id
    try store.save(["x": "1"], in: eve)
    try store.save(["x": "2", "z": "2"], in: eve)
    let one = try #require(CommitNumber(1))
    try store.setTag(ReferenceName("best"), to: one, in: eve)
    try store.checkout(Revision(parsing: "1"), in: eve)
    try store.save(["x": "3"], in: eve)
    let x = try VariableName("x")
    let version = try #require(try store.manifest(of: one, in: eve).versions[x])
    try store.save(NewCommit(coVariables: [], environment: "CPython"), in: eve)
    let written = try store.write("5", to: "w", in: eve)
    try store.setFileAttribute(
      "user.a", to: [1], of: VariableName("w"), in: eve, status: FileStatus(permissions: 0o600),
      bound: written.id)
    try store.removeSession(eve)
    #expect(try rows() == before)
    #expect(throws: StoreError.sessionRemoved(eve)) { try store.head(of: eve) }
    #expect(throws: StoreError.sessionRemoved(eve)) { try store.save(["x": "4"], in: eve) }
    #expect(throws: StoreError.sessionRemoved(eve)) { try store.manifest(of: one, in: eve) }
    let dan = try store.createSession(SessionName("dan")).id
    try store.copy(version, as: x, in: dan)
    try store.removeSession(bob)
    #expect(try store.texts(of: store.workspace(of: dan)) == ["x": "1"])
    #expect(try store.findings() == [])
  }

  @Test("A session is not removed as empty if it has commits or changes")
  func onlyEmpty() throws {
    let name = try SessionName("alice")
    try store.write("1", to: "x", in: session)
    #expect(throws: StoreError.sessionNotEmpty(name, commits: 0, changes: 1)) {
      try store.removeSession(session, onlyEmpty: true)
    }
    try store.commitWorkspace(of: session, message: "")
    #expect(throws: StoreError.sessionNotEmpty(name, commits: 1, changes: 0)) {
      try store.removeSession(session, onlyEmpty: true)
    }
    try store.removeSession(session)
    let new = try store.createSession(name)
    #expect(new.id != session)
    try store.removeSession(new.id, onlyEmpty: true)
    #expect(try store.sessions().isEmpty)
  }
}
