import PodFilesystem
import PodModel
import PodStore
import Testing

@Suite struct TreeTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test("A session has its entries, and HEAD with the first commit")
  func entries() throws {
    let entries = [
      "branches", "by-time", "commit", "commits", "info", "log", "tags", "text", "vars",
      "workspace",
    ]
    #expect(try scratch.names("") == ["README", "alice"])
    #expect(try scratch.names("alice") == entries)
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/HEAD") }
    try scratch.commit("first")
    #expect(try scratch.names("alice") == ["HEAD"] + entries)
    #expect(try scratch.filesystem.target(ofLink: scratch.inode("alice/HEAD")) == "commits/1")
  }

  @Test("Branches and tags are symlinks to commits")
  func references() throws {
    try scratch.commit("first")
    let one = try #require(CommitNumber(1))
    try scratch.store.setTag(ReferenceName("baseline"), to: one, in: scratch.session)
    #expect(try scratch.names("alice/tags") == ["baseline"])
    #expect(try scratch.names("alice/branches") == ["main"])
    let tag = try scratch.inode("alice/tags/baseline")
    #expect(try scratch.filesystem.target(ofLink: tag) == "../commits/1")
    try scratch.store.removeTag(ReferenceName("baseline"), in: scratch.session)
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/tags/baseline") }
    try scratch.commit("second")
    let two = try #require(CommitNumber(2))
    try scratch.store.setTag(ReferenceName("baseline"), to: two, in: scratch.session)
    #expect(try scratch.inode("alice/tags/baseline") != tag, "the kernel keeps where a link leads")
  }

  @Test("A commit shows the variables as they were, and cannot be changed")
  func commits() throws {
    try scratch.write("one", to: "x")
    try scratch.commit("first")
    try scratch.write("two", to: "x")
    try scratch.commit("second")
    #expect(try scratch.text("alice/commits/1/x") == "one")
    #expect(try scratch.text("alice/commits/2/x") == "two")
    #expect(try scratch.names("alice/commits") == ["1", "2"])
    let frozen = try scratch.inode("alice/commits/1/x")
    let directory = try scratch.inode("alice/commits/1")
    let filesystem = scratch.filesystem
    #expect(throws: FilesystemError.readOnly) {
      try filesystem.open(frozen, OpenMode(writes: true))
    }
    #expect(throws: FilesystemError.readOnly) { try filesystem.remove("x", in: directory) }
    #expect(throws: FilesystemError.readOnly) {
      try filesystem.makeDirectory("y", in: directory)
    }
    #expect(throws: FilesystemError.readOnly) {
      try filesystem.create("y", in: directory, permissions: 0o644, OpenMode(writes: true))
    }
  }

  @Test("A variable that did not change has one inode in all commits")
  func sharedInodes() throws {
    try scratch.write("one", to: "x")
    try scratch.commit("first")
    try scratch.write("two", to: "y")
    try scratch.commit("second")
    #expect(try scratch.inode("alice/commits/1/x") == scratch.inode("alice/commits/2/x"))
    #expect(try scratch.inode("alice/commits/2/y") != scratch.inode("alice/commits/2/x"))
  }

  @Test("What another process commits is seen by the next request")
  func freshness() throws {
    try scratch.write("one", to: "x")
    try scratch.commit("first")
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/commits/2") }
    #expect(throws: FilesystemError.notFound) { try scratch.inode("bob") }
    let other = try Store(openingAt: scratch.store.path)
    try other.commitWorkspace(of: scratch.session, message: "elsewhere")
    try other.createSession(SessionName("bob"))
    #expect(try scratch.names("alice/commits/2") == ["x"])
    #expect(try scratch.names("bob").count == 10)
    #expect(try scratch.text("alice/log").hasSuffix("\telsewhere\n"))
  }

  @Test("Only the canonical number names a commit")
  func commitNames() throws {
    try scratch.commit("first")
    for name in ["01", "+1", "1.0", "0", "-1", "1 ", "99999999999999999999"] {
      #expect(throws: FilesystemError.notFound) {
        try scratch.filesystem.lookup(name, in: scratch.inode("alice/commits"))
      }
    }
  }

  @Test("A name that a commit lacks is absent for ever, one of the workspace for now")
  func negativeAnswers() throws {
    try scratch.commit("first")
    let frozen = try scratch.inode("alice/commits/1")
    #expect(try scratch.filesystem.lookup("x", in: frozen) == nil)
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/workspace/x") }
  }

  @Test("mkdir makes sessions, with the names that sessions may have")
  func makeSession() throws {
    let filesystem = scratch.filesystem
    _ = try filesystem.makeDirectory("bob", in: .root)
    #expect(try scratch.names("") == ["README", "alice", "bob"])
    #expect(throws: FilesystemError.store(.sessionExists(try SessionName("bob")))) {
      try filesystem.makeDirectory("bob", in: .root)
    }
    for name in ["a@b", "-x", "7", "HEAD", ".hidden", ".."] {
      #expect(throws: FilesystemError.invalid) { try filesystem.makeDirectory(name, in: .root) }
    }
    #expect(throws: FilesystemError.nameTooLong) {
      try filesystem.makeDirectory(String(repeating: "é", count: 128), in: .root)
    }
    try filesystem.removeDirectory("bob", in: .root)
    #expect(try scratch.names("") == ["README", "alice"])
  }

  @Test("Extended attributes come from rows")
  func extendedAttributes() throws {
    try scratch.write("one", to: "x")
    let staged = try scratch.inode("alice/workspace/x")
    #expect(throws: FilesystemError.noAttribute) {
      try scratch.filesystem.extendedAttribute("user.podfs.commit", of: staged)
    }
    try scratch.commit("first")
    let inode = try scratch.inode("alice/commits/1/x")
    let filesystem = scratch.filesystem
    #expect(try filesystem.extendedAttribute("user.podfs.commit", of: inode) == Array("1".utf8))
    #expect(try filesystem.extendedAttribute("user.podfs.type", of: inode) == Array("file".utf8))
    #expect(throws: FilesystemError.noAttribute) {
      try filesystem.extendedAttribute("user.other", of: inode)
    }
    #expect(throws: FilesystemError.notSupported) {
      try filesystem.extendedAttribute("security.selinux", of: inode)
    }
    let names = String(decoding: try filesystem.extendedAttributeNames(of: inode), as: UTF8.self)
      .split(separator: "\0").map { String($0.dropFirst("user.podfs.".count)) }
    #expect(
      names == ["type", "sha256", "version", "commit", "covariable", "pods", "unique_bytes"])
    // Of "one", as sha256sum tells it.
    let digest = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    #expect(
      try filesystem.extendedAttribute("user.podfs.sha256", of: inode) == Array(digest.utf8))
    #expect(try filesystem.extendedAttribute("user.podfs.pods", of: inode) == Array("1".utf8))
  }

  @Test("Bytes that two values share are unique to none, until one of them is gone")
  func uniqueBytes() throws {
    let half = String(
      (0..<400_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 33...126))) })
    try scratch.write(half + "one", to: "x")
    try scratch.commit("first")
    let inode = try scratch.inode("alice/commits/1/x")
    func unique() throws -> Int {
      let value = try scratch.filesystem.extendedAttribute("user.podfs.unique_bytes", of: inode)
      return try #require(Int(String(decoding: value, as: UTF8.self)))
    }
    let alone = try unique()
    #expect(alone > 200_000)
    try scratch.write(half + "two", to: "y")
    #expect(try unique() < alone / 2)
    try scratch.filesystem.remove("y", in: scratch.inode("alice/workspace"))
    #expect(try unique() == alone)
  }

  @Test("Places in a directory stay, whatever comes and goes")
  func directoryPlaces() throws {
    for name in ["a", "b", "c", "d"] { try scratch.write("1", to: name) }
    let (handle, _) = try scratch.filesystem.openDirectory(scratch.inode("alice/workspace"))
    let first = try scratch.filesystem.items(of: handle, from: 0)
    #expect(first.map(\.name) == [".", "..", "a", "b", "c", "d"])
    try scratch.filesystem.remove("a", in: scratch.inode("alice/workspace"))
    #expect(try scratch.filesystem.items(of: handle, from: 4).map(\.name) == ["c", "d"])
    #expect(try scratch.filesystem.items(of: handle, from: 0).count == 5)
    #expect(try scratch.filesystem.items(of: handle, from: 99).isEmpty)
    #expect(try scratch.filesystem.items(of: handle, from: -7).isEmpty)
  }

  @Test("Numbers that were never given out are refused")
  func hostileNumbers() throws {
    try scratch.write("one", to: "x")
    try scratch.commit("first")
    let filesystem = scratch.filesystem
    var random = SystemRandomNumberGenerator()
    for round in 0..<2000 {
      let kind = UInt64(round % 32) << 58
      let small = UInt64.random(in: 0...3, using: &random)
      let rows: [UInt64] = [small, small << 36 | small, random.next() >> 8]
      for inode in rows.map({ InodeNumber(kind | $0) }) {
        _ = try? filesystem.attributes(of: inode)
        _ = try? filesystem.lookup("x", in: inode)
        _ = try? filesystem.target(ofLink: inode)
        _ = try? filesystem.openDirectory(inode)
        _ = try? filesystem.read(inode, at: .max - 1, count: 10, through: nil)
        _ = try? filesystem.read(inode, at: -1, count: 10, through: HandleNumber(7))
        _ = try? filesystem.open(inode, OpenMode(writes: true))
        filesystem.forget(inode, count: .max)
      }
    }
    let handle = HandleNumber(1 << 40)
    #expect(throws: FilesystemError.badHandle) { try filesystem.synchronize(handle) }
    #expect(throws: FilesystemError.badHandle) { try filesystem.flush(handle) { false } }
    filesystem.release(handle)
    #expect(try scratch.text("alice/workspace/x") == "one")
  }

  @Test("What was removed and collected since it was found is looked for again, and no damage")
  func collected() throws {
    try scratch.write(String(repeating: "what goes ", count: 5000), to: "z")
    try scratch.commit("to be removed")
    let last = try #require(try scratch.names("alice/commits").compactMap { Int($0) }.max())
    let inode = try scratch.inode("alice/commits/\(last)/z")
    try scratch.write("what stays", to: "z")
    try scratch.commit("kept")
    let other = try Store(openingAt: scratch.store.path)
    var rules = KeepRules()
    rules.last = 1
    try other.prune(scratch.session, keeping: rules)
    _ = try other.collect()
    #expect(throws: FilesystemError.superseded) {
      try scratch.filesystem.open(inode, OpenMode(writes: false))
    }
    #expect(scratch.reports.isEmpty)
  }
}
