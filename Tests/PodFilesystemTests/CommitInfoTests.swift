import PodFilesystem
import PodModel
import PodStore
import Testing

@Suite struct CommitInfoTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test("What is known of a commit is in files")
  func files() throws {
    try scratch.write("1", to: "x")
    try scratch.write("2", to: "y")
    try scratch.commit("first\n\nwith a body")
    try scratch.write("3", to: "x")
    try scratch.filesystem.remove("y", in: scratch.inode("alice/workspace"))
    try scratch.write("4", to: "z")
    try scratch.store.commitWorkspace(
      of: scratch.session, message: "second",
      cell: Cell(source: "x = 3", standardOutput: "three\n"),
      unsaved: [Unsaved(name: "lock", type: "_thread.lock", reason: "cannot be pickled")],
      time: Timestamp(year: 2026, month: 11, day: 21, hour: 10, minute: 2, second: 11))
    let names = [
      "cell.py", "changed", "environment", "error", "message", "parents", "stdout", "time",
      "unsaved",
    ]
    #expect(try scratch.names("alice/info/2").sorted() == names)
    #expect(try scratch.text("alice/info/1/message") == "first\n\nwith a body\n")
    #expect(try scratch.text("alice/info/1/parents") == "")
    #expect(try scratch.text("alice/info/1/changed") == "+x\n+y\n")
    #expect(try scratch.text("alice/info/2/message") == "second\n")
    #expect(try scratch.text("alice/info/2/parents") == "1\n")
    #expect(try scratch.text("alice/info/2/changed") == "~x\n-y\n+z\n")
    #expect(try scratch.text("alice/info/2/time") == "2026-11-21T10:02:11Z\n")
    #expect(try scratch.text("alice/info/2/cell.py") == "x = 3\n")
    #expect(try scratch.text("alice/info/2/stdout") == "three\n")
    #expect(
      try scratch.text("alice/info/2/unsaved") == "lock\t_thread.lock\tcannot be pickled\n")
    #expect(try scratch.attributes("alice/info/2/changed").size == 9)
    #expect(try scratch.filesystem.lookup("none", in: scratch.inode("alice/info/2")) == nil)
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/info/3") }
  }

  @Test("by-time/ has a name for every commit, also for two of one second")
  func times() throws {
    let seconds: [Int64] = [10, 11, 11, 9, 11]
    for second in seconds {
      try scratch.store.commitWorkspace(
        of: scratch.session, message: "", time: Timestamp(microseconds: second * 1_000_000 + second)
      )
    }
    let times = "1970-01-01T00.00."
    let names = ["09Z", "10Z", "11Z", "11Z-3", "11Z-5"].map { times + $0 }
    #expect(try scratch.names("alice/by-time") == names)
    for (name, number) in zip(names, [4, 1, 2, 3, 5]) {
      let link = try scratch.inode("alice/by-time/\(name)")
      #expect(try scratch.filesystem.target(ofLink: link) == "../commits/\(number)")
    }
    for name in ["11Z-2", "12Z", "11", "", "10Z-1"] {
      #expect(throws: FilesystemError.notFound) {
        try scratch.inode("alice/by-time/\(times)\(name)")
      }
    }
  }

  @Test("Any part of a log is what it is of the whole, also after commits were removed")
  func log() throws {
    func compare() throws {
      let commits = try scratch.store.commits(of: scratch.session)
      let lines = commits.map { "\($0.number)\t\($0.time)\t\($0.message.prefix { $0 != "\n" })\n" }
      let whole = Array(lines.joined().utf8)
      let inode = try scratch.inode("alice/log")
      #expect(try scratch.attributes("alice/log").size == Int64(whole.count))
      #expect(try scratch.bytes("alice/log") == whole)
      for _ in 0..<40 {
        let offset = Int.random(in: 0...whole.count + 9)
        let count = Int.random(in: 0..<20_000)
        let expected = Array(whole.dropFirst(offset).prefix(count))
        #expect(
          try scratch.filesystem.read(inode, at: Int64(offset), count: count, through: nil)
            == expected)
      }
    }
    try compare()
    for number in 0..<600 {
      let message = String(repeating: "m", count: number % 37) + (number % 5 == 0 ? "\nbody" : "")
      try scratch.store.commitWorkspace(of: scratch.session, message: message)
      if number == 300 { try compare() }
    }
    try compare()
    var rules = KeepRules()
    rules.last = 299
    try scratch.store.prune(scratch.session, keeping: rules)
    try compare()
  }

  @Test("The environment of a commit is what was told with it")
  func environment() throws {
    let text = "CPython 3.11.7\nnumpy 2.1.3\n"
    for _ in 0..<2 {
      try scratch.store.save(
        NewCommit(coVariables: [], environment: text), in: scratch.session)
    }
    #expect(try scratch.text("alice/info/1/environment") == text)
    #expect(try scratch.text("alice/info/2/environment") == text)
  }
}
