import PodFilesystem
import PodModel
import PodStore
import Testing

@Suite struct WorkspaceTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// The names that the store binds in the workspace.
  private var bound: [String] {
    get throws { try scratch.store.workspace(of: scratch.session).names.map(\.text) }
  }

  @Test("A file becomes a version when it is closed, not before")
  func sealing() throws {
    let handle = try scratch.open("x")
    try scratch.write("hello", through: handle)
    #expect(try bound.isEmpty)
    #expect(try scratch.text("alice/workspace/x") == "hello")
    try scratch.filesystem.flush(handle) { false }
    #expect(try bound == ["x"])
    scratch.filesystem.release(handle)
    #expect(try scratch.text("alice/workspace/x") == "hello")
  }

  @Test("A close before the first byte, as a shell does it, seals nothing")
  func closeBeforeWrite() throws {
    let handle = try scratch.open("x")
    try scratch.filesystem.flush(handle) { false }
    #expect(try bound.isEmpty)
    try scratch.write("hello", through: handle)
    try scratch.filesystem.flush(handle) { false }
    scratch.filesystem.release(handle)
    #expect(try scratch.store.statistics().versions == 1)
  }

  @Test("A file that was only made is a version after its last close")
  func emptyFile() throws {
    try scratch.close(try scratch.open("x"))
    #expect(try bound == ["x"])
    #expect(try scratch.text("alice/workspace/x") == "")
  }

  @Test("A mapping that is written back after the last close is sealed by the release")
  func writtenAfterClose() throws {
    let handle = try scratch.open("x")
    try scratch.filesystem.flush(handle) { false }
    try scratch.write("mapped", through: handle)
    scratch.filesystem.release(handle)
    #expect(try bound == ["x"])
    #expect(try scratch.text("alice/workspace/x") == "mapped")
  }

  @Test("With several writers the last one to close publishes")
  func severalWriters() throws {
    let first = try scratch.open("x")
    let second = try scratch.open("x")
    try scratch.write("one", through: first)
    try scratch.write("two", at: 3, through: second)
    try scratch.close(first)
    #expect(try bound.isEmpty)
    try scratch.close(second)
    #expect(try bound == ["x"])
    #expect(try scratch.text("alice/workspace/x") == "onetwo")
  }

  @Test("A writer that was closed, but not released yet, holds nobody up")
  func lateRelease() throws {
    let first = try scratch.open("x")
    let second = try scratch.open("x")
    try scratch.write("one", through: first)
    try scratch.filesystem.flush(first) { false }
    try scratch.write("two", through: second)
    try scratch.filesystem.flush(second) { false }
    #expect(try bound == ["x"])
    scratch.filesystem.release(first)
    scratch.filesystem.release(second)
  }

  @Test("What a killed writer wrote is kept aside, and the old version stays")
  func killedWriter() throws {
    try scratch.write("old", to: "x")
    let handle = try scratch.open("x", truncating: true)
    try scratch.write("half", through: handle)
    try scratch.filesystem.flush(handle) { true }
    scratch.filesystem.release(handle)
    #expect(try scratch.text("alice/workspace/x") == "old")
    #expect(scratch.kept.count == 1)
    #expect(scratch.reports.count == 1)
  }

  @Test("When one of the writers is killed, what another one closes is kept")
  func killedBesideLivingWriter() throws {
    let killed = try scratch.open("x")
    let living = try scratch.open("x")
    try scratch.write("one", through: living)
    try scratch.write("half", at: 3, through: killed)
    try scratch.filesystem.flush(killed) { true }
    scratch.filesystem.release(killed)
    try scratch.close(living)
    #expect(try scratch.text("alice/workspace/x") == "onehalf")
    #expect(scratch.kept.isEmpty)
  }

  @Test("fsync makes a version, and writing goes on")
  func synchronize() throws {
    let handle = try scratch.open("x")
    try scratch.write("one", through: handle)
    try scratch.filesystem.synchronize(handle)
    #expect(try bound == ["x"])
    try scratch.write("two", at: 3, through: handle)
    try scratch.close(handle)
    #expect(try scratch.text("alice/workspace/x") == "onetwo")
  }

  @Test("Truncating by path is sealed at once, in both directions")
  func truncateByPath() throws {
    try scratch.write("hello", to: "x")
    let inode = try scratch.inode("alice/workspace/x")
    for (size, text) in [(Int64(2), "he"), (4, "he\0\0"), (0, "")] {
      var change = AttributeChange()
      change.size = size
      _ = try scratch.filesystem.setAttributes(
        of: inode, to: change, through: nil, user: 0, group: 0)
      let other = try Store(openingAt: scratch.store.path)
      let version = try other.workspace(of: scratch.session).versions[VariableName("x")]
      #expect(version?.summary.size == size)
      #expect(try scratch.text("alice/workspace/x") == text)
    }
  }

  @Test("Bytes behind the end are zeros, also after cutting and growing")
  func sparse() throws {
    let handle = try scratch.open("x")
    try scratch.write("abcdef", through: handle)
    var change = AttributeChange()
    change.size = 2
    let inode = try scratch.inode("alice/workspace/x")
    _ = try scratch.filesystem.setAttributes(
      of: inode, to: change, through: handle, user: 0, group: 0)
    try scratch.write("z", at: 5, through: handle)
    try scratch.close(handle)
    #expect(try scratch.bytes("alice/workspace/x") == [97, 98, 0, 0, 0, 122])
  }

  @Test("Renaming over a file replaces it, in the store too")
  func renameOver() throws {
    try scratch.write("old", to: "x")
    try scratch.write("new", to: "x.tmp")
    let workspace = try scratch.inode("alice/workspace")
    #expect(throws: FilesystemError.exists) {
      try scratch.filesystem.rename(
        "x.tmp", in: workspace, to: "x", in: workspace, .keeping)
    }
    try scratch.filesystem.rename("x.tmp", in: workspace, to: "x", in: workspace, .replacing)
    #expect(try bound == ["x"])
    #expect(try scratch.text("alice/workspace/x") == "new")
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/workspace/x.tmp") }
  }

  @Test("A file that is renamed while it is written keeps what follows")
  func renameWhileOpen() throws {
    let handle = try scratch.open("x.tmp")
    try scratch.write("one", through: handle)
    let workspace = try scratch.inode("alice/workspace")
    try scratch.filesystem.rename("x.tmp", in: workspace, to: "x", in: workspace, .replacing)
    try scratch.write("two", at: 3, through: handle)
    try scratch.close(handle)
    #expect(try bound == ["x"])
    #expect(try scratch.text("alice/workspace/x") == "onetwo")
  }

  @Test("Nothing moves between sessions, or out of history")
  func renameAcross() throws {
    try scratch.write("one", to: "x")
    try scratch.commit("first")
    let filesystem = scratch.filesystem
    _ = try filesystem.makeDirectory("bob", in: .root)
    #expect(throws: FilesystemError.otherSession) {
      try filesystem.rename(
        "x", in: scratch.inode("alice/workspace"), to: "x", in: scratch.inode("bob/workspace"),
        .replacing)
    }
    #expect(throws: FilesystemError.readOnly) {
      try filesystem.rename(
        "x", in: scratch.inode("alice/commits/1"), to: "x", in: scratch.inode("bob/workspace"),
        .replacing)
    }
  }

  @Test("A file that is removed while it is open can be read and written, and is no version")
  func removeWhileOpen() throws {
    try scratch.write("one", to: "x")
    let inode = try scratch.inode("alice/workspace/x")
    let handle = try scratch.open("x")
    try scratch.filesystem.remove("x", in: scratch.inode("alice/workspace"))
    #expect(try bound.isEmpty)
    try scratch.write("two", at: 3, through: handle)
    let bytes = try scratch.filesystem.read(inode, at: 0, count: 9, through: handle)
    #expect(bytes == Array("onetwo".utf8))
    #expect(try scratch.filesystem.attributes(of: inode).links == 0)
    try scratch.close(handle)
    #expect(try bound.isEmpty)
    try scratch.write("new", to: "x")
    #expect(try scratch.text("alice/workspace/x") == "new")
  }

  @Test("What another process binds to a name is a new file; who reads the old one goes on")
  func replacedElsewhere() throws {
    try scratch.write("one", to: "x")
    try scratch.write("two", to: "y")
    let old = try scratch.inode("alice/workspace/x")
    let other = try Store(openingAt: scratch.store.path)
    try other.rename(VariableName("y"), to: VariableName("x"), in: scratch.session)
    #expect(try scratch.names("alice/workspace") == ["x"])
    #expect(try scratch.text("alice/workspace/x") == "two")
    #expect(try scratch.inode("alice/workspace/x") != old)
    #expect(try scratch.filesystem.read(old, at: 0, count: 9, through: nil) == Array("one".utf8))
    #expect(throws: FilesystemError.superseded) {
      try scratch.filesystem.open(old, OpenMode(writes: true))
    }
  }

  @Test("Who writes while another process binds the name wins when they close")
  func writtenDuringReplacement() throws {
    try scratch.write("one", to: "x")
    try scratch.write("two", to: "y")
    let handle = try scratch.open("x")
    try scratch.write("1", through: handle)
    let other = try Store(openingAt: scratch.store.path)
    try other.rename(VariableName("y"), to: VariableName("x"), in: scratch.session)
    try scratch.close(handle)
    #expect(try scratch.text("alice/workspace/x") == "1ne")
    let version = try other.workspace(of: scratch.session).versions[VariableName("x")]
    #expect(version?.summary.size == 3)
  }

  @Test("Any file name is the name of a variable")
  func names() throws {
    let names = ["with space", "Größe", "日本", "a@b:c~1", ".hidden", "-x", "7", "\n"]
    let longest = String(repeating: "n", count: 255)
    for name in names + [longest] {
      try scratch.write(name, to: name)
      #expect(try scratch.text("alice/workspace/\(name)") == name)
    }
    let workspace = try scratch.inode("alice/workspace")
    #expect(throws: FilesystemError.nameTooLong) {
      try scratch.filesystem.lookup(longest + "n", in: workspace)
    }
    for name in [".", "..", "", "a/b"] {
      #expect(throws: FilesystemError.invalid) {
        try scratch.filesystem.lookup(name, in: workspace)
      }
    }
  }

  @Test("When the mount ends, what was not closed is kept aside")
  func end() throws {
    let handle = try scratch.open("x")
    try scratch.write("half", through: handle)
    scratch.filesystem.end()
    #expect(try bound.isEmpty)
    #expect(scratch.kept.count == 1)
  }

  @Test("An unknown file is forgotten, and found again")
  func forgetting() throws {
    try scratch.write("one", to: "x")
    let inode = try scratch.inode("alice/workspace/x")
    scratch.filesystem.forget(inode, count: .max)
    #expect(throws: FilesystemError.superseded) { try scratch.filesystem.attributes(of: inode) }
    #expect(try scratch.text("alice/workspace/x") == "one")
  }
}
