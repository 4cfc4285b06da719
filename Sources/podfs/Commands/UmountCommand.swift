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
    let mount = try found()
    // Found before: a daemon removes its record a moment before it ends.
    let daemon = try MountRecord.daemons(of: mount.store).last { $0.device == mount.device }
    try MountPoint.unmount(mount.path, lazily: lazy)
    guard let daemon, !lazy else { return }
    // A mount namespace is made with copies of the mounts that are there; each of them keeps the
    // daemon alive.
    if MountTable.isMountedAnywhere(device: mount.device) ?? !daemon.isHere {
      try Output.write {
        try $0.line(
          "'\(mount.path)' is still mounted in another mount namespace; its daemon goes on")
      }
    } else {
      try daemon.waitForEnd()
    }
  }

  /// The mount at the path that was typed.
  ///
  /// Without looking at the path itself at first: its daemon may have died, or hang.
  private func found() throws -> MountTable.Entry {
    let mounts = try MountTable.read()
    let path = try Path.resolvedParent(mountPoint)
    if let mount = mounts.last(where: { $0.path == path }) { return mount }
    let target = try Path.resolved(mountPoint)
    guard let mount = mounts.last(where: { $0.path == target }) else {
      throw CommandError.nothingFound(
        "'\(mountPoint)' is no mount of podfs; 'podfs status' lists the mounts of a store")
    }
    return mount
  }
}
