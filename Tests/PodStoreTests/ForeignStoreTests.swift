import Foundation
import PodModel
import PodTesting
import Testing

@testable import PodStore

/// Stores that somebody else made, who wants this process to read, write or remove other files.
@Suite struct ForeignStoreTests {
  let directory: TemporaryDirectory
  private let path: String
  private let outside: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/store"
    outside = directory.path + "/outside"
    try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
    let store = try Store(creatingAt: path)
    let session = try store.createSession(SessionName("alice")).id
    try store.save(["x": "first"], in: session)
    try store.save(["x": "second"], in: session)
    // A process that has something open makes the folder of leases.
    _ = try store.lease(try #require(try version(of: store)))
  }

  private func version(of store: Store) throws -> Version? {
    let session = try store.session(SessionName("alice")).id
    return try store.manifest(of: try #require(CommitNumber(1)), in: session)
      .versions[try VariableName("x")]
  }

  private func sql(_ text: String) throws {
    let connection = try Connection.open(StoreDirectory(path) / "podfs.db", for: .writing)
    try connection.execute(text)
  }

  private func makeFIFO(_ path: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/mkfifo")
    process.arguments = [path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// All that a person may do with a store.
  private func useAll() throws {
    let store = try Store(openingAt: path)
    let session = try store.session(SessionName("alice")).id
    _ = try store.texts(of: 1, in: session)
    _ = try store.lease(try #require(try version(of: store)))
    try store.save(["x": "third"], in: session)
    try store.collect()
    try store.prune(session, keeping: KeepRules())
    try store.repair { _, _ in }
  }

  @Test("Links that lead out of a store are not followed, and nothing there is removed")
  func links() throws {
    let victim = outside + "/" + String(repeating: "0", count: 32)
    for name in ["leases", "packs", "staging"] {
      try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
      try Data("precious".utf8).write(to: URL(fileURLWithPath: victim + ".pack"))
      try FileManager.default.moveItem(atPath: "\(path)/\(name)", toPath: directory.path + "/away")
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/\(name)", withDestinationPath: outside)
      let error = StoreError.unexpectedFile(
        path: "\(path)/\(name)", kind: "a symbolic link")
      switch name {
      case "staging":
        #expect(throws: error) { try StoreDirectory(path).open(name, O_RDONLY | O_DIRECTORY) }
      default:
        #expect(throws: error) { try useAll() }
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: outside).sorted()
          == [victim, victim + ".pack"].map { URL(fileURLWithPath: $0).lastPathComponent })
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      try FileManager.default.moveItem(atPath: directory.path + "/away", toPath: "\(path)/\(name)")
    }
    try useAll()
  }

  @Test(
    "What is not a regular file is refused, not waited for",
    arguments: ["format", "podfs.db", "podfs.db-wal", "podfs.db-shm", "podfs.db-journal"])
  func kinds(name: String) throws {
    let file = "\(path)/\(name)"
    try? FileManager.default.removeItem(atPath: file)
    try makeFIFO(file)
    let fifo = StoreError.unexpectedFile(path: file, kind: "a FIFO")
    #expect(throws: fifo) { try Store(openingAt: path) }
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: outside + "/x")
    let link = StoreError.unexpectedFile(path: file, kind: "a symbolic link")
    #expect(throws: link) { try Store(openingAt: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
  }

  @Test("A pack that is a FIFO or a link is refused when it is read")
  func packs() throws {
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: path + "/packs").first)
    let pack = "\(path)/packs/\(name)"
    try FileManager.default.moveItem(atPath: pack, toPath: outside + "/pack")
    try FileManager.default.createSymbolicLink(
      atPath: pack, withDestinationPath: outside + "/pack")
    #expect(
      throws: StoreError.unexpectedFile(path: pack, kind: "a symbolic link")
    ) { try useAll() }
    try FileManager.default.removeItem(atPath: pack)
    try makeFIFO(pack)
    #expect(throws: StoreError.unexpectedFile(path: pack, kind: "a FIFO")) {
      try useAll()
    }
  }

  @Test(
    "A database with anything but podfs's tables is refused",
    arguments: [
      "CREATE TRIGGER t AFTER INSERT ON commit_ BEGIN UPDATE commit_ SET message = 'x'; END",
      "CREATE VIEW v AS SELECT 1", "CREATE TABLE other (a)",
      "CREATE INDEX other ON commit_ (message)", "DROP INDEX binding_of_version",
      "ALTER TABLE tag ADD COLUMN more INTEGER",
    ])
  func schema(change: String) throws {
    try sql(change)
    let error = #expect(throws: StoreError.self) { try Store(openingAt: path) }
    guard case .foreignDatabase(path: _, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let names = [" 't'", " 'v'", " 'other'", " 'binding_of_version'", " 'tag'"]
    #expect(names.contains { reason.contains($0) })
  }

  @Test("A trigger that is planted while a store is open does not run")
  func trigger() throws {
    let store = try Store(openingAt: path)
    let session = try store.session(SessionName("alice")).id
    try sql("CREATE TRIGGER t AFTER INSERT ON commit_ BEGIN UPDATE commit_ SET message = 'x'; END")
    try store.save(["x": "third"], message: "mine", in: session)
    #expect(try store.commits(of: session).map(\.message) == ["", "", "mine"])
  }

  @Test("A journal that names a file outside of the store has nothing removed")
  func superJournal() throws {
    let victim = outside + "/victim"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
    let name = [UInt8](victim.utf8)
    let magic: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
    var journal = magic + [UInt8](repeating: 0, count: 504)
    func append(_ number: UInt32) {
      journal += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    append(0)
    journal += name
    append(UInt32(name.count))
    append(name.reduce(0) { $0 + UInt32($1) })
    journal += magic
    try Data(journal).write(to: URL(fileURLWithPath: path + "/podfs.db-journal"))
    let error = #expect(throws: StoreError.self) { try Store(openingAt: path) }
    #expect("\(String(describing: error))".contains("journal"))
    #expect(FileManager.default.fileExists(atPath: victim))
  }

  @Test(
    "A file of another user that was linked into a store is not touched",
    .enabled(if: geteuid() == 0), arguments: ["podfs.db-wal", "podfs.db-shm", "format"])
  func hardLink(name: String) throws {
    let victim = outside + "/victim"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
    for file in try FileManager.default.subpathsOfDirectory(atPath: path) + [""] {
      try FileManager.default.setAttributes(
        [.ownerAccountID: 12345], ofItemAtPath: "\(path)/\(file)")
    }
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    try FileManager.default.linkItem(atPath: victim, toPath: "\(path)/\(name)")
    #expect(throws: StoreError.self) { try useAll() }
    #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data("precious".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: victim)
    #expect(attributes[.ownerAccountID] as? Int == 0)
  }

  @Test(
    "Nothing is removed from a store of another user, unless that is asked for",
    .enabled(if: geteuid() == 0))
  func owner() throws {
    try FileManager.default.setAttributes(
      [.ownerAccountID: 12345, .groupOwnerAccountID: 12345], ofItemAtPath: path)
    let store = try Store(openingAt: path)
    let session = try store.session(SessionName("alice")).id
    let error = StoreError.foreignStore(path: path, owner: 12345)
    #expect(throws: error) { try store.collect() }
    #expect(throws: error) { try store.prune(session, keeping: KeepRules()) }
    #expect(throws: error) { try store.repair { _, _ in } }
    #expect(throws: error) { try store.removeSession(session) }
    #expect(throws: error) { try Compactor.run(in: store.engine) { true } }
    #expect(try store.texts(of: 2, in: session) == ["x": "second"])
    let allowed = try Store(openingAt: path, removesForeign: true)
    try allowed.removeSession(session)
    #expect(try allowed.collect().pods > 0)
  }
}
