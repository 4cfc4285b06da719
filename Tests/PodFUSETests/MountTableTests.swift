import Testing

@testable import PodFUSE

@Suite struct MountTableTests {
  @Test("Only mounts of podfs count, whatever optional fields the kernel writes")
  func selection() {
    let text = """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      40 22 0:35 / /home/a/pods rw,nosuid,nodev - fuse.podfs /home/a/.podfs rw,user_id=0
      41 22 0:36 / /mnt/b rw shared:7 master:2 - fuse.podfs /srv/store rw
      42 22 0:37 / /mnt/c rw - fuse.sshfs host:/ rw
      """
    #expect(
      MountTable.parse(text) == [
        .init(path: "/home/a/pods", store: "/home/a/.podfs", device: "0:35"),
        .init(path: "/mnt/b", store: "/srv/store", device: "0:36"),
      ])
  }

  @Test("Spaces, tabs, newlines and backslashes in paths are unescaped")
  func escapes() {
    let line = #"40 22 0:35 / /a\040b\011c\012d\134e\303\274 rw - fuse.podfs /s\040t rw"#
    #expect(
      MountTable.parse(line) == [.init(path: "/a b\tc\nd\\eü", store: "/s t", device: "0:35")])
  }

  @Test("Lines that are no mounts are passed over", arguments: ["", "x", "1 2 3 4 5 6 -"])
  func nonsense(line: String) {
    #expect(MountTable.parse(line).isEmpty)
  }
}
