import ArgumentParser
import Glibc
import PodFUSE

/// `podfs umount`: takes a mount away.
struct UmountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umount",
    abstract: "Take a mount away, and wait until its daemon has ended.",
    discussion: "Nothing of the store is lost by it; what is not committed stays uncommitted.")

  @Argument(help: ArgumentHelp("Where it is mounted.", valueName: "mountpoint"))
  var mountPoint: String

  @Flag(
    name: [.customShort("l"), .long],
    help: "Detach it now even if it is in use; its daemon ends when the last file is closed.")
  var lazy = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let path = try resolvedMountPoint()
    guard let mount = try MountTable.read().last(where: { $0.path == path }) else {
      throw CommandError.nothingFound(
        "'\(mountPoint)' is no mount of podfs; 'podfs status' lists the mounts of a store")
    }
    let daemons = try MountRecord.daemons(of: mount.store).filter { $0.mountPoint == path }
    try MountPoint.unmount(path, lazily: lazy)
    if lazy { return }
    for daemon in daemons { try MountRecord.waitForEnd(of: daemon, store: mount.store) }
  }

  private func resolvedMountPoint() throws -> String {
    do {
      return try Path.resolved(mountPoint)
    } catch .system(_, _, ENOTCONN) {
      // Its daemon has died, so it cannot be looked at itself.
      return try Path.resolvedParent(mountPoint)
    }
  }
}
