import CFuse
import Glibc
import PodFUSE
import PodFilesystem
import PodModel
import PodStore
import Testing

extension RealMounts {
  @Suite(.enabled(if: Mount.isAvailable)) struct MountPoints {
    @Test("A mount point must be an empty directory outside of the store")
    func refusals() throws {
      let root = try temporaryDirectory()
      defer { shell("rm -rf '\(root)'") }
      let store = root + "/store"
      shell("mkdir -p '\(store)/inner' '\(root)/full/x' '\(root)/empty'; touch '\(root)/file'")
      shell("ln -s store '\(root)/link'")
      func check(_ name: String) throws(MountError) -> MountPoint {
        try MountPoint("\(root)/\(name)", forStoreAt: store)
      }
      #expect(throws: MountError.missing(path: root + "/none")) { _ = try check("none") }
      #expect(throws: MountError.notDirectory(path: root + "/file")) { _ = try check("file") }
      #expect(throws: MountError.notEmpty(path: root + "/full")) { _ = try check("full") }
      for name in ["store", "store/inner", "link/inner"] {
        #expect(throws: MountError.insideStore(path: "\(root)/\(name)", store: store)) {
          _ = try check(name)
        }
      }
      #expect(try check("empty").path == root + "/empty")
    }

    @Test("A store is mounted once at a place, and can be mounted again after its end")
    func again() throws {
      let mounted = try Mounted()
      let filesystem = Filesystem(
        store: mounted.store, options: FilesystemOptions(user: 0, group: 0)
      ) { _ in }
      #expect(throws: MountError.alreadyMounted(path: mounted.path)) {
        _ = try Mount(filesystem, at: mounted.path)
      }
      try MountPoint.unmount(mounted.path)
      mounted.unmount()
      #expect(throws: MountError.notMounted(path: mounted.path)) {
        try MountPoint.unmount(mounted.path)
      }
      _ = try Mount(filesystem, at: mounted.path)
    }

    @Test("What a killed daemon left is detached before the next mount")
    func stale() throws {
      let root = try temporaryDirectory()
      defer { shell("rm -rf '\(root)'") }
      let store = try Store(creatingAt: root + "/store")
      let path = root + "/mount"
      shell("mkdir '\(path)'")
      for _ in 0..<2 { try leaveStaleMount(at: path) }
      #expect(shell("ls '\(path)' 2>&1").output.contains("Transport endpoint"))
      do {
        let options = FilesystemOptions(user: 0, group: 0)
        _ = try Mount(Filesystem(store: store, options: options) { _ in }, at: path)
      }
      #expect(shell("ls '\(path)'") == Outcome(output: "", status: 0))
    }

    /// Mounts, and closes the device without unmounting, as the kernel does for the dead.
    private func leaveStaleMount(at path: String) throws {
      let device = unsafe open("/dev/fuse", O_RDWR)
      try #require(device >= 0)
      let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0"
      let result = unsafe mount("stale", path, "fuse.podfs", 0, options)
      close(device)
      try #require(result == 0, "mount(2): errno \(errno)")
    }
  }
}
