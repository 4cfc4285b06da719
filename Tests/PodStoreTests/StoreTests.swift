import Foundation
import PodModel
import PodPickle
import PodStore
import Testing

@Suite struct StoreTests {
  let directory: TemporaryDirectory
  var path: String { directory.path + "/store" }

  init() throws { directory = try TemporaryDirectory() }

  @Test("A store that was made can be opened, by its owner only")
  func reopen() throws {
    let made = try Store(creatingAt: path)
    try made.createSession(SessionName("alice"))
    let opened = try Store(openingAt: path)
    #expect(try opened.sessions().map(\.name.text) == ["alice"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    #expect(try Store(creatingAt: path).sessions().count == 1)
  }

  @Test("Nobody but its owner may use a store or a file of it, and it tells when others may enter")
  func modes() throws {
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    _ = try store.seal(ByteSource(noise(100_000, seed: 1)), as: VariableName("x"), in: session)
    let files = FileManager.default
    for name in try files.subpathsOfDirectory(atPath: path) + [""] {
      let attributes = try files.attributesOfItem(atPath: path + "/" + name)
      let isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
      let mode = attributes[.posixPermissions] as? Int
      #expect(mode == (isDirectory ? 0o700 : 0o600), "\(name)")
    }
    #expect(try store.isPrivate())
    try files.setAttributes([.posixPermissions: 0o750], ofItemAtPath: path)
    #expect(try !store.isPrivate())
  }

  @Test("What was put in the place of a store that is open, or nothing, gets nothing written")
  func removed() throws {
    let store = try Store(creatingAt: path)
    try store.createSession(SessionName("alice"))
    _ = try store.dataVersion()
    try FileManager.default.moveItem(atPath: path, toPath: path + "-moved")
    let removed = StoreError.storeRemoved(path: path)
    #expect(throws: removed) { try store.createSession(SessionName("bob")) }
    #expect(throws: removed) { try store.dataVersion() }
    let other = try Store(creatingAt: path)
    #expect(throws: removed) { try store.createSession(SessionName("bob")) }
    #expect(try other.sessions().isEmpty)
    #expect(try Store(openingAt: path + "-moved").sessions().map(\.name.text) == ["alice"])
  }

  @Test("A store is made with the directories that it lies in")
  func parents() throws {
    _ = try Store(creatingAt: path + "/a/b//c/")
    #expect(try Store(openingAt: path + "/a/b/c").sessions().isEmpty)
  }

  @Test("A path without a store is refused with the remedy")
  func nothingThere() {
    #expect(throws: StoreError.notAStore(path: path)) { try Store(openingAt: path) }
    #expect(StoreError.notAStore(path: "p").description.contains("podfs init"))
  }

  @Test("A path that is a file is refused")
  func file() throws {
    try Data("text".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: StoreError.isAFile(path: path)) { try Store(openingAt: path) }
    #expect(throws: StoreError.isAFile(path: path)) { try Store(creatingAt: path) }
    #expect(throws: StoreError.isAFile(path: path + "/x")) { try Store(creatingAt: path + "/x") }
  }

  @Test("A directory that holds something else does not become a store")
  func notEmpty() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try Data().write(to: URL(fileURLWithPath: path + "/thesis.tex"))
    #expect(throws: StoreError.notEmpty(path: path)) { try Store(creatingAt: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["thesis.tex"])
  }

  @Test("A log that is marked as unflushed is written again by the next transaction")
  func unflushedLog() throws {
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    try store.save(["x": "1"], in: session)
    let mark = path + "/podfs.db-unflushed"
    try Data().write(to: URL(fileURLWithPath: mark))
    let log = URL(fileURLWithPath: path + "/podfs.db-wal")
    let (before, after) = try store.whileLogStays {
      let before = try Data(contentsOf: log)
      try Store(openingAt: path).save(["x": "2"], in: session)
      return (before, try Data(contentsOf: log))
    }
    #expect(!FileManager.default.fileExists(atPath: mark))
    #expect(!before.isEmpty && after.count > before.count && after.starts(with: before))
    #expect(try store.texts(of: 2, in: session) == ["x": "2"])
    #expect(try store.findings() == [])
  }

  @Test("A store whose making was interrupted can be made again")
  func interrupted() throws {
    _ = try Store(creatingAt: path)
    try FileManager.default.removeItem(atPath: path + "/format")
    try Data("pod".utf8).write(to: URL(fileURLWithPath: path + "/format.1"))
    #expect(throws: StoreError.notAStore(path: path)) { try Store(openingAt: path) }
    #expect(try Store(creatingAt: path).sessions().isEmpty)
  }

  @Test("A store of an unknown format is refused", arguments: ["podfs store 2", "", "zip"])
  func unknownFormat(format: String) throws {
    _ = try Store(creatingAt: path)
    try Data("\(format)\n".utf8).write(to: URL(fileURLWithPath: path + "/format"))
    #expect(throws: StoreError.unknownFormat(path: path, found: format)) {
      try Store(openingAt: path)
    }
  }

  @Test("A database that is none is called damaged")
  func damagedDatabase() throws {
    _ = try Store(creatingAt: path)
    for name in ["podfs.db-wal", "podfs.db-shm"] {
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
    try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path + "/podfs.db"))
    #expect(throws: StoreError.databaseDamaged(path: path + "/podfs.db")) {
      try Store(openingAt: path)
    }
  }

  @Test("The default path is PODFS_STORE, else .podfs at home")
  func defaultPath() throws {
    #expect(try Store.defaultPath(environment: ["PODFS_STORE": "/s", "HOME": "/h"]) == "/s")
    #expect(try Store.defaultPath(environment: ["PODFS_STORE": "", "HOME": "/h"]) == "/h/.podfs")
    #expect(throws: StoreError.noDefaultPath) { try Store.defaultPath(environment: [:]) }
  }

  @Test("A session has a name that no other has")
  func sessions() throws {
    let store = try Store(creatingAt: path)
    let bob = try store.createSession(SessionName("bob"))
    try store.createSession(SessionName("alice"))
    #expect(try store.sessions().map(\.name.text) == ["alice", "bob"])
    #expect(try store.session(SessionName("bob")) == bob)
    #expect(throws: StoreError.sessionExists(bob.name)) { try store.createSession(bob.name) }
    let carol = try SessionName("carol")
    #expect(throws: StoreError.noSuchSession(carol)) { try store.session(carol) }
    #expect(throws: StoreError.sessionRemoved(SessionID(row: 9))) {
      try store.head(of: SessionID(row: 9))
    }
  }

  @Test("The data version changes with a commit of another store object, and only then")
  func dataVersion() throws {
    let store = try Store(creatingAt: path)
    let other = try Store(openingAt: path)
    let before = try store.dataVersion()
    #expect(try store.dataVersion() == before)
    try other.createSession(SessionName("alice"))
    let after = try store.dataVersion()
    #expect(after != before)
    try store.createSession(SessionName("bob"))
    #expect(try store.dataVersion() != after)
  }
}
