import PodModel
import Testing

@testable import PodStore

@Suite struct SQLiteTests {
  let directory: TemporaryDirectory
  private var path: StorePath { StoreDirectory(directory.path) / "test.db" }

  init() throws {
    directory = try TemporaryDirectory()
    try Connection.open(path, for: .writing).execute("CREATE TABLE t (a, b)")
  }

  @Test("Values come back as they were bound")
  func values() throws {
    let connection = try Connection.open(path, for: .writing)
    let id = PodID(words: SIMD4(1, .max, 3, 4))
    try connection.run("INSERT INTO t VALUES (?, ?)", Int64.min, "a\0ü")
    try connection.run("INSERT INTO t VALUES (?, ?)", 0.5, id)
    try connection.run("INSERT INTO t VALUES (?, ?)", String?.none, "")
    var select = try connection.prepare("SELECT a, b FROM t ORDER BY rowid")
    #expect(try select.step())
    #expect(select.integer(0) == .min)
    #expect(select.text(1) == "a\0ü")
    #expect(try select.step())
    #expect(select.number(0) == 0.5)
    #expect(try select.podID(1) == id)
    #expect(try select.step())
    let isNull = [select.isNull(0), select.isNull(1)]
    #expect(isNull == [true, false])
    #expect(select.text(1) == "")
    #expect(try !select.step())
  }

  @Test("A statement that is in use is not used a second time")
  func nested() throws {
    let connection = try Connection.open(path, for: .writing)
    for value in 1...3 { try connection.run("INSERT INTO t VALUES (?, 0)", Int64(value)) }
    var pairs: [[Int64]] = []
    var outer = try connection.prepare("SELECT a FROM t ORDER BY a")
    while try outer.step() {
      var inner = try connection.prepare("SELECT a FROM t ORDER BY a")
      while try inner.step() { pairs.append([outer.integer(0), inner.integer(0)]) }
    }
    #expect(pairs.count == 9)
    #expect(pairs.last == [3, 3])
  }

  @Test("A change that throws is undone, and the connection goes on")
  func rollback() throws {
    let connection = try Connection.open(path, for: .writing)
    #expect(throws: StoreError.noDefaultPath) {
      try connection.change { connection throws(StoreError) in
        try connection.run("INSERT INTO t VALUES (1, 2)")
        throw .noDefaultPath
      }
    }
    #expect(try connection.integer("SELECT count(*) FROM t") == 0)
    try connection.change { connection throws(StoreError) in
      try connection.run("INSERT INTO t VALUES (1, 2)")
    }
    #expect(try connection.integer("SELECT count(*) FROM t") == 1)
  }

  @Test("A snapshot does not see what others commit meanwhile")
  func snapshot() throws {
    let writer = try Connection.open(path, for: .writing)
    try writer.execute("PRAGMA journal_mode = WAL")
    let reader = try Connection.open(path, for: .reading)
    let counts = try reader.snapshot { reader throws(StoreError) in
      let before = try reader.integer("SELECT count(*) FROM t")
      try writer.run("INSERT INTO t VALUES (1, 2)")
      return [before, try reader.integer("SELECT count(*) FROM t")]
    }
    #expect(counts == [0, 0])
    #expect(try reader.integer("SELECT count(*) FROM t") == 1)
  }

  @Test("A connection for reading writes nothing")
  func readOnly() throws {
    let reader = try Connection.open(path, for: .reading)
    #expect(throws: StoreError.readOnly(path: path.description)) { try reader.run("DELETE FROM t") }
  }

  @Test("What SQLite says is in the error")
  func message() throws {
    let connection = try Connection.open(path, for: .writing)
    #expect(throws: StoreError.database(code: 1, message: "no such table: nowhere")) {
      try connection.run("DELETE FROM nowhere")
    }
    #expect(
      throws: StoreError.unexpectedFile(
        path: path.description, kind: "a file")
    ) {
      _ = try Connection.open(path / "x", for: .reading)
    }
  }
}
