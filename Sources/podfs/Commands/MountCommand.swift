import ArgumentParser
import Glibc
import PodFUSE
import PodFilesystem
import PodModel
import PodStore

/// `podfs mount`: shows a store as files.
struct MountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mount",
    abstract: "Show the store as files.",
    discussion: """
      Returns when the mount answers, and leaves a daemon in the background; 'podfs umount' ends \
      it. What a daemon that died left behind is taken away first.
      """)

  @Argument(help: ArgumentHelp("An empty directory.", valueName: "mountpoint"))
  var mountPoint: String

  @Flag(name: [.customShort("f"), .long], help: "Stay in the foreground until unmounted.")
  var foreground = false

  @Flag(help: .hidden)
  var tellReadiness = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    // Whether it can be opened is better known before a daemon is started.
    let store = try store.open().path
    let mountPoint = try Path.resolvedParent(mountPoint)
    if !foreground {
      try Daemon.start(store: store, mountPoint: mountPoint)
    } else if !tellReadiness {
      _ = try serve(store, at: mountPoint) {}
    } else {
      try serveAsDaemon(store, at: mountPoint)
    }
  }

  private func serveAsDaemon(_ store: String, at mountPoint: String) throws {
    var readiness: Readiness? = Readiness()
    do {
      // The daemon keeps no directory busy but its own.
      try Path.changeDirectory(to: "/")
      _ = try serve(store, at: mountPoint) { readiness.take()?.tell(nil) }
    } catch {
      guard let readiness = readiness.take() else { throw error }
      readiness.tell("\(error)")
      throw ExitCode(Ending.failed)
    }
  }

  /// Serves the store until it is unmounted.
  ///
  /// Returns the record of the mount, whose lock tells that this process lives: whoever waits for it
  /// is to find the store closed.
  private func serve(
    _ store: String, at mountPoint: String, onReady: () -> Void
  ) throws -> MountRecord {
    let options = FilesystemOptions(user: geteuid(), group: getegid())
    let filesystem = Filesystem(store: try Store(openingAt: store), options: options) { line in
      tellError("\(Timestamp.now): \(line)")
    }
    let mount = try Mount(filesystem, at: mountPoint)
    let record = try MountRecord(of: mount.path, in: store)
    try mount.serve(stoppingAtSignals: true, onReady: onReady)
    try record.remove()
    return record
  }
}
