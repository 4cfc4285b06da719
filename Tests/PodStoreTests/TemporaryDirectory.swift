import Foundation
import PodModel
import PodTesting

@testable import PodStore

/// A directory that is removed with everything in it when nobody needs it any more.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("podfs-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("\(path) could not be removed: \(error)")
    }
  }
}

extension Store {
  /// Runs `body` while a reader keeps the log of the database from being emptied.
  func whileLogStays<Result>(_ body: () throws -> Result) throws -> Result {
    let connection = try Connection.open(engine.database, for: .reading)
    try connection.execute("BEGIN")
    _ = try connection.integer("SELECT count(*) FROM commit_")
    let result = try body()
    try connection.execute("ROLLBACK")
    return result
  }

  /// The size of the database's log in bytes.
  var logSize: Int64 {
    get throws { try Directory.size(of: engine.database.appending("-wal")) ?? 0 }
  }

  /// The bytes of all files of packs.
  var packFileBytes: Int64 {
    get throws {
      let packs = URL(fileURLWithPath: path + "/packs")
      return try FileManager.default.contentsOfDirectory(
        at: packs, includingPropertiesForKeys: [.fileSizeKey]
      ).reduce(0) { $0 + Int64(try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0) }
    }
  }
}

/// Bytes that nothing makes smaller.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

/// A new store in a directory of its own, with one session.
struct TemporaryStore {
  let directory: TemporaryDirectory
  let store: Store
  let session: SessionID

  init() throws {
    directory = try TemporaryDirectory()
    store = try Store(creatingAt: directory.path + "/store")
    session = try store.createSession(SessionName("alice")).id
  }
}

extension PodWriter {
  /// Puts a text as content with one root, in a pod that needs no other.
  mutating func putText(_ text: String) throws(StoreError) -> NewContent {
    let pod = try put([1] + [UInt8](text.utf8))
    let summary = ValueSummary(type: "str", size: Int64(text.utf8.count))
    return NewContent(id: ContentID(pod: pod, form: .raw), roots: [summary, summary])
  }
}

extension Store {
  /// Saves a namespace of texts, each a co-variable of its own.
  @discardableResult
  func save(
    _ texts: [String: String], base: Int64? = nil, message: String = "",
    onlyIfChanged: Bool = false, in session: SessionID
  ) throws -> SavedCommit {
    let names = try texts.map { (try VariableName($0.key), $0.value) }
    return try withWriter { writer throws(StoreError) in
      var coVariables: [NewCoVariable] = []
      for (name, text) in names {
        coVariables.append(NewCoVariable(content: try writer.putText(text), names: [name: 0]))
      }
      var commit = NewCommit(
        base: base.map { NamespaceBase(commit: CommitNumber($0)) }, coVariables: coVariables,
        message: message)
      commit.onlyIfChanged = onlyIfChanged
      return try writer.save(commit, in: session)
    }
  }

  /// Writes a text to a variable of the workspace.
  @discardableResult
  func write(_ text: String, to name: String, in session: SessionID) throws -> Version {
    let name = try VariableName(name)
    return try withWriter { writer throws(StoreError) in
      try writer.seal(try writer.putText(text), as: name, in: session)
    }
  }

  /// Returns the text of a version.
  func text(of version: Version) throws -> String {
    String(decoding: try bytes(of: version.content.pod).dropFirst(), as: UTF8.self)
  }

  /// Returns the texts of all variables of a manifest.
  func texts(of manifest: Manifest) throws -> [String: String] {
    var texts: [String: String] = [:]
    for (name, version) in manifest.versions { texts[name.text] = try text(of: version) }
    return texts
  }

  /// Returns the texts of a commit.
  func texts(of number: Int64, in session: SessionID) throws -> [String: String] {
    guard let number = CommitNumber(number) else { return [:] }
    return try texts(of: try manifest(of: number, in: session))
  }

  /// Returns all that a check finds, as text.
  func findings() throws -> [String] {
    var findings: [String] = []
    try check(data: true) { findings.append($0.description) }
    return findings
  }
}
