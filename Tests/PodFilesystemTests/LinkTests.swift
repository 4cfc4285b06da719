import PodFilesystem
import PodModel
import PodStore
import Testing

@Suite struct LinkTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Commits `x` with the values "1" to `count`, one after the other.
  private func commit(_ count: Int) throws {
    for number in 1...count {
      try scratch.write("\(number)", to: "x")
      try scratch.commit("commit \(number)")
    }
  }

  private func link(_ target: String, _ path: String) throws {
    var names = path.split(separator: "/").map { String($0) }
    let name = names.removeLast()
    _ = try scratch.filesystem.makeLink(
      name, in: scratch.inode(names.joined(separator: "/")), to: target)
  }

  private func rename(_ path: String, to newName: String, _ mode: RenameMode = .replacing) throws {
    var names = path.split(separator: "/").map { String($0) }
    let name = names.removeLast()
    let directory = try scratch.inode(names.joined(separator: "/"))
    try scratch.filesystem.rename(
      name, in: directory, to: newName, in: directory, mode)
  }

  private func target(_ path: String) throws -> String {
    try scratch.filesystem.target(ofLink: scratch.inode(path))
  }

  @Test(
    "A symlink in branches/ or tags/ names what it leads to",
    arguments: [
      "../commits/2", "../commits/2/", ".././commits/1/../2", "../branches/side", "../tags/two",
      "../../alice/commits/2", "/mnt/pods/alice/commits/2",
    ])
  func makesReferences(target text: String) throws {
    try commit(3)
    scratch.filesystem.mounted(at: "/mnt/pods")
    let two = try #require(CommitNumber(2))
    try scratch.store.setBranch(ReferenceName("side"), to: two, in: scratch.session)
    try scratch.store.setTag(ReferenceName("two"), to: two, in: scratch.session)
    try link(text, "alice/branches/idea")
    try link(text, "alice/tags/done")
    #expect(try target("alice/branches/idea") == "../commits/2")
    #expect(try target("alice/tags/done") == "../commits/2")
    #expect(try scratch.store.branches(of: scratch.session)[ReferenceName("idea")] == two)
    #expect(try scratch.store.tags(of: scratch.session)[ReferenceName("done")] == two)
  }

  @Test("A symlink to a commit by its time names the commit")
  func makesReferenceByTime() throws {
    try commit(2)
    let names = try scratch.names("alice/by-time")
    #expect(names.count == 2)
    try link("../by-time/\(names[1])", "alice/tags/then")
    #expect(try target("alice/tags/then") == "../commits/2")
  }

  @Test(
    "A symlink that leads to no commit of the session is refused",
    arguments: [
      ("../commits/9", FilesystemError.notFound), ("../commits/01", .notFound),
      ("../tags/none", .notFound), ("../branches/none", .notFound), ("commits/1", .invalid),
      ("../workspace", .invalid), ("../commits", .invalid), ("../../..", .invalid),
      ("/etc/passwd", .invalid), ("", .invalid), ("../../bob/commits/1", .otherSession),
    ])
  func refusesTargets(target: String, error: FilesystemError) throws {
    try commit(1)
    #expect(throws: error) { try link(target, "alice/branches/idea") }
    #expect(throws: error) { try link(target, "alice/tags/done") }
    #expect(try scratch.names("alice/tags") == [])
  }

  @Test("A branch or a tag that is there is not made again, but renamed over")
  func replacesReferences() throws {
    try commit(3)
    for folder in ["branches", "tags"] {
      try link("../commits/1", "alice/\(folder)/idea")
      #expect {
        try link("../commits/2", "alice/\(folder)/idea")
      } throws: {
        ($0 as? FilesystemError)?.errno == 17
      }
      try link("../commits/2", "alice/\(folder)/CuAb12")
      #expect {
        try rename("alice/\(folder)/CuAb12", to: "idea", .keeping)
      } throws: {
        ($0 as? FilesystemError)?.errno == 17
      }
      try rename("alice/\(folder)/CuAb12", to: "idea")
      #expect(try target("alice/\(folder)/idea") == "../commits/2")
      #expect(!(try scratch.names("alice/\(folder)").contains("CuAb12")))
    }
  }

  @Test("The branch that is checked out is renamed, but neither replaced nor removed")
  func keepsBranchOfHead() throws {
    try commit(2)
    try link("../commits/1", "alice/branches/idea")
    let branches = try scratch.inode("alice/branches")
    #expect(throws: FilesystemError.store(.branchCheckedOut(try ReferenceName("main")))) {
      try rename("alice/branches/idea", to: "main")
    }
    #expect(throws: FilesystemError.store(.branchCheckedOut(try ReferenceName("main")))) {
      try scratch.filesystem.remove("main", in: branches)
    }
    try rename("alice/branches/main", to: "trunk")
    #expect(try scratch.store.head(of: scratch.session).branch == ReferenceName("trunk"))
    try scratch.filesystem.remove("idea", in: branches)
    #expect(try scratch.names("alice/branches") == ["trunk"])
  }

  @Test("A symlink that is renamed to HEAD checks out, as ln -sfn does it")
  func checksOut() throws {
    try commit(3)
    try link("commits/1", "alice/CuAb12")
    #expect(try target("alice/CuAb12") == "commits/1")
    #expect(try scratch.names("alice").contains("CuAb12"))
    #expect(throws: FilesystemError.exists) { try link("commits/1", "alice/HEAD") }
    try rename("alice/CuAb12", to: "HEAD")
    #expect(try target("alice/HEAD") == "commits/1")
    #expect(try scratch.text("alice/workspace/x") == "1")
    #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/CuAb12") }
    #expect(try scratch.store.head(of: scratch.session).branch == nil)
    try link("branches/main", "alice/new")
    try rename("alice/new", to: "HEAD")
    #expect(try target("alice/HEAD") == "commits/3")
    #expect(try scratch.store.head(of: scratch.session).branch == ReferenceName("main"))
  }

  @Test("Checking out does not lose what is not committed")
  func keepsChanges() throws {
    try commit(2)
    try scratch.write("mine", to: "x")
    try link("commits/1", "alice/new")
    #expect {
      try rename("alice/new", to: "HEAD")
    } throws: {
      ($0 as? FilesystemError)?.errno == 16
    }
    #expect(try scratch.text("alice/workspace/x") == "mine")
    let session = try scratch.inode("alice")
    try scratch.filesystem.remove("new", in: session)
    #expect(throws: FilesystemError.notPermitted) {
      try scratch.filesystem.remove("HEAD", in: session)
    }
    #expect(throws: FilesystemError.notPermitted) { try rename("alice/HEAD", to: "old") }
  }

  @Test("A file has as many links as commits have it")
  func countsLinks() throws {
    try scratch.write("same", to: "y")
    try commit(3)
    #expect(try scratch.attributes("alice/commits/1/y").links == 3)
    #expect(try scratch.attributes("alice/commits/2/x").links == 1)
    try link("commits/2", "alice/new")
    try rename("alice/new", to: "HEAD")
    try scratch.commit("on the side")
    #expect(try scratch.attributes("alice/commits/4/x").links == 2)
    #expect(try scratch.attributes("alice/commits/4/y").links == 4)
    var rules = KeepRules()
    rules.last = 1
    try scratch.store.prune(scratch.session, keeping: rules)
    let left = try scratch.names("alice/commits")
    #expect(try scratch.attributes("alice/commits/4/y").links == UInt32(left.count))
  }

  @Test("vars/ has each version of a variable once, by the commit that introduced it")
  func variables() throws {
    try scratch.write("same", to: "y")
    try commit(3)
    try scratch.filesystem.remove("y", in: scratch.inode("alice/workspace"))
    try scratch.commit("y is gone")
    #expect(try scratch.names("alice/vars") == ["x", "y"])
    #expect(try scratch.names("alice/vars/x") == ["1", "2", "3"])
    #expect(try scratch.names("alice/vars/y") == ["1"])
    #expect(try target("alice/vars/x/2") == "../../commits/2/x")
    for path in ["vars/x/4", "vars/y/2", "vars/x/02", "vars/z", "vars/x/y"] {
      #expect(throws: FilesystemError.notFound) { try scratch.inode("alice/\(path)") }
    }
  }
}
