import PodModel
import PodStore
import Testing

@Suite struct TravelTests {
  let fixture: TemporaryStore
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }
  let alice: SessionName
  let main: ReferenceName

  init() throws {
    fixture = try TemporaryStore()
    alice = try SessionName("alice")
    main = try ReferenceName("main")
    for value in 1...4 { try store.save(["x": "\(value)", "same": "s"], in: session) }
  }

  private func names(_ texts: String...) throws -> [VariableName] {
    try texts.map { try VariableName($0) }
  }

  /// Saves co-variables that all have the same content with two roots.
  private func save(_ groups: [[String: Int]]) throws {
    let named = try groups.map { group in
      Dictionary(uniqueKeysWithValues: try group.map { (try VariableName($0.key), $0.value) })
    }
    try store.withWriter { writer throws(StoreError) in
      let content = try writer.putText("pair")
      let coVariables = named.map { NewCoVariable(content: content, names: $0) }
      _ = try writer.save(NewCommit(coVariables: coVariables), in: session)
    }
  }

  private func workspace() throws -> String {
    let version = try #require(try store.workspace(of: session).versions[VariableName("x")])
    return try store.text(of: version)
  }

  private func head() throws -> Int64? { try store.head(of: session).commit?.value }

  @Test("Undo and redo go back and forth any number of times, and the branch moves along")
  func backAndForth() throws {
    for _ in 1...3 {
      for expected in [3, 2, 1] {
        #expect(try store.travel(.undo, in: session).value == Int64(expected))
        #expect(try store.branches(of: session)[main]?.value == Int64(expected))
        #expect(try workspace() == "\(expected)")
      }
      #expect(throws: StoreError.nothingToUndo(alice)) { try store.travel(.undo, in: session) }
      for expected in [2, 3, 4] {
        #expect(try store.travel(.redo, in: session).value == Int64(expected))
        #expect(try store.branches(of: session)[main]?.value == Int64(expected))
      }
      #expect(throws: StoreError.nothingToRedo(alice)) { try store.travel(.redo, in: session) }
    }
    #expect(try store.head(of: session).branch == main)
  }

  @Test("A commit or a checkout forgets what was undone", arguments: [true, false])
  func forgets(byCommit: Bool) throws {
    try store.travel(.undo, in: session)
    if byCommit {
      try store.save(["x": "new"], in: session)
    } else {
      try store.checkout(Revision(parsing: "3"), in: session)
    }
    #expect(throws: StoreError.nothingToRedo(alice)) { try store.travel(.redo, in: session) }
  }

  @Test("A commit that was undone and then pruned is passed over")
  func pruned() throws {
    try store.travel(.undo, in: session)
    try store.travel(.undo, in: session)
    var rules = KeepRules()
    rules.last = 1
    _ = try store.prune(session, keeping: rules)
    #expect(try store.commits(of: session).map(\.number.value) == [2, 4])
    #expect(try store.travel(.redo, in: session).value == 4)
    #expect(throws: StoreError.nothingToRedo(alice)) { try store.travel(.redo, in: session) }
  }

  @Test("Nothing moves from another commit than was meant, or over what is uncommitted")
  func refusals() throws {
    let two = try #require(CommitNumber(2))
    #expect(throws: StoreError.headMoved(alice)) {
      try store.travel(.undo, in: session, from: two)
    }
    try store.remove(VariableName("x"), in: session)
    #expect(throws: StoreError.uncommittedChanges(alice, count: 1)) {
      try store.travel(.undo, in: session)
    }
    #expect(try head() == 4)
    #expect(try store.travel(.undo, in: session, force: true).value == 3)
    #expect(try workspace() == "3")
  }

  @Test("Uncommitted changes can be committed on the way, and come back with the redo")
  func committing() throws {
    try store.remove(VariableName("x"), in: session)
    #expect(try store.travel(.undo, in: session, committingAs: "before undo").value == 3)
    #expect(try workspace() == "3")
    #expect(try store.branches(of: session)[main]?.value == 3)
    let made = try #require(try store.commits(of: session).last)
    #expect(made.message == "before undo")
    #expect(made.parents.map(\.value) == [4])
    #expect(try store.manifest(of: made.number, in: session).versions.count == 1)
    #expect(try store.travel(.redo, in: session).value == made.number.value)

    #expect(try store.travel(.undo, in: session).value == 4)
    try store.remove(VariableName("same"), in: session)
    let target = try store.travel(.redo, in: session, committingAs: "before redo")
    #expect(target == made.number)
    #expect(try store.commits(of: session).last?.parents.map(\.value) == [4])
  }

  @Test("A plan tells what is otherwise at the target, by whole co-variables")
  func plan() throws {
    try save([["left": 0, "right": 1]])
    try save([["left": 0], ["right": 1], ["third": 1]])
    let plan = try store.plan(.undo, in: session)
    #expect(plan.start?.value == 6)
    #expect(plan.target.value == 5)
    // The values are the same, but there the two share objects.
    #expect(plan.loaded == (try names("left", "right")))
    #expect(plan.removed == (try names("third")))
    let far = try store.plan(.checkout(Revision(parsing: "4")), in: session)
    #expect(far.loaded == (try names("same", "x")))
    #expect(try store.plan(.checkout(Revision(parsing: "HEAD")), in: session).loaded == [])
    #expect(try head() == 6)
  }

  @Test("An edited message is shown in place of the first, and the digest stays")
  func editedMessage() throws {
    let one = try #require(CommitNumber(1))
    let before = try #require(try store.commit(one, of: session))
    let removals = try store.removals()
    try store.setMessage("edited", of: one, in: session)
    let after = try #require(try store.commit(one, of: session))
    #expect(after.message == "edited")
    #expect(after.digest == before.digest)
    #expect(try store.removals() > removals)
    let nine = try #require(CommitNumber(9))
    #expect(throws: StoreError.self) { try store.setMessage("", of: nine, in: session) }
    #expect(try store.findings() == [])
  }

  @Test("The history of a variable has each version with the commit that introduced it")
  func history() throws {
    let history = try store.history(of: VariableName("x"), in: session)
    #expect(history.map { $0.commit.number.value } == [1, 2, 3, 4])
    #expect(try history.map { try store.text(of: $0.version) } == ["1", "2", "3", "4"])
    #expect(try store.history(of: VariableName("same"), in: session).count == 1)
    let none = try VariableName("none")
    #expect(throws: StoreError.noSuchVariable(none)) { try store.history(of: none, in: session) }
  }

  @Test("A namespace that has nothing new makes no commit if none is wanted")
  func onlyIfChanged() throws {
    let saved = try store.save(["x": "4", "same": "s"], onlyIfChanged: true, in: session)
    #expect(!saved.isNew)
    #expect(saved.commit.number.value == 4)
    #expect(try store.save(["x": "5", "same": "s"], onlyIfChanged: true, in: session).isNew)
    #expect(try head() == 5)
    #expect(try store.findings() == [])
  }
}
