import CCrypto
import Foundation
import PodModel
import PodStore
import Testing

/// Stores that earlier versions of podfs made, as they left them.
///
/// A new version of the tables or of the format adds one and changes none.
@Suite struct FixtureTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static let names = ["tables-1", "tables-2", "tables-3", "tables-4", "tables-5", "tables-6"]

  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Opens a copy of a fixture.
  private func open(_ name: String) throws -> Store {
    let path = directory.path + "/store"
    try FileManager.default.copyItem(
      at: Self.folder.appendingPathComponent(name), to: URL(fileURLWithPath: path))
    return try Store(openingAt: path)
  }

  /// Each variable that the fixture must have, and the SHA-256 of its file.
  private func contents(of name: String) throws -> [(location: Location, digest: String)] {
    let url = Self.folder.appendingPathComponent(name).appendingPathComponent("contents")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
      let parts = line.split(separator: " ")
      return (try Location(parsing: String(parts[0])), String(parts[1]))
    }
  }

  private func version(at location: Location, in store: Store) throws -> Version {
    let session = try store.session(location.session).id
    let manifest =
      if let revision = location.revision {
        try store.manifest(of: try store.resolve(revision, in: session), in: session)
      } else { try store.workspace(of: session) }
    let name = try #require(location.variable)
    return try #require(manifest.versions[name])
  }

  private func digest(of version: Version, in store: Store) throws -> String {
    let content = try store.open(version)
    let bytes = try content.read(at: 0, count: Int(content.size))
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe SHA256(bytes, bytes.count, &digest)
    return digest.map { String(format: "%02x", $0) }.joined()
  }

  @Test("A store of an earlier podfs opens, and every file in it is what it was", arguments: names)
  func reads(name: String) throws {
    let store = try open(name)
    #expect(try store.findings() == [])
    let contents = try contents(of: name)
    #expect(contents.count > 20)
    for (location, expected) in contents {
      let version = try version(at: location, in: store)
      #expect(try digest(of: version, in: store) == expected, "\(location)")
    }
  }

  @Test("What was said of commits and files of workspaces is kept")
  func statements() throws {
    let store = try open("tables-3")
    let one = try #require(CommitNumber(1))
    let carol = try store.session(SessionName("carol")).id
    #expect(try store.environment(of: one, in: carol)?.hasPrefix("CPython 3.11.7\n") == true)
    let alice = try store.session(SessionName("alice")).id
    #expect(try store.tags(of: alice)[ReferenceName("made")]?.value == 2)
    let text = try VariableName("text")
    #expect(try store.fileAttributes(of: text, in: alice) == ["user.note": Array("kept".utf8)])
    let entry = try #require(try store.workspaceEntry(of: text, in: alice))
    #expect(entry.status.permissions == 0o600)
    // Tables of the time had permissions of names only, and none of versions.
    let committed = try version(at: Location(parsing: "alice@4:text"), in: store)
    #expect(try store.links(of: committed.id).permissions == 0o600)
    #expect(entry.status.times?.modified.nanoseconds == 123_456_789)
  }

  @Test("What was undone, edited and read by cells is kept")
  func travels() throws {
    let store = try open("tables-4")
    let dave = try store.session(SessionName("dave")).id
    let two = try #require(CommitNumber(2))
    #expect(try store.commit(two, of: dave)?.message == "the total, as it was edited")
    #expect(try store.cell(of: two, in: dave)?.reads?.names.map(\.text) == ["numbers"])
    #expect(try store.head(of: dave).commit == two)
    #expect(try store.travel(.redo, in: dave).value == 3)
  }

  @Test("Sizes of texts are kept, and a version keeps the name that it was made under")
  func texts() throws {
    let store = try open("tables-5")
    let version = try version(at: Location(parsing: "erin@2:moved"), in: store)
    #expect(try store.originalName(of: version.id)?.text == "note")
    let form = TextForm(renderer: 1, limit: 64 << 20)
    #expect(try store.textSizes(of: [version.id], as: form) == [20])
  }

  @Test("Permissions of versions, and what was set of a workspace, are kept")
  func permissions() throws {
    let store = try open("tables-6")
    let modes: [String: UInt32] = [
      "frank@1:closed": 0o600, "frank@2:closed": 0o600, "frank@1:run": 0o755,
      "frank@1:plain": 0o644,
    ]
    for (location, mode) in modes {
      let version = try version(at: Location(parsing: location), in: store)
      #expect(try store.links(of: version.id).permissions == mode, "\(location)")
    }
    let frank = try store.session(SessionName("frank")).id
    let status = try store.workspaceStatus(of: frank)
    #expect(status.permissions == 0o710)
    #expect(status.times?.modified == FileTime(seconds: 1_000_000_000, nanoseconds: 2))
    #expect(try store.workspaceAttributes(of: frank) == ["user.note": Array("kept".utf8)])
  }

  @Test("Versions of a store without names get those that commits call them", arguments: names)
  func namesOfVersions(name: String) throws {
    let store = try open(name)
    for (location, _) in try contents(of: name) where location.session.text != "erin" {
      let version = try version(at: location, in: store)
      #expect(try store.originalName(of: version.id) == location.variable, "\(location)")
    }
  }

  @Test("A store of an earlier podfs goes on", arguments: names)
  func saves(name: String) throws {
    let store = try open(name)
    let alice = try store.session(SessionName("alice")).id
    let last = try #require(try store.commits(of: alice).last?.number.value)
    // What the workspace holds becomes a commit of its own before.
    let saved = try store.save(["x": "new"], in: alice).commit
    #expect(saved.number.value == last + 2)
    let manifest = try store.manifest(of: saved.number, in: alice)
    #expect(manifest.versions.keys.map(\.text).sorted() == ["text", "x"])
    #expect(try store.text(of: try #require(manifest.versions[VariableName("x")])) == "new")
    #expect(try store.findings() == [])
    let names = Set(
      try store.commits(of: alice).map { try store.manifest(of: $0.number, in: alice) }
        .flatMap { $0.versions.keys.map(\.text) })
    #expect(names.isSuperset(of: ["array", "counts", "left", "right", "rows", "text"]))
  }
}
