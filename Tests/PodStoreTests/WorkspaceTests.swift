import PodModel
import PodStore
import Testing

@Suite struct WorkspaceTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  private func workspace() throws -> [String: String] {
    try store.texts(of: try store.workspace(of: session))
  }

  @Test("What is written is in the workspace, and in a commit only when it is committed")
  func seal() throws {
    try store.write("1", to: "x", in: session)
    #expect(try workspace() == ["x": "1"])
    #expect(try store.commits(of: session).isEmpty)
    let commit = try store.commitWorkspace(of: session, message: "by hand")
    #expect(commit.number.value == 1)
    #expect(try store.texts(of: 1, in: session) == ["x": "1"])
    #expect(try store.workspaceChanges(of: session).isEmpty)
    let version = try #require(try store.workspace(of: session).versions[VariableName("x")])
    #expect(version.commit == commit.number)
    #expect(version.time == commit.time)
    #expect(try store.findings() == [])
  }

  @Test("A commit keeps the version that the workspace had, so its inode stays")
  func sameVersion() throws {
    let written = try store.write("1", to: "x", in: session)
    try store.commitWorkspace(of: session, message: "")
    #expect(try store.workspace(of: session).versions[VariableName("x")]?.id == written.id)
  }

  @Test("Writing again replaces, and leaves no row behind")
  func replace() throws {
    for text in ["1", "2", "3"] { try store.write(text, to: "x", in: session) }
    #expect(try workspace() == ["x": "3"])
    #expect(try store.statistics().versions == 1)
  }

  @Test("Writing what was there is no change")
  func writeSame() throws {
    try store.save(["x": "1"], in: session)
    let id = try store.workspace(of: session).versions[VariableName("x")]?.id
    #expect(try store.write("1", to: "x", in: session).id == id)
    try store.write("2", to: "x", in: session)
    #expect(try store.workspaceChanges(of: session).count == 1)
    #expect(try store.write("1", to: "x", in: session).id == id)
    #expect(try store.workspaceChanges(of: session).isEmpty)
    #expect(try store.statistics().versions == 1)
  }

  @Test("What is removed is gone from the next commit and kept in the last")
  func remove() throws {
    try store.save(["x": "1", "y": "1"], in: session)
    let x = try VariableName("x")
    try store.remove(x, in: session)
    #expect(throws: StoreError.noSuchVariable(x)) { try store.remove(x, in: session) }
    #expect(try workspace() == ["y": "1"])
    #expect(try store.workspaceChanges(of: session) == [x: Version?.none])
    try store.commitWorkspace(of: session, message: "")
    #expect(try store.texts(of: 1, in: session) == ["x": "1", "y": "1"])
    #expect(try store.texts(of: 2, in: session) == ["y": "1"])
    #expect(
      try store.changes(of: #require(CommitNumber(2)), in: session) == [x: Version?.none])
  }

  @Test("A removed variable that was never committed leaves no change")
  func removeNew() throws {
    try store.write("1", to: "x", in: session)
    try store.remove(VariableName("x"), in: session)
    #expect(try store.workspaceChanges(of: session).isEmpty)
    #expect(try store.statistics().versions == 0)
  }

  @Test("Renaming keeps the version, replaces the target, and back again is no change")
  func rename() throws {
    let (x, y) = (try VariableName("x"), try VariableName("y"))
    try store.save(["x": "1"], in: session)
    let id = try #require(try store.workspace(of: session).versions[x]).id
    try store.write("2", to: "y", in: session)
    try store.rename(x, to: y, in: session)
    #expect(try workspace() == ["y": "1"])
    #expect(try store.workspace(of: session).versions[y]?.id == id)
    #expect(throws: StoreError.noSuchVariable(x)) { try store.rename(x, to: y, in: session) }
    try store.rename(y, to: y, in: session)
    try store.rename(y, to: x, in: session)
    #expect(try store.workspaceChanges(of: session).isEmpty)
    #expect(try store.findings() == [])
  }

  @Test("A version that was not committed yet survives being renamed")
  func renameNew() throws {
    try store.write("1", to: "draft", in: session)
    try store.rename(VariableName("draft"), to: VariableName("x"), in: session)
    try store.commitWorkspace(of: session, message: "")
    #expect(try store.texts(of: 1, in: session) == ["x": "1"])
    #expect(try store.findings() == [])
  }

  @Test("A copy from a past commit of another session adds rows and no pods")
  func copy() throws {
    let bob = try store.createSession(SessionName("bob")).id
    try store.save(["x": "old"], in: session)
    try store.save(["x": "new"], in: session)
    let first = try #require(CommitNumber(1))
    let x = try VariableName("x")
    let old = try #require(try store.manifest(of: first, in: session).versions[x])
    let before = try store.statistics()
    let copy = try store.copy(old, as: VariableName("taken"), in: bob)
    #expect(copy.id != old.id && copy.coVariable != old.coVariable)
    #expect(copy.content == old.content && copy.summary == old.summary)
    #expect(try store.texts(of: store.workspace(of: bob)) == ["taken": "old"])
    let after = try store.statistics()
    #expect(after.pods == before.pods && after.packBytes == before.packBytes)
    try store.commitWorkspace(of: bob, message: "")
    #expect(try store.findings() == [])
  }

  @Test("Two spellings of one letter are two variables")
  func spellings() throws {
    try store.write("one", to: "caf\u{E9}", in: session)
    try store.write("two", to: "cafe\u{301}", in: session)
    let commit = try store.commitWorkspace(of: session, message: "")
    let reopened = try Store(openingAt: store.path)
    #expect(try reopened.manifest(of: commit.number, in: session).versions.count == 2)
  }

  @Test(
    "Any file name is a variable",
    arguments: ["with space", "ünïcødé 🐍", String(repeating: "n", count: 255), "a\nb", "'\";--"])
  func names(name: String) throws {
    try store.write("1", to: name, in: session)
    try store.save([name: "1"], in: session)
    let reopened = try Store(openingAt: store.path)
    #expect(try reopened.texts(of: 2, in: session) == [name: "1"])
    #expect(try reopened.findings() == [])
  }
}
