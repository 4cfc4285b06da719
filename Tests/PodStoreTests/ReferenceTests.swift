import PodModel
import PodStore
import Testing

@Suite struct ReferenceTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }
  let alice: SessionName
  let main: ReferenceName

  init() throws {
    fixture = try TemporaryStore()
    alice = try SessionName("alice")
    main = try ReferenceName("main")
  }

  private func resolve(_ text: String) throws -> Int64 {
    try store.resolve(Revision(parsing: text), in: session).value
  }

  private func checkout(_ text: String, force: Bool = false) throws {
    try store.checkout(Revision(parsing: text), in: session, force: force)
  }

  @Test("A revision is a number, HEAD, a branch, a tag, a digest, a time, or so many before it")
  func revisions() throws {
    for number in 1...5 {
      let time = Timestamp(microseconds: Int64(number) * 86_400_000_000)
      try store.save(NewCommit(coVariables: [], message: "\(number)", time: time), in: session)
    }
    let number = try #require(CommitNumber(3))
    let third = try #require(try store.commit(number, of: session))
    try store.setTag(ReferenceName("baseline"), to: third.number, in: session)
    #expect(try resolve("2") == 2)
    #expect(try resolve("HEAD") == 5)
    #expect(try resolve("HEAD~2") == 3)
    #expect(try resolve("main~4") == 1)
    #expect(try resolve("baseline~") == 2)
    #expect(try resolve(String(third.digest.description.prefix(12))) == 3)
    #expect(try resolve("1970-01-03") == 2)
    #expect(try resolve("1970-01-03T00:00:00Z~1") == 1)
  }

  @Test(
    "A revision that means nothing is refused with what there is",
    arguments: ["9", "HEAD~2", "nobody", "abc", "ffffffffffff", "1969-12-31", "main~99999"])
  func unknown(text: String) throws {
    let revision = try Revision(parsing: text)
    #expect(throws: StoreError.noCommits(alice)) { try resolve(text) }
    try store.save(["x": "1"], in: session)
    try store.save(["x": "2"], in: session)
    let last = try #require(CommitNumber(2))
    #expect(throws: StoreError.noSuchRevision(revision, alice, last: last)) { try resolve(text) }
  }

  @Test("Checking out a commit makes the workspace what it was, and the next commit goes on there")
  func checkout() throws {
    try store.save(["x": "1"], in: session)
    try store.save(["x": "2", "y": "2"], in: session)
    try checkout("1")
    #expect(try store.head(of: session).commit?.value == 1)
    #expect(try store.head(of: session).branch == nil)
    #expect(try store.texts(of: store.workspace(of: session)) == ["x": "1"])
    try store.write("3", to: "z", in: session)
    let commit = try store.commitWorkspace(of: session, message: "")
    #expect(commit.number.value == 3 && commit.parents.map(\.value) == [1])
    #expect(try store.texts(of: 3, in: session) == ["x": "1", "z": "3"])
    #expect(try store.branches(of: session)[main]?.value == 2)
    #expect(try resolve("HEAD~1") == 1)
    #expect(try store.findings() == [])
  }

  @Test("Checking out a branch by its name makes the next commit move it")
  func checkoutBranch() throws {
    try store.save(["x": "1"], in: session)
    let idea = try ReferenceName("idea")
    try store.setBranch(idea, to: #require(CommitNumber(1)), in: session)
    try checkout("idea")
    #expect(try store.head(of: session).branch == idea)
    try store.save(["x": "2"], in: session)
    #expect(try store.branches(of: session).mapValues(\.value) == [main: 1, idea: 2])
    try checkout("main")
    #expect(try store.texts(of: store.workspace(of: session)) == ["x": "1"])
  }

  @Test("Uncommitted changes are not lost by a checkout, unless it is forced")
  func uncommitted() throws {
    try store.save(["x": "1"], in: session)
    try store.write("2", to: "x", in: session)
    #expect(throws: StoreError.uncommittedChanges(alice, count: 1)) { try checkout("1") }
    #expect(try store.texts(of: store.workspace(of: session)) == ["x": "2"])
    try checkout("1", force: true)
    #expect(try store.texts(of: store.workspace(of: session)) == ["x": "1"])
    #expect(try store.workspaceChanges(of: session).isEmpty)
    #expect(try store.statistics().versions == 1)
  }

  @Test("The checked-out branch can be neither moved nor removed; others can")
  func branches() throws {
    try store.save(["x": "1"], in: session)
    try store.save(["x": "2"], in: session)
    let first = try #require(CommitNumber(1))
    #expect(throws: StoreError.branchCheckedOut(main)) {
      try store.setBranch(main, to: first, in: session)
    }
    #expect(throws: StoreError.branchCheckedOut(main)) {
      try store.removeBranch(main, in: session)
    }
    let idea = try ReferenceName("idea")
    try store.setBranch(idea, to: first, in: session)
    try store.setBranch(idea, to: #require(CommitNumber(2)), in: session)
    #expect(try store.branches(of: session).mapValues(\.value) == [main: 2, idea: 2])
    try store.removeBranch(idea, in: session)
    #expect(throws: StoreError.noSuchBranch(idea)) { try store.removeBranch(idea, in: session) }
  }

  @Test("A tag stays where it is")
  func tags() throws {
    try store.save(["x": "1"], in: session)
    try store.save(["x": "2"], in: session)
    let (first, second) = (try #require(CommitNumber(1)), try #require(CommitNumber(2)))
    let tag = try ReferenceName("baseline")
    try store.setTag(tag, to: first, in: session)
    try store.setTag(tag, to: first, in: session)
    #expect(throws: StoreError.tagExists(tag)) { try store.setTag(tag, to: second, in: session) }
    #expect(try store.tags(of: session).mapValues(\.value) == [tag: 1])
    try store.removeTag(tag, in: session)
    #expect(throws: StoreError.noSuchTag(tag)) { try store.removeTag(tag, in: session) }
    let missing = try #require(CommitNumber(7))
    #expect(
      throws: StoreError.noSuchRevision(
        Revision(base: .number(missing)), alice, last: second)
    ) { try store.setTag(tag, to: missing, in: session) }
  }
}
