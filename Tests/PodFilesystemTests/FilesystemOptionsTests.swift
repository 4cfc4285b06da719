import PodFilesystem
import Testing

@Suite struct FilesystemOptionsTests {
  @Test("Without a umask permissions are shown as they are; with one, all may what the owner may")
  func umask() {
    var options = FilesystemOptions(user: 1, group: 2)
    for permissions in [0o644, 0o755, 0o444, 0o555, 0o600] as [UInt32] {
      #expect(options.shown(permissions) == permissions)
    }
    options.umask = 0o027
    #expect(
      [0o644, 0o755, 0o444, 0o555, 0o600].map(options.shown) == [0o640, 0o750, 0o440, 0o550, 0o640])
    options.umask = 0
    #expect([0o644, 0o755, 0o444, 0o555].map(options.shown) == [0o666, 0o777, 0o444, 0o555])
  }
}
