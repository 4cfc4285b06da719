import PodModel
import PodPickle
import PodStore
import Testing

@Suite struct WorkspaceFileTests {
  let fixture: TemporaryStore
  let x: VariableName
  let y: VariableName
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws {
    fixture = try TemporaryStore()
    x = try VariableName("x")
    y = try VariableName("y")
  }

  private let status = FileStatus(
    permissions: 0o640,
    times: FileTimes(
      accessed: FileTime(seconds: -315_619_200, nanoseconds: 1),
      modified: FileTime(seconds: 4_102_444_800, nanoseconds: 999_999_999),
      changed: FileTime(seconds: 5, nanoseconds: 0)))

  /// Writes a file with all that can be remembered of it.
  private func write(_ text: String, to name: VariableName) throws {
    let new = NewFile(status: status, attributes: ["user.a": Array(text.utf8)])
    _ = try store.seal(ByteSource(Array(text.utf8)), as: name, in: session, with: new)
  }

  private func status(of name: VariableName) throws -> FileStatus? {
    try store.workspaceEntry(of: name, in: session)?.status
  }

  private func attribute(of name: VariableName) throws -> String? {
    try store.fileAttributes(of: name, in: session)["user.a"].map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test("What a file brings is remembered, also of a moment before 1970 and of a far one")
  func remembers() throws {
    try write("1", to: x)
    let other = try Store(openingAt: store.path)
    #expect(try other.workspaceEntry(of: x, in: session)?.status == status)
    let bound = try #require(try other.workspaceVersion(of: x, in: session))
    #expect(try other.fileStatus(of: x, in: session, bound: bound.id) == status)
    #expect(try attribute(of: x) == "1")
    try store.commitWorkspace(of: session, message: "")
    #expect(try status(of: x) == status)
  }

  @Test("Another version keeps permissions and attributes, and has times of its own")
  func anotherVersion() throws {
    try write("1", to: x)
    try store.write("2", to: "x", in: session)
    #expect(try status(of: x) == FileStatus(permissions: 0o640))
    #expect(try attribute(of: x) == "1")
  }

  @Test("What is remembered follows a new name, and an exchange")
  func names() throws {
    try write("1", to: x)
    try store.rename(x, to: y, in: session)
    #expect(try status(of: y) == status)
    #expect(try attribute(of: y) == "1")
    try write("2", to: x)
    let changed = FileStatus(permissions: 0o600)
    try store.exchange(x, changed, with: y, status, in: session)
    #expect(try status(of: x) == status)
    #expect(try status(of: y)?.permissions == 0o600)
    #expect(try attribute(of: x) == "1")
    #expect(try attribute(of: y) == "2")
    #expect(try store.texts(of: store.workspace(of: session)) == ["x": "1", "y": "2"])
    #expect(throws: StoreError.noSuchVariable(try VariableName("z"))) {
      try store.exchange(x, status, with: VariableName("z"), status, in: session)
    }
    #expect(try store.findings() == [])
  }

  /// Saves `text` as the only variable, `x`, as Python does.
  private func save(_ text: String) throws {
    try store.save(["x": text], in: session)
  }

  @Test("A version has the permissions of its file in every commit, and so has what is saved later")
  func permissionsOfVersions() throws {
    try write("1", to: x)
    let first = try store.commitWorkspace(of: session, message: "").number
    let version = try #require(try store.workspaceVersion(of: x, in: session))
    #expect(try store.links(of: version.id).permissions == 0o640)
    try save("2")
    let saved = try #require(try store.workspaceVersion(of: x, in: session))
    #expect(saved.id != version.id)
    #expect(try store.links(of: saved.id).permissions == 0o640)
    #expect(try status(of: x) == FileStatus(permissions: 0o640))
    // What another session copies is as closed; what takes the place of a file is as that was.
    let bob = try store.createSession(SessionName("bob")).id
    let copy = try store.copy(saved, as: y, in: bob)
    #expect(try store.links(of: copy.id).permissions == 0o640)
    try store.write("3", to: "x", in: bob)
    #expect(try store.links(of: store.copy(saved, as: x, in: bob).id).permissions == 0o644)
    try store.checkout(Revision(base: .number(first)), in: session)
    #expect(try status(of: x) == FileStatus(permissions: 0o640))
    #expect(try store.findings() == [])
  }

  @Test("A change of the permissions of a committed version is counted, and is nothing to commit")
  func countedPermissions() throws {
    try write("1", to: x)
    #expect(try store.permissionChanges() == 0)
    try store.commitWorkspace(of: session, message: "")
    let version = try #require(try store.workspaceVersion(of: x, in: session))
    for _ in 0..<2 {
      let closed = FileStatus(permissions: 0o600)
      try store.setFileStatus(closed, of: x, in: session, bound: version.id)
    }
    #expect(try store.permissionChanges() == 1)
    #expect(try store.links(of: version.id).permissions == 0o600)
    #expect(try store.workspaceChanges(of: session).isEmpty)
  }

  @Test("Nobody else may use a version that is gone")
  func goneVersion() throws {
    try write("1", to: x)
    let version = try #require(try store.workspaceVersion(of: x, in: session))
    try store.remove(x, in: session)
    #expect(try store.links(of: version.id).permissions == 0o600)
  }

  @Test("What goes takes what is remembered with it: a file, a checkout's loser, a session")
  func forgets() throws {
    try write("1", to: x)
    try store.remove(x, in: session)
    try store.write("2", to: "x", in: session)
    #expect(try status(of: x) == FileStatus())
    #expect(try attribute(of: x) == nil)
    let commit = try store.commitWorkspace(of: session, message: "")
    try write("3", to: x)
    let revision = Revision(base: .number(commit.number))
    try store.checkout(revision, in: session, force: true)
    #expect(try status(of: x) == FileStatus())
    #expect(try attribute(of: x) == nil)
    try write("4", to: x)
    try store.removeSession(session)
    #expect(try store.fileAttributes(of: x, in: session) == [:])
  }
}
