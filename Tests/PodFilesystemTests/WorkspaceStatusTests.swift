import PodFilesystem
import PodModel
import PodStore
import Testing

@Suite struct WorkspaceStatusTests {
  let scratch: Scratch
  private let path = "alice/workspace/x"

  init() throws { scratch = try Scratch() }

  private func set(_ path: String, _ change: AttributeChange) throws {
    _ = try scratch.filesystem.setAttributes(
      of: scratch.inode(path), to: change, through: nil, user: 0, group: 0)
  }

  private func change(permissions: UInt32, modified: FileTime? = nil) -> AttributeChange {
    var change = AttributeChange()
    change.permissions = permissions
    change.modified = modified.map { .at($0) }
    return change
  }

  private func set(
    _ name: String, to value: String?, _ setting: AttributeSetting = .always
  ) throws {
    try scratch.filesystem.setExtendedAttribute(
      name, of: scratch.inode(path), to: value.map { Array($0.utf8) }, setting)
  }

  private func attribute(_ name: String, of path: String) throws -> String {
    String(
      decoding: try scratch.filesystem.extendedAttribute(name, of: scratch.inode(path)),
      as: UTF8.self)
  }

  /// What another mount of the store shows.
  private func other() throws -> Scratch.Reader {
    Scratch.Reader(filesystem: try scratch.anotherMount())
  }

  @Test(
    "Permissions, times and attributes are remembered by every mount",
    arguments: [-315_619_200, 4_102_444_800].map { FileTime(seconds: $0, nanoseconds: 7) })
  func remembered(time: FileTime) throws {
    try scratch.write("one", to: "x")
    try set(path, change(permissions: 0o600, modified: time))
    try set("user.a", to: "b")
    let other = try other()
    let attributes = try other.filesystem.attributes(of: other.inode(path))
    #expect(attributes.permissions == 0o600)
    #expect(attributes.times.modified == time)
    #expect(attributes.times == (try scratch.attributes(path).times))
    #expect(try other.filesystem.extendedAttribute("user.a", of: other.inode(path)) == [98])
    // What the other mount sets is seen here, though the file is known.
    var change = AttributeChange()
    change.permissions = 0o640
    _ = try other.filesystem.setAttributes(
      of: other.inode(path), to: change, through: nil, user: 0, group: 0)
    #expect(try scratch.attributes(path).permissions == 0o640)
  }

  @Test("What was set before the first close is there after it; owners are not for changing")
  func beforeSealing() throws {
    let handle = try scratch.open("x")
    try scratch.write("one", through: handle)
    let time = FileTime(seconds: 5, nanoseconds: 6)
    try set(path, change(permissions: 0o400, modified: time))
    try set("user.a", to: "1")
    #expect(try attribute("user.a", of: path) == "1")
    try scratch.close(handle)
    let other = try other()
    #expect(try other.filesystem.attributes(of: other.inode(path)).times.modified == time)
    #expect(try other.filesystem.attributes(of: other.inode(path)).permissions == 0o400)
    #expect(try other.filesystem.extendedAttribute("user.a", of: other.inode(path)) == [49])
    var change = AttributeChange()
    change.user = 1000
    #expect(throws: FilesystemError.notPermitted) { try set(path, change) }
  }

  @Test("A commit moves no time of a workspace file")
  func commit() throws {
    try scratch.write("one", to: "x")
    let times = try scratch.attributes(path).times
    try scratch.commit("first")
    #expect(try scratch.attributes(path).times == times)
    let other = try other()
    #expect(try other.filesystem.attributes(of: other.inode(path)).times == times)
  }

  @Test("Attributes are set as the flags say, within limits, and none that tells of the value")
  func settings() throws {
    try scratch.write("one", to: "x")
    #expect(throws: FilesystemError.noAttribute) { try set("user.a", to: "1", .replacing) }
    try set("user.a", to: "1", .creating)
    #expect(throws: FilesystemError.exists) { try set("user.a", to: "2", .creating) }
    try set("user.a", to: "3", .replacing)
    #expect(try attribute("user.a", of: path) == "3")
    let names = try scratch.filesystem.extendedAttributeNames(of: scratch.inode(path))
    #expect(String(decoding: names, as: UTF8.self).hasPrefix("user.podfs.type\0"))
    #expect(String(decoding: names, as: UTF8.self).hasSuffix("\0user.a\0"))
    #expect(throws: FilesystemError.notSupported) { try set("user.podfs.type", to: "lie") }
    #expect(throws: FilesystemError.notSupported) { try set("security.a", to: "1") }
    let long = String(repeating: "v", count: 64 << 10)
    for number in 0..<15 { try set("user.\(number)", to: long) }
    #expect(throws: FilesystemError.attributesFull) { try set("user.15", to: long) }
    try set("user.a", to: nil, .replacing)
    #expect(throws: FilesystemError.noAttribute) { try set("user.a", to: nil, .replacing) }
  }

  @Test("What is set of a name follows it, and stays with an open file that loses it")
  func names() throws {
    try scratch.write("one", to: "x")
    try scratch.write("two", to: "y")
    try set(path, change(permissions: 0o600))
    try set("user.a", to: "1")
    let workspace = try scratch.inode("alice/workspace")
    let before = try scratch.attributes(path).times
    try scratch.filesystem.rename("x", in: workspace, to: "y", in: workspace, .exchanging)
    #expect(try scratch.text("alice/workspace/y") == "one")
    #expect(try scratch.text(path) == "two")
    let after = try scratch.attributes("alice/workspace/y")
    #expect(after.permissions == 0o600)
    #expect(after.times.changed > before.changed)
    #expect(after.times.modified == before.modified)
    #expect(try attribute("user.a", of: "alice/workspace/y") == "1")
    #expect(throws: FilesystemError.noAttribute) { try attribute("user.a", of: path) }
    #expect(throws: FilesystemError.notFound) {
      try scratch.filesystem.rename("x", in: workspace, to: "z", in: workspace, .exchanging)
    }
    #expect(throws: FilesystemError.exists) {
      try scratch.filesystem.rename("x", in: workspace, to: "y", in: workspace, .keeping)
    }
    let inode = try scratch.inode("alice/workspace/y")
    let handle = try scratch.open("y")
    try scratch.filesystem.remove("y", in: workspace)
    #expect(try scratch.filesystem.extendedAttribute("user.a", of: inode) == [49])
    try scratch.filesystem.setExtendedAttribute("user.b", of: inode, to: [50], .creating)
    #expect(try scratch.filesystem.extendedAttribute("user.b", of: inode) == [50])
    try scratch.close(handle)
    try scratch.write("new", to: "y")
    #expect(try scratch.attributes("alice/workspace/y").permissions == 0o644)
    #expect(throws: FilesystemError.noAttribute) {
      try attribute("user.a", of: "alice/workspace/y")
    }
  }

  @Test("Permissions are kept though the bytes that were written with them are refused")
  func refused() throws {
    try scratch.write("one", to: "x")
    try scratch.store.set(.largestVariable, to: 4)
    let handle = try scratch.open("x")
    try scratch.write("longer", through: handle)
    try set(path, change(permissions: 0o600))
    #expect(throws: FilesystemError.self) { try scratch.close(handle) }
    #expect(try scratch.text(path) == "one")
    #expect(try scratch.attributes(path).permissions == 0o600)
  }

  @Test("History and texts permit what the file of the version does, but for writing")
  func history() throws {
    try scratch.write("one", to: "x")
    try set(path, change(permissions: 0o750))
    try scratch.commit("first")
    let shown = ["alice/commits/1/x", "alice/text/1/x", "alice/text/workspace/x"]
    for path in shown { #expect(try scratch.attributes(path).permissions == 0o550, "\(path)") }
    try scratch.write("two", to: "x")
    #expect(try scratch.attributes(path).permissions == 0o750)
    try set(path, change(permissions: 0o600))
    try scratch.commit("second")
    for path in shown.dropLast() { #expect(try scratch.attributes(path).permissions == 0o550) }
    #expect(try scratch.attributes("alice/text/workspace/x").permissions == 0o400)
    // A chmod makes nothing to commit.
    try set(path, change(permissions: 0o640))
    #expect(try scratch.attributes("alice/commits/2/x").permissions == 0o440)
    #expect(try scratch.store.workspaceChanges(of: scratch.session).isEmpty)
  }

  @Test("Permissions, times and attributes of a workspace are remembered, and shut its session")
  func workspaceItself() throws {
    let path = "alice/workspace"
    let time = FileTime(seconds: 5, nanoseconds: 6)
    try set(path, change(permissions: 0o710, modified: time))
    let inode = try scratch.inode(path)
    try scratch.filesystem.setExtendedAttribute("user.a", of: inode, to: [49], .creating)
    #expect(throws: FilesystemError.exists) {
      try scratch.filesystem.setExtendedAttribute("user.a", of: inode, to: [50], .creating)
    }
    for reader in [Scratch.Reader(filesystem: scratch.filesystem), try other()] {
      let attributes = try reader.filesystem.attributes(of: reader.inode(path))
      #expect(attributes.permissions == 0o710)
      #expect(attributes.times.modified == time)
      #expect(try reader.filesystem.attributes(of: reader.inode("alice")).permissions == 0o710)
      #expect(try reader.filesystem.extendedAttributeNames(of: inode) == Array("user.a\0".utf8))
      #expect(try reader.filesystem.extendedAttribute("user.a", of: inode) == [49])
    }
    // A file that is made moves the time, when it is made and not when it is sealed.
    let handle = try scratch.open("x")
    let made = try scratch.attributes(path).times.modified
    #expect(made > time)
    try scratch.write("one", through: handle)
    try scratch.close(handle)
    #expect(try scratch.attributes(path).times.modified == made)
    #expect(try other().filesystem.attributes(of: inode).times.modified == made)
    #expect(throws: FilesystemError.notPermitted) { try set(path, change(permissions: 0o4755)) }
    #expect(throws: FilesystemError.notSupported) {
      try scratch.filesystem.setExtendedAttribute("user.podfs.a", of: inode, to: [1], .always)
    }
    var cut = AttributeChange()
    cut.size = 0
    #expect(throws: FilesystemError.isDirectory) { try set(path, cut) }
    try scratch.filesystem.setExtendedAttribute("user.a", of: inode, to: nil, .replacing)
    #expect(try scratch.filesystem.extendedAttributeNames(of: inode) == [])
  }
}
