import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct CellRunTests {
  let fixture: TemporaryStore
  let x: VariableName
  let y: VariableName

  init() throws {
    fixture = try TemporaryStore()
    (x, y) = (try VariableName("x"), try VariableName("y"))
  }

  private var store: Store { fixture.store }

  /// Commits co-variables of names, each with a text of its own.
  @discardableResult
  private func save(
    _ groups: [String: [VariableName]], reads: Set<VariableName>? = nil,
    bound: Set<VariableName> = [], base: NamespaceBase? = nil, unsaved: [Unsaved] = []
  ) throws -> CommitNumber {
    try store.withWriter { writer throws(StoreError) in
      var coVariables: [NewCoVariable] = []
      for (text, names) in groups {
        let roots = Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })
        coVariables.append(NewCoVariable(content: try writer.putText(text), names: roots))
      }
      let cell = reads.map { Cell(source: "code", error: "E", reads: CellReads($0, bound: bound)) }
      return try writer.save(
        NewCommit(base: base, coVariables: coVariables, cell: cell, unsaved: unsaved),
        in: fixture.session
      ).commit.number
    }
  }

  private func run(_ number: CommitNumber) throws -> CellRun {
    try #require(try store.run(of: number, in: fixture.session))
  }

  private func removeCommits(_ numbers: Set<CommitNumber>) throws {
    try store.engine.change { connection throws(StoreError) in
      try CommitRemoval.run(numbers, of: fixture.session, connection)
    }
  }

  @Test("A run tells the code, what it read with what is stored together, and what changed")
  func all() throws {
    let z = try VariableName("z")
    let one = try save(["together": [x, y], "apart": [z]])
    let lock = Unsaved(name: "lock", type: "lock", reason: "none")
    let two = try save(["together": [x, y], "apart": [z]], unsaved: [lock])
    let three = try save(
      ["together": [x, y], "other": [z]],
      reads: [x, try VariableName("lock"), try VariableName("q")])
    let run = try run(three)
    #expect((run.parent, run.hasParent) == (two, true))
    #expect((run.source, run.error) == ("code", "E"))
    #expect(run.taken == [x: one, y: one])
    #expect(run.takenUnsaved == [try VariableName("lock")])
    #expect(run.changed == [z])
    #expect(try self.run(two).unsaved == [try VariableName("lock")])
    #expect(try self.run(two).source == nil)
    #expect(try store.run(of: try #require(CommitNumber(9)), in: fixture.session) == nil)
  }

  @Test("What was stored together once, and is not now, is not taken")
  func parted() throws {
    try save(["together": [x, y]])
    let two = try save(["together": [x], "other": [y]])
    #expect(try run(try save(["new": [x], "other": [y]], reads: [x])).taken == [x: two])
  }

  @Test("What only shares objects with others no more was not made by the cell, but taken")
  func passed() throws {
    let one = try save(["together": [x, y]])
    let two = try save(["together": [x], "new": [y]], reads: [], bound: [y])
    let parted = try #require(try store.run(of: two, giving: [x], in: fixture.session))
    #expect(parted.taken == [x: one, y: one])
    #expect(try store.run(of: two, giving: [], in: fixture.session)?.taken == [:])
    let three = try save(["together": [x], "newer": [y]], reads: [], bound: [y])
    #expect(try store.run(of: three, giving: [y], in: fixture.session)?.taken == [:])
    let four = try save(["together": [x], "newest": [y]], reads: [])
    #expect(try store.run(of: four, giving: [y], in: fixture.session)?.taken == [y: three])
  }

  @Test("What others changed since the cell began is not what it read")
  func elsewhere() throws {
    let one = try save(["a": [x], "b": [y]])
    try save(["c": [x], "b": [y]])
    let three = try save(
      ["a": [x], "d": [y]], reads: [x, y], base: NamespaceBase(commit: one))
    let run = try run(three)
    #expect((run.reads?.names, run.reads?.elsewhere) == ([y], [x]))
    #expect(run.taken == [y: one])
  }

  @Test("A commit whose forerunners were removed does not have the parent it was made on")
  func pruned() throws {
    let one = try save(["a": [x]])
    let two = try save(["b": [x]])
    let three = try save(["b": [x], "c": [y]], reads: [x])
    let four = try save(["b": [x], "d": [y]], reads: [y])
    try removeCommits([two])
    #expect(try run(one).hasParent)
    #expect(try run(three).hasParent == false)
    #expect(try run(four).hasParent)
    try removeCommits([one])
    #expect(try run(three).hasParent == false)
  }

  @Test("Removed commits of another branch are no forerunners")
  func prunedBranch() throws {
    let one = try save(["a": [x]])
    let two = try save(["b": [x]])
    try store.checkout(Revision(base: .number(one)), in: fixture.session)
    let three = try save(["c": [x]], reads: [x])
    try removeCommits([two])
    #expect(try run(three).hasParent)
    #expect(try run(three).taken == [x: one])
  }

  @Test("A question about a workspace begins at the versions that are committed")
  func origins() throws {
    let lock = Unsaved(name: "lock", type: "lock", reason: "none")
    let one = try save(["a": [x], "b": [y]], unsaved: [lock])
    _ = try store.seal(ByteSource([1, 2]), as: y, in: fixture.session)
    let names: Set = [x, y, try VariableName("lock")]
    let origins = try store.origins(of: names, at: nil, in: fixture.session)
    #expect(origins.number == one)
    #expect(origins.introduced == [x: one])
    #expect(origins.unsaved == [try VariableName("lock")])
    let missing = try VariableName("missing")
    #expect(throws: StoreError.noSuchVariable(missing)) {
      try store.origins(of: [missing], at: nil, in: fixture.session)
    }
  }
}
