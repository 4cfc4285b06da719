import PodFilesystem
import PodModel
import PodStore
import Testing

@Suite struct CopyTests {
  let scratch: Scratch
  let long = String(repeating: "podfs ", count: 100_000)

  init() throws {
    scratch = try Scratch()
    try scratch.write(long, to: "x")
    try scratch.commit("first")
  }

  private func content(_ name: String) throws -> ContentID? {
    try scratch.store.workspace(of: scratch.session).versions[VariableName(name)]?.content
  }

  @Test("Copying a whole version stores no pod", arguments: ["commits/1/x", "workspace/x"])
  func wholeCopy(source: String) throws {
    let before = try scratch.store.statistics()
    try scratch.copy("alice/\(source)", to: "y")
    let after = try scratch.store.statistics()
    #expect(after.pods == before.pods)
    #expect(after.versions == before.versions + 1)
    #expect(try content("y") == content("x"))
    #expect(try scratch.text("alice/workspace/y") == long)
  }

  @Test("A copy that comes in pieces is one, if the pieces fit together")
  func piecewiseCopy() throws {
    let inode = try scratch.inode("alice/commits/1/x")
    let handle = try scratch.open("y")
    // Smaller than a piece of a large copy: the bytes are copied, and right.
    for start in stride(from: Int64(0), to: Int64(long.utf8.count), by: 250_000) {
      let count = try scratch.filesystem.copy(
        inode, at: start, through: nil, to: handle, at: start, count: 250_000)
      #expect(count == min(250_000, Int64(long.utf8.count) - start))
    }
    try scratch.close(handle)
    #expect(try scratch.text("alice/workspace/y") == long)
  }

  @Test("Copying over a file with bytes, or a part, copies bytes")
  func partialCopy() throws {
    let handle = try scratch.open("y")
    try scratch.write("head-", through: handle)
    let inode = try scratch.inode("alice/commits/1/x")
    #expect(
      try scratch.filesystem.copy(
        inode, at: 6, through: nil, to: handle, at: 5, count: 5) == 5)
    try scratch.close(handle)
    #expect(try scratch.text("alice/workspace/y") == "head-podfs")
  }

  @Test("A copy can be written and cut like any file")
  func writtenCopy() throws {
    let inode = try scratch.inode("alice/commits/1/x")
    let handle = try scratch.open("y")
    _ = try scratch.filesystem.copy(
      inode, at: 0, through: nil, to: handle, at: 0, count: .max)
    try scratch.write("PODFS", through: handle)
    var change = AttributeChange()
    change.size = 11
    _ = try scratch.filesystem.setAttributes(
      of: scratch.inode("alice/workspace/y"), to: change, through: handle, user: 0, group: 0)
    try scratch.close(handle)
    #expect(try scratch.text("alice/workspace/y") == "PODFS podfs")
    #expect(try scratch.text("alice/commits/1/x") == long)
  }

  @Test("Emptying a file and copying its own value back makes no version")
  func sameValue() throws {
    let before = try scratch.store.statistics().versions
    try scratch.copy("alice/commits/1/x", to: "x")
    #expect(try scratch.store.statistics().versions == before)
    #expect(try scratch.text("alice/workspace/x") == long)
  }

  @Test("A file that is being written is copied as it is")
  func copyOfUnsealed() throws {
    let source = try scratch.open("s")
    try scratch.write("not closed", through: source)
    try scratch.copy("alice/workspace/s", to: "y")
    #expect(try scratch.text("alice/workspace/y") == "not closed")
    try scratch.close(source)
  }

  @Test("Hostile ranges are refused or end early")
  func hostileRanges() throws {
    let inode = try scratch.inode("alice/commits/1/x")
    let handle = try scratch.open("y")
    let filesystem = scratch.filesystem
    for (from, to, count) in [
      (Int64.max, Int64(0), Int64.max), (0, .max, 10), (.max, .max, .max), (5, 0, .max),
    ] {
      _ = try? filesystem.copy(inode, at: from, through: nil, to: handle, at: to, count: count)
    }
    for (from, to, count) in [(Int64(-1), Int64(0), Int64(1)), (0, -1, 1), (0, 0, -1)] {
      #expect(throws: FilesystemError.invalid) {
        try filesystem.copy(inode, at: from, through: nil, to: handle, at: to, count: count)
      }
    }
    #expect(throws: FilesystemError.tooLarge) {
      try filesystem.write([1].span, at: .max, through: handle)
    }
    try scratch.close(handle)
  }
}
