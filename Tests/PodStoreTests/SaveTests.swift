import PodModel
import PodStore
import Testing

@Suite struct SaveTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  @Test("Commits are numbered from 1 and bind what was saved")
  func numbers() throws {
    try store.save(["x": "1"], message: "one", in: session)
    try store.save(["x": "2", "y": "a"], message: "two", in: session)
    let commits = try store.commits(of: session)
    #expect(commits.map(\.number.value) == [1, 2])
    #expect(commits.map(\.message) == ["one", "two"])
    #expect(commits.map { $0.parents.map(\.value) } == [[], [1]])
    #expect(try store.texts(of: 1, in: session) == ["x": "1"])
    #expect(try store.texts(of: 2, in: session) == ["x": "2", "y": "a"])
    #expect(try store.head(of: session).commit?.value == 2)
    #expect(try store.branches(of: session).map { "\($0.key)=\($0.value)" } == ["main=2"])
    #expect(try store.findings() == [])
  }

  @Test("A variable that did not change keeps its version")
  func unchanged() throws {
    try store.save(["x": "1", "y": "a"], in: session)
    try store.save(["x": "1", "y": "b"], in: session)
    let (x, y) = (try VariableName("x"), try VariableName("y"))
    let one = try #require(CommitNumber(1))
    let two = try #require(CommitNumber(2))
    let first = try store.manifest(of: one, in: session)
    let second = try store.manifest(of: two, in: session)
    #expect(first.versions[x] == second.versions[x])
    #expect(second.versions[x]?.commit == one)
    #expect(second.versions[y]?.commit == two)
    #expect(try store.changes(of: two, in: session).keys.map(\.text) == ["y"])
    #expect(try Store(openingAt: store.path).manifest(of: two, in: session) == second)
  }

  @Test("A commit keeps its cell and what could not be kept")
  func cell() throws {
    let cell = Cell(
      source: "x = 1\n", executionCount: 3, duration: 0.5, standardOutput: "out", error: "E")
    let unsaved = [
      Unsaved(name: "lock", type: "_thread.lock", reason: "cannot pickle"),
      Unsaved(name: "a/b", type: "int", reason: "'/' is no part of a name"),
    ]
    let time = Timestamp(microseconds: 1_795_255_331_000_001)
    let saved = try store.save(
      NewCommit(coVariables: [], message: "m", cell: cell, unsaved: unsaved, time: time),
      in: session)
    #expect(saved.commit.time == time)
    #expect(try store.cell(of: saved.commit.number, in: session) == cell)
    #expect(try store.unsaved(of: saved.commit.number, in: session) == unsaved)
    #expect(try store.commit(saved.commit.number, of: session) == saved.commit)
    let bare = try store.save([:], in: session)
    #expect(try store.cell(of: bare.commit.number, in: session) == nil)
    #expect(try store.unsaved(of: bare.commit.number, in: session) == [])
  }

  @Test("Variables that share objects stay one co-variable until their sharing changes")
  func coVariables() throws {
    let (x, y) = (try VariableName("x"), try VariableName("y"))
    func save(_ groups: [[VariableName: Int]]) throws -> Manifest {
      let saved = try store.withWriter { writer throws(StoreError) in
        let content = try writer.putText("shared")
        return try writer.save(
          NewCommit(coVariables: groups.map { NewCoVariable(content: content, names: $0) }),
          in: session)
      }
      return try store.manifest(of: saved.commit.number, in: session)
    }
    let together = try save([[x: 0, y: 1]])
    #expect(together.coVariables == [[x, y]])
    #expect(try save([[x: 0, y: 1]]) == together)
    let swapped = try save([[x: 1, y: 0]])
    #expect(swapped.versions[x]?.id != together.versions[x]?.id)
    let apart = try save([[x: 1], [y: 0]])
    #expect(apart.coVariables == [[x], [y]])
    #expect(apart.versions[x]?.content == swapped.versions[x]?.content)
  }

  @Test("What changed in HEAD since the base is kept, unless the namespace changed it too")
  func merge() throws {
    try store.save(["x": "1", "y": "1", "gone": "1"], in: session)
    try store.write("workspace", to: "x", in: session)
    try store.write("workspace", to: "y", in: session)
    try store.write("workspace", to: "new", in: session)
    try store.remove(VariableName("gone"), in: session)
    let saved = try store.save(["x": "1", "y": "2", "gone": "1"], base: 1, in: session)
    #expect(saved.commit.number.value == 3)
    let pending = try store.commit(#require(CommitNumber(2)), of: session)
    #expect(pending?.message == "workspace changes")
    #expect(
      try store.texts(of: 2, in: session)
        == ["x": "workspace", "y": "workspace", "new": "workspace"])
    #expect(
      try store.texts(of: 3, in: session) == ["x": "workspace", "y": "2", "new": "workspace"])
    #expect(saved.adopted.map(\.text) == ["gone", "new", "x"])
    #expect(try store.workspaceChanges(of: session).isEmpty)
    #expect(try store.findings() == [])
  }

  @Test("A namespace without a base replaces HEAD, but not what the workspace changed since")
  func noBase() throws {
    try store.save(["x": "1", "y": "1"], in: session)
    try store.write("2", to: "x", in: session)
    let saved = try store.save(["x": "1"], in: session)
    #expect(try store.texts(of: saved.commit.number.value, in: session) == ["x": "2"])
  }

  @Test("What contradicts itself is refused and changes nothing")
  func contradictions() throws {
    let x = try VariableName("x")
    let stored = try store.save(["x": "1"], in: session)
    let version = try #require(
      try store.manifest(of: stored.commit.number, in: session).versions[x])
    let content = NewContent(id: version.content, roots: [version.summary])
    func save(_ namespace: NewCommit) -> StoreError? {
      do throws(StoreError) { try store.save(namespace, in: session) } catch { return error }
      return nil
    }
    let twice = NewCoVariable(content: content, names: [x: 0])
    #expect(
      save(NewCommit(coVariables: [twice, twice]))
        == .invalidCommit(reason: "'x' is in two co-variables"))
    let y = NewCoVariable(content: content, names: [try VariableName("y"): 7])
    #expect(
      save(NewCommit(coVariables: [y]))
        == .invalidCommit(reason: "'y' is root 7 of a content that has no such"))
    let base = NewCommit(base: NamespaceBase(commit: CommitNumber(5)), coVariables: [])
    #expect(save(base) == .invalidCommit(reason: "its base, commit 5, does not exist"))
    let nowhere = PodID(words: SIMD4(1, 2, 3, 4))
    let unknown = NewContent(id: ContentID(pod: nowhere, form: .raw), roots: content.roots)
    let z = NewCoVariable(content: unknown, names: [try VariableName("z"): 0])
    #expect(save(NewCommit(coVariables: [z])) == .podNotFound(nowhere))
    #expect(try store.commits(of: session).count == 1)
    #expect(try store.findings() == [])
  }
}
