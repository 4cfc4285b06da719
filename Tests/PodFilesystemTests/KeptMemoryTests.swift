import PodModel
import PodStore
import Testing

@testable import PodFilesystem

/// The memory of a mount whose history goes on and is pruned forever.
@Suite struct KeptMemoryTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Makes a commit and reads all of it, as a kernel would that never forgets an inode.
  private func makeAndRead(_ number: Int) throws {
    try scratch.write("value \(number)", to: "name\(number % 3)")
    try scratch.commit("commit \(number)")
    let head = try #require(try scratch.store.head(of: scratch.session).commit)
    for folder in ["alice/commits/\(head)", "alice/text/\(head)", "alice/text/workspace"] {
      for name in try scratch.names(folder) { _ = try scratch.bytes("\(folder)/\(name)") }
    }
    _ = try scratch.names("alice/by-time")
    _ = try scratch.bytes("alice/info/\(head)/changed")
  }

  @Test("Files that no commit has any more are forgotten, though the kernel has not forgotten them")
  func prunedFiles() throws {
    let filesystem = scratch.filesystem
    filesystem.links.beginWatching()
    filesystem.textLinks.beginWatching()
    filesystem.announceChanges()
    for number in 1...200 {
      try makeAndRead(number)
      guard number % 10 == 0 else { continue }
      #expect(filesystem.links.knownCount >= 10)
      var rules = KeepRules()
      rules.last = 5
      try scratch.store.prune(scratch.session, keeping: rules)
      filesystem.announceChanges()
      // Five commits of three names have at most seven versions.
      #expect(filesystem.links.knownCount <= 7)
      #expect(filesystem.textLinks.knownCount <= 7)
    }
    // Of those that stay, the kernel is told.
    let head = try #require(try scratch.store.head(of: scratch.session).commit)
    let links = try scratch.attributes("alice/commits/\(head)/name0")
    #expect(links.lifetime == .watched)
    #expect(links.links == 3)
  }

  @Test("The names of symlinks that became HEAD are forgotten with their inodes")
  func pendingNames() throws {
    let filesystem = scratch.filesystem
    for number in 1...2 {
      try scratch.write("value \(number)", to: "x")
      try scratch.commit("")
    }
    let alice = try scratch.inode("alice")
    var before = 0
    for number in 0..<100 {
      let name = "temporary\(number)"
      let link = try filesystem.makeLink(name, in: alice, to: "commits/\(number % 2 + 1)")
      filesystem.forget(link.attributes.inode, count: 0)
      #expect(try filesystem.target(ofLink: link.attributes.inode).hasPrefix("commits/"))
      try filesystem.rename(name, in: alice, to: "HEAD", in: alice, .replacing)
      filesystem.forget(link.attributes.inode, count: 1)
      if number == 0 { before = filesystem.names.count }
    }
    #expect(filesystem.names.count == before)
  }

  @Test("The contents that are kept take no more memory than they may, each with all that it takes")
  func contents() throws {
    let limit = 256 << 10
    var options = FilesystemOptions(user: 0, group: 0)
    options.cacheLimit = limit
    let filesystem = Filesystem(store: scratch.store, options: options) { _ in }
    let reader = Scratch.Reader(filesystem: filesystem)
    for number in 1...300 {
      try scratch.write("value \(number)", to: "x")
      try scratch.commit("")
      _ = try reader.bytes("alice/commits/\(number)/x")
      _ = try reader.bytes("alice/text/\(number)/x")
    }
    let contents = filesystem.backing.keptContents
    #expect(contents.byteCount <= limit / 2)
    // An object, its tables and a lock: no content takes less.
    #expect(contents.byteCount >= contents.count * 512)
    #expect(contents.count > 10)
  }
}
