import Foundation
import PodModel
import PodTesting
import Testing

@testable import PodStore

@Suite struct LogWriteBackTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/store" }

  init() throws { directory = try TemporaryDirectory() }

  /// Makes a store with some commits in its log; closes it after `body`.
  private func makeStore(_ body: (Store) throws -> Void = { _ in }) throws {
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    try store.whileLogStays {
      for number in 1...5 { try store.save(["x": "value \(number)"], in: session) }
      #expect(try store.logSize > 0)
      try body(store)
    }
  }

  private func expectAll(in path: String) throws {
    let store = try Store(openingAt: path)
    let session = try store.session(SessionName("alice")).id
    for number in 1...5 {
      #expect(try store.texts(of: Int64(number), in: session) == ["x": "value \(number)"])
    }
  }

  @Test("A store that is closed has an empty log, and all of its commits in the database")
  func close() throws {
    try makeStore()
    #expect(try Directory.size(of: StoreDirectory(path) / "podfs.db-wal") == 0)
    for suffix in ["-wal", "-shm"] {
      try FileManager.default.removeItem(atPath: path + "/podfs.db" + suffix)
    }
    try expectAll(in: path)
  }

  @Test("The log of a process that was killed is written back by the next one, even a reader")
  func killed() throws {
    let copy = directory.path + "/copy"
    try makeStore { _ in try FileManager.default.copyItem(atPath: path, toPath: copy) }
    let log = StoreDirectory(copy) / "podfs.db-wal"
    #expect(try #require(try Directory.size(of: log)) > 0)
    try expectAll(in: copy)
    #expect(try Directory.size(of: log) == 0)
    #expect(try Store(openingAt: copy).findings() == [])
  }

  @Test("A process that rests writes its log back")
  func idle() throws {
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    try store.save(["x": "value"], in: session)
    let end = ContinuousClock.now + .seconds(60)
    while try store.logSize > 0, ContinuousClock.now < end { usleep(10_000) }
    #expect(try store.logSize == 0)
    try store.save(["x": "another"], in: session)
    #expect(try store.texts(of: 2, in: session) == ["x": "another"])
  }

  @Test("A log that a reader kept growing is emptied by one of the next commits")
  func bound() throws {
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    let message = String(repeating: "m", count: 1 << 20)
    try store.whileLogStays {
      for _ in 0..<20 { try store.save(["x": "value"], message: message, in: session) }
      #expect(try store.logSize > 16 << 20)
    }
    for _ in 0..<3 { try store.save(["x": "value"], message: message, in: session) }
    #expect(try store.logSize < 16 << 20)
  }

  @Test("A log whose flush failed is not written back before it is written again")
  func unflushed() throws {
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    try store.whileLogStays {
      try store.save(["x": "value"], in: session)
      UnflushedLog(database: store.engine.database).setMark()
    }
    store.engine.logWriteBack.run()
    #expect(try store.logSize > 0)
    try store.save(["x": "another"], in: session)
    store.engine.logWriteBack.run()
    #expect(try store.logSize == 0)
  }
}
