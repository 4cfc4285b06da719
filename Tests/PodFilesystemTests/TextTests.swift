import Foundation
import Glibc
import PodModel
import PodPickle
import PodStore
import PodText
import Synchronization
import Testing

@testable import PodFilesystem

@Suite struct TextTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func size(_ path: String, in filesystem: Filesystem? = nil) throws -> Int64 {
    let reader = Scratch.Reader(filesystem: filesystem ?? scratch.filesystem)
    return try reader.filesystem.attributes(of: reader.inode(path)).size
  }

  /// Waits until a size is known, and returns it.
  private func laterSize(_ path: String) throws -> Int64 {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      let size = try size(path)
      if size > 0 { return size }
      sched_yield()
    }
    return 0
  }

  /// What the kernel was told.
  private final class Told: Sendable {
    let all = Mutex<[Notice]>([])
  }

  @Test("The size of a text is known once it was read, and by any later mount")
  func kept() throws {
    try scratch.write("some text\n", to: "x")
    try scratch.commit("first")
    #expect(try size("alice/text/1/x") == 0)
    #expect(try scratch.attributes("alice/text/1/x").lifetime == .moment)
    #expect(try scratch.text("alice/text/1/x") == "some text\n")
    #expect(try size("alice/text/1/x") == 10)
    scratch.filesystem.end()
    #expect(try size("alice/text/1/x", in: scratch.anotherMount()) == 10)
  }

  @Test("A mount finds the sizes of what is committed, and of what it looks at, by itself")
  func measured() throws {
    try scratch.write("one\n", to: "x")
    try scratch.commit("first")
    scratch.filesystem.textMeasurer.begin()
    #expect(try laterSize("alice/text/1/x") == 4)
    try scratch.write("three\n", to: "x")
    scratch.filesystem.textMeasurer.look()
    #expect(try laterSize("alice/text/workspace/x") == 6)
    try scratch.write("of no commit\n", to: "x")
    #expect(try laterSize("alice/text/workspace/x") == 13)
    #expect(try size("alice/text/1/x") == 4)
    scratch.filesystem.end()
    #expect(try size("alice/text/1/x", in: scratch.anotherMount()) == 4)
  }

  @Test(
    "A size that was kept and is wrong is corrected when the text is read, and the kernel is told")
  func corrected() throws {
    try scratch.write("some text\n", to: "x")
    try scratch.commit("first")
    let told = Told()
    let manifest = try scratch.store.manifest(
      of: #require(CommitNumber(1)), in: scratch.session)
    let version = try #require(manifest.versions[VariableName("x")])
    let form = scratch.filesystem.texts.form
    try scratch.store.keepTextSizes([version.id: 7], as: form)
    #expect(try size("alice/text/1/x") == 7)
    scratch.filesystem.notices.withLock { notices in
      notices = NoticeReceiver { notice in told.all.withLock { $0.append(notice) } }
    }
    #expect(try scratch.text("alice/text/1/x") == "some text\n")
    let inode = try scratch.inode("alice/text/1/x")
    #expect(told.all.withLock { $0 } == [.attributes(inode)])
    #expect(try size("alice/text/1/x") == 10)
    scratch.filesystem.end()
    #expect(try scratch.store.textSizes(of: [version.id], as: form) == [10])
  }

  @Test("A text of a known size is rendered when it is read, though its commits be gone by then")
  func late() throws {
    for value in ["one\n", "two\n"] {
      try scratch.write(value, to: "x")
      try scratch.commit(value)
    }
    _ = try scratch.text("alice/text/1/x")
    scratch.filesystem.end()
    let filesystem = try scratch.anotherMount()
    let inode = try Scratch.Reader(filesystem: filesystem).inode("alice/text/1/x")
    let handle = try #require(try filesystem.open(inode, OpenMode(writes: false)).handle)
    var rules = KeepRules()
    rules.last = 1
    try scratch.store.prune(scratch.session, keeping: rules)
    try scratch.store.collect()
    #expect(try filesystem.read(inode, at: 0, count: 99, through: handle) == Array("one\n".utf8))
    filesystem.release(handle)
  }

  @Test("A text is the same by whatever name and in whatever mount it is read")
  func names() throws {
    // t = ([],); [t, t]
    let pickle: [UInt8] =
      [0x80, 2] + Array("]q\0(]q\u{1}".utf8) + [0x85] + Array("q\u{2}h\u{2}e.".utf8)
    let handle = try scratch.open("x")
    #expect(try scratch.filesystem.write(pickle.span, at: 0, through: handle) == pickle.count)
    try scratch.close(handle)
    try scratch.commit("first")
    let text = try scratch.text("alice/text/1/x")
    #expect(text.contains("<same as x[0]>"), "\(text)")
    try scratch.filesystem.rename(
      "x", in: scratch.inode("alice/workspace"), to: "y", in: scratch.inode("alice/workspace"),
      .replacing)
    try scratch.commit("second")
    let other = Scratch.Reader(filesystem: try scratch.anotherMount())
    #expect(String(decoding: try other.bytes("alice/text/2/y"), as: UTF8.self) == text)
    #expect(try other.inode("alice/text/2/y") == scratch.inode("alice/text/1/x"))
  }

  @Test("Who has a text open at one time has the same bytes, however small the cache is")
  func shared() throws {
    var options = FilesystemOptions(user: 0, group: 0)
    options.cacheLimit = 1 << 10
    let filesystem = Filesystem(store: scratch.store, options: options) { _ in }
    try scratch.write(String(repeating: "text\n", count: 1000), to: "x")
    try scratch.write("other\n", to: "y")
    try scratch.commit("first")
    let reader = Scratch.Reader(filesystem: filesystem)
    let inode = try reader.inode("alice/text/1/x")
    func open() throws -> HandleNumber {
      try #require(try filesystem.open(inode, OpenMode(writes: false)).handle)
    }
    func address(_ handle: HandleNumber) throws -> UInt? {
      guard case .text(let text) = filesystem.files[handle] else { return nil }
      return try unsafe text.text().bytes.withUnsafeBufferPointer { bytes in
        UInt(bitPattern: bytes.baseAddress)
      }
    }
    let first = try open()
    for _ in 0..<3 { _ = try reader.bytes("alice/text/1/y") }
    let second = try open()
    #expect(try address(first) == address(second))
    filesystem.release(first)
    #expect(try filesystem.read(inode, at: 4998, count: 9, through: second) == Array("t\n".utf8))
    filesystem.release(second)
  }

  /// Reads from a store, and counts the bytes.
  private final class CountedBlobs: BlobSource {
    let blobs: StoredBlobs
    let count = Atomic(0)

    init(_ store: Store) { blobs = StoredBlobs(store) }

    func bytes(of blob: Blob, in range: Range<Int>) throws(BlobError) -> [UInt8] {
      count.wrappingAdd(range.count, ordering: .relaxed)
      return try blobs.bytes(of: blob, in: range)
    }

    func parts(of blob: Blob) throws(BlobError) -> [(blob: Blob, isData: Bool)] {
      try blobs.parts(of: blob)
    }
    func digest(of bytes: [UInt8]) -> PodID { blobs.digest(of: bytes) }
  }

  @Test("Of a large file only the ends are read; pods have names for the rest")
  func unread() throws {
    var generator = SystemRandomNumberGenerator()
    var bytes = (0..<(4 << 20)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    func text() throws -> (lines: Set<Substring>, count: Int) {
      let handle = try scratch.open("x", truncating: true)
      #expect(try scratch.filesystem.write(bytes.span, at: 0, through: handle) == bytes.count)
      try scratch.close(handle)
      let version = try #require(
        scratch.store.workspace(of: scratch.session).versions[VariableName("x")])
      let blobs = CountedBlobs(scratch.store)
      let file = Blob(count: bytes.count, pod: version.content.pod)
      let text = try renderFile(file, limit: 1 << 20, blobs: blobs)
      let lines = Set(String(decoding: text, as: UTF8.self).split(separator: "\n"))
      return (lines, blobs.count.load(ordering: .relaxed))
    }
    let before = try text()
    #expect(before.count < 1 << 20)
    #expect(before.lines.count > 50)
    bytes[2 << 20] ^= 1
    let after = try text()
    #expect((1...4).contains(after.lines.subtracting(before.lines).count))
  }

  @Test("What is compressed in an archive of arrays is shown, too")
  func compressed() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "PodTextTests/Golden/files")
    func text(_ name: String) throws -> String {
      let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
      let handle = try scratch.open(name)
      #expect(try scratch.filesystem.write(bytes.span, at: 0, through: handle) == bytes.count)
      try scratch.close(handle)
      return try scratch.text("alice/text/workspace/\(name)")
    }
    let compressed = try text("compressed.npz")
    #expect(compressed.contains("  0.5\n  -1.25\n"))
    #expect(try text("arrays.npz") == compressed)
  }

  @Test("Rendering ends when nobody wants it any more")
  func interrupted() throws {
    try scratch.write("some text\n", to: "x")
    let version = try #require(
      scratch.store.workspace(of: scratch.session).versions[VariableName("x")])
    let blobs = StoredBlobs(scratch.store) { false }
    #expect(throws: StoreError.interrupted) {
      try versionText(of: version, named: "x", in: scratch.store, limit: 1 << 20, blobs)
    }
  }
}
