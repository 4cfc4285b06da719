import PodFilesystem
import PodModel
import PodStore
import Testing

/// Requests that no kernel sends, or only a broken one: any answer is right that is no end of the
/// process, and the tree is as before.
@Suite struct HostileRequestTests {
  private let scratch: Scratch
  private var random: Seeded

  init() throws {
    scratch = try Scratch()
    random = Seeded(state: 0)
    try scratch.write("[1, 2]", to: "x")
    try scratch.commit("first")
    try scratch.write("other", to: "y")
  }

  @Test("Any numbers, offsets and names get an answer", arguments: 1...2 as ClosedRange<UInt64>)
  mutating func anything(seed: UInt64) throws {
    random = Seeded(state: seed)
    let before = try scratch.text("alice/commits/1/x")
    for _ in 0..<4000 {
      do { try request() } catch is FilesystemError {}
    }
    #expect(try scratch.text("alice/commits/1/x") == before)
    #expect(try scratch.names("").contains("alice"))
    var findings: [Finding] = []
    try scratch.store.check(data: true) { findings.append($0) }
    #expect(findings.isEmpty)
  }

  private mutating func request() throws {
    let tree = scratch.filesystem
    switch Int.random(in: 0..<25, using: &random) {
    case 0: _ = try tree.lookup(name(), in: inode())
    case 1: _ = try tree.attributes(of: inode())
    case 2:
      _ = try tree.setAttributes(of: inode(), to: change(), through: handle(), user: 0, group: 0)
    case 3: _ = try tree.openDirectory(inode())
    case 4: _ = try tree.items(of: handle(), from: offset())
    case 5: tree.releaseDirectory(handle())
    case 6: _ = try tree.extendedAttribute(name(), of: inode())
    case 7: _ = try tree.extendedAttributeNames(of: inode())
    case 8: try tree.setExtendedAttribute(name(), of: inode(), to: [1, 2], .always)
    case 9, 10: _ = try tree.open(inode(), mode())
    case 11: _ = try tree.create(name(), in: inode(), permissions: .max, mode())
    case 12, 13: _ = try tree.read(inode(), at: offset(), count: count(), through: handle())
    case 14: _ = try tree.write([1, 2, 3].span, at: offset(), through: handle())
    case 15: try tree.flush(handle()) { false }
    case 16: try tree.synchronize(handle())
    case 17: tree.release(handle())
    case 18: try tree.allocate(offset(), at: offset(), [], through: handle())
    case 19: _ = try tree.position(of: .hole, in: inode(), from: offset())
    case 20:
      _ = try tree.copy(
        inode(), at: offset(), through: handle(), to: handle(), at: offset(), count: offset())
    case 21: _ = try tree.target(ofLink: inode())
    case 22: _ = try tree.makeLink(name(), in: inode(), to: name())
    case 23: try tree.rename(name(), in: inode(), to: name(), in: inode(), .replacing)
    default: tree.forget(try inode(), count: UInt64.random(in: 0...UInt64.max, using: &random))
    }
  }

  private mutating func inode() throws -> InodeNumber {
    if Bool.random(using: &random) {
      let paths = [
        "", "README", "alice", "alice/HEAD", "alice/log", "alice/commit", "alice/commits/1",
        "alice/commits/1/x", "alice/text/1/x", "alice/branches", "alice/tags", "alice/info/1",
        "alice/workspace",
      ]
      return try scratch.inode(paths.randomElement(using: &random) ?? "")
    }
    // The kind is in the upper bits; see Node.
    let kind = UInt64.random(in: 0...63, using: &random) << 58
    let session = UInt64.random(in: 0...2, using: &random) << 36
    let payloads: [UInt64] = [0, 1, 2, 3, (1 << 36) - 1, (1 << 58) - 1, 1 << 57]
    return InodeNumber(kind | session | (payloads.randomElement(using: &random) ?? 0))
  }

  private mutating func handle() -> HandleNumber {
    HandleNumber(Bool.random(using: &random) ? .random(in: 0...40, using: &random) : .max)
  }

  private mutating func offset() -> Int64 {
    let offsets: [Int64] = [0, 1, 7, -1, .max, .max - 1, .min, 1 << 62, 100_000]
    return offsets.randomElement(using: &random) ?? 0
  }

  private mutating func count() -> Int { [0, 1, 4096, 1 << 20].randomElement(using: &random) ?? 0 }

  private mutating func name() -> String {
    let names = [
      "", ".", "..", "/", "a/b", "../../etc", "x\0y", "HEAD", "x", "y", "main", "1", "\n", "-1",
      "99999999999999999999", "user.x", "user.", "user.podfs.type", "trusted.x",
      String(repeating: "n", count: 255), String(repeating: "n", count: 256),
      "../commits/1", "commits/1", "commits/99999999999999999999", "/commits/1",
    ]
    return names.randomElement(using: &random) ?? ""
  }

  private mutating func mode() -> OpenMode {
    OpenMode(
      writes: .random(using: &random), truncates: .random(using: &random),
      isExclusive: .random(using: &random))
  }

  private mutating func change() -> AttributeChange {
    var change = AttributeChange()
    if Bool.random(using: &random) { change.size = offset() }
    if Bool.random(using: &random) {
      change.permissions = .random(in: 0...UInt32.max, using: &random)
    }
    return change
  }
}
