import Glibc
import PodFUSE
import PodFilesystem
import Testing

@testable import podfs

@Suite struct OptionListTests {
  private func parse(_ texts: String..., sloppy: Bool = false) throws -> OptionList {
    try OptionList(parsing: texts, isSloppy: sloppy)
  }

  @Test("Every option does what it says")
  func meanings() throws {
    let list = try parse(
      "ro,allow_other,auto_unmount,noexec", "uid=7,gid=8,umask=027,text_limit=3K,cache=2MiB")
    #expect(list.mount.flags == [.readOnly, .noPrograms])
    #expect(list.mount.allowsOthers)
    #expect(list.mount.unmountsAutomatically)
    #expect((list.tree.user, list.tree.group, list.tree.umask) == (7, 8, 0o027))
    #expect((list.tree.textLimit, list.tree.cacheLimit) == (3 << 10, 2 << 20))
  }

  @Test("Nothing said is: who mounts owns it, in private, for reading and writing")
  func defaults() throws {
    let list = try parse()
    #expect(list.mount == MountOptions())
    #expect((list.tree.user, list.tree.group) == (geteuid(), getegid()))
    #expect(list.text.isEmpty)
  }

  @Test("Users and groups may be named")
  func names() throws {
    let list = try parse("uid=root,gid=root")
    #expect((list.tree.user, list.tree.group) == (0, 0))
  }

  @Test("The last word wins, and what is told elsewhere gives the same list again")
  func order() throws {
    let list = try parse("ro,uid=1,cache=1M", "rw,uid=2", ",,noatime")
    #expect(list.words == ["cache=1M", "uid=2", "noatime"])
    #expect(try parse(list.text).tree == list.tree)
    #expect(try parse("rw,ro").mount.flags == [.readOnly])
  }

  @Test("What mount(8), fstab and systemd say to every file system changes nothing")
  func generic() throws {
    let list = try parse(
      "defaults,noauto,user=me,users,_netdev,nofail,nosuid,nodev,relatime",
      "x-systemd.automount,x-systemd.idle-timeout=60,X-mount.mkdir=0755,comment=x,rw")
    #expect(list.words.isEmpty)
  }

  @Test(
    "What is unknown or impossible is named, unless it is to be passed over",
    arguments: [
      "frob", "frob=1", "uid", "uid=", "uid=-1", "uid=no such user", "umask=8", "umask=1000",
      "cache=0", "cache=x", "cache=9999999999G", "text_limit=-1", "ro=1", "allow_other=yes",
    ])
  func unknown(word: String) throws {
    #expect { try parse("ro,\(word)") } throws: { error in
      guard case CommandError.wrongUse(let text) = error else { return false }
      return text.contains(word.split(separator: "=").last ?? "")
    }
    if word.hasPrefix("frob") { #expect(try parse(word, "ro", sloppy: true).words == ["ro"]) }
  }
}
