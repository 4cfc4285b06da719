import PodModel
import PodPlan
import Testing

@Suite struct LineageTests {
  @Test("A value comes from the cell that made it and from what that cell read")
  func chain() throws {
    var history = SampleHistory()
    try history.add(bound: ["a"])
    try history.add(bound: ["x"])
    try history.add(reads: ["a"], bound: ["b"])
    try history.add(reads: ["b"], bound: ["c"])
    #expect(try history.phrases(of: "c") == ["1: a", "3: a -> b", "4: b -> c"])
    #expect(try history.phrases(of: "c", followingStored: false) == ["4: b -> c"])
    #expect(try history.phrases(of: "a") == ["1: a"])
  }

  @Test("What is read is taken as it was before the cell, and not as it is at last")
  func versions() throws {
    var history = SampleHistory()
    try history.add(bound: ["a"])
    try history.add(reads: ["a"], bound: ["b"])
    try history.add(reads: ["a"], changing: ["a"])
    try history.add(reads: ["b"], bound: ["c"])
    #expect(try history.phrases(of: "c") == ["1: a", "2: a -> b", "4: b -> c"])
    #expect(try history.phrases(of: "a") == ["1: a", "3: a -> a"])
  }

  @Test("A cell that made several of the values is named once, with all that is needed of it")
  func merged() throws {
    var history = SampleHistory()
    try history.add(bound: ["a", "b", "c"])
    try history.add(reads: ["a"], bound: ["d"])
    try history.add(reads: ["b", "d"], bound: ["e"])
    #expect(try history.phrases(of: "e") == ["1: a b", "2: a -> d", "3: b d -> e"])
  }

  @Test("The way ends, and says so, where no code is known and where history was removed")
  func ends() throws {
    var history = SampleHistory()
    try history.add(bound: ["a"])
    try history.add(reads: ["a"], bound: ["b"])
    try history.add(reads: ["b"], bound: ["c"])
    history.runs[2]?.source = nil
    history.runs[2]?.taken = [:]
    #expect(try history.ends(of: "c") == [2: .noCell])
    history.runs[2]?.source = "b = a"
    history.runs[3]?.hasParent = false
    #expect(try history.ends(of: "c") == [3: .historyRemoved])
    history.runs[3] = nil
    #expect(try history.phrases(of: "c", in: 3, from: 3) == [])
  }

  @Test("The way goes on, and says so, where a cell may have read more than is known")
  func doubts() throws {
    var history = SampleHistory()
    try history.add(bound: ["a"])
    try history.add(reads: ["a"], bound: ["b"])
    history.runs[2]?.reads?.isEverything = true
    #expect(try history.ends(of: "b") == [2: .readsEverything])
    history.runs[2]?.reads?.elsewhere = try [VariableName("z")]
    #expect(try history.ends(of: "b") == [2: .readElsewhere])
    history.runs[2]?.reads = nil
    #expect(try history.ends(of: "b") == [2: .notUnderstood])
    #expect(try history.phrases(of: "b").count == 2)
  }

  @Test("A value that could not be stored comes from where it appeared and from what changed it")
  func unsaved() throws {
    var history = SampleHistory()
    try history.add(bound: ["list"])
    try history.add(bound: ["other"])
    try history.add(reads: ["list"], bound: ["it"], unsaved: ["it"])
    try history.add(reads: ["other"], bound: ["x"], unsaved: ["it"])
    try history.add(reads: ["it"], bound: ["first"], unsaved: ["it"])
    try history.add(reads: ["list", "x"], changing: ["list"], unsaved: ["it"])
    try history.add(reads: ["list"], bound: ["y"], unsaved: ["it"])
    try history.add(reads: ["it"], bound: ["last"], unsaved: ["it"])
    #expect(
      try history.phrases(ofUnsaved: "it", in: 7) == [
        "1: list", "2: other", "3: list -> it", "4: other -> x", "5: it -> it",
        "6: list x -> it",
      ])
    #expect(try history.phrases(ofUnsaved: "it", in: 4) == ["1: list", "3: list -> it"])
    #expect(
      try history.phrases(of: "last") == [
        "1: list", "2: other", "3: list -> it", "4: other -> x", "5: it -> it",
        "6: list x -> it", "8: it -> last",
      ])
  }

  @Test("A value that was made anew after it was gone comes from the later cell alone")
  func twice() throws {
    var history = SampleHistory()
    try history.add(bound: ["it"], unsaved: ["it"])
    try history.add()
    try history.add(bound: ["it"], unsaved: ["it"])
    #expect(try history.phrases(ofUnsaved: "it", in: 3) == ["3: it"])
  }

  @Test("Through another value that could not be stored, one may be changed")
  func unsavedThroughAnother() throws {
    var history = SampleHistory()
    try history.add(bound: ["it"], unsaved: ["it"])
    try history.add(reads: ["it"], bound: ["map"], unsaved: ["it", "map"])
    try history.add(reads: ["map"], unsaved: ["it", "map"])
    let steps = ["1: it", "2: it -> it map", "3: map -> it"]
    #expect(try history.phrases(ofUnsaved: "it", in: 3) == steps)
  }

  @Test("What another value that could not be stored is made of, one that is made of it is, too")
  func unsavedMadeOfAnother() throws {
    var history = SampleHistory()
    try history.add(bound: ["list"])
    try history.add(reads: ["list"], bound: ["it"], unsaved: ["it"])
    try history.add(reads: ["it"], bound: ["map"], unsaved: ["it", "map"])
    try history.add(reads: ["list"], changing: ["list"], unsaved: ["it", "map"])
    try history.add(bound: ["x"], unsaved: ["it", "map"])
    #expect(
      try history.phrases(ofUnsaved: "map", in: 5) == [
        "1: list", "2: list -> it", "3: it -> map", "4: list -> map",
      ])
  }

  @Test("Commits of another branch have no part in it")
  func branches() throws {
    var history = SampleHistory()
    try history.add(bound: ["a"])
    try history.add(reads: ["a"], changing: ["a"])
    try history.add(on: 1, reads: ["a"], bound: ["b"])
    #expect(try history.phrases(of: "b") == ["1: a", "3: a -> b"])
  }

  @Test("Rows that lead in circles or upwards end the search")
  func damaged() throws {
    var history = SampleHistory()
    try history.add(bound: ["a"])
    try history.add(reads: ["a"], bound: ["b"], unsaved: ["u"])
    try history.add(reads: ["b", "u"], bound: ["c"], unsaved: ["u"])
    for origin in [2, 3, 9] as [Int64] {
      history.runs[2]?.taken = [try VariableName("c"): try #require(CommitNumber(origin))]
      history.runs[2]?.parent = CommitNumber(origin)
      history.runs[3]?.takenUnsaved = [try VariableName("u")]
      #expect(try history.phrases(of: "c").count == 2)
    }
    let beyond = try #require(CommitNumber(9))
    let none = try Lineage(of: [VariableName("c"): beyond], in: try #require(CommitNumber(3))) {
      number, _ in
      history.runs[number.value]
    }
    #expect(none.steps.isEmpty)
  }

  @Test("In random histories it is what following each name by itself finds", arguments: 0..<40)
  func randomHistories(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var history = SampleHistory()
    let names = ["a", "b", "c", "d", "e", "f"]
    for number in 1...60 {
      let parent = Int64.random(in: max(0, Int64(number) - 3)...Int64(number - 1), using: &random)
      let reads = names.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
      let bound = names.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
      try history.add(on: parent, reads: reads, bound: bound)
    }
    for number in 1...60 as ClosedRange<Int64> {
      for (name, origin) in history.bound[number] ?? [:] {
        let number = try #require(CommitNumber(number))
        let lineage = Lineage(of: [name: origin], in: number) { number, _ in
          history.runs[number.value]
        }
        let found = lineage.steps.flatMap { step in step.gives.map { "\(step.run.number) \($0)" } }
        #expect(Set(found) == history.naive(name, origin))
        #expect(Set(found).count == found.count)
        #expect(lineage.steps.map(\.run.number) == lineage.steps.map(\.run.number).sorted())
      }
    }
  }

  @Test("Tens of thousands of commits are followed without going deeper", arguments: [false, true])
  func long(isUnsaved: Bool) throws {
    let name = try VariableName("x")
    let last = try #require(CommitNumber(20_000))
    let lineage = Lineage(
      of: isUnsaved ? [:] : [name: last], unsaved: isUnsaved ? [name] : [], in: last
    ) { number, _ in
      var run = CellRun(number: number, parent: CommitNumber(number.value - 1))
      run.source = "x += 1"
      run.reads = CellReads([name], bound: [name])
      if let parent = run.parent, !isUnsaved { run.taken = [name: parent] }
      if isUnsaved {
        run.unsaved = [name]
        if run.parent != nil { run.takenUnsaved = [name] }
      } else {
        run.changed = [name]
      }
      return run
    }
    #expect(lineage.steps.count == 20_000)
  }
}
