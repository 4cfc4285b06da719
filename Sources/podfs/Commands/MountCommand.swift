import ArgumentParser
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

      Options of -o:
        allow_other       others may use the mount, as far as permissions let them
        auto_unmount      the mount goes when its daemon dies
        cache=SIZE        the memory for what was read, about: 64M if nothing is said
        copies=SIZE       the disk for plain copies of what is read again and again: 1G
        ro, rw            nothing can be changed through the mount; or it can
        text_limit=SIZE   how much text of a variable is shown in full: 64M if nothing is said
        uid=, gid=        whose the files are: who mounts, if nothing is said
        umask=OCTAL       what nobody may do; group and others may do what else the owner may
      and noexec, sync and what mount(8) has for all file systems.
      """)

  @Argument(help: ArgumentHelp("An empty directory.", valueName: "mountpoint"))
  var mountPoint: String

  @Flag(name: [.customShort("f"), .long], help: "Stay in the foreground until unmounted.")
  var foreground = false

  @Option(
    name: .customShort("o"), parsing: .singleValue,
    help: ArgumentHelp("Words as in /etc/fstab, with commas between them.", valueName: "options"))
  var options: [String] = []

  @Flag(name: .shortAndLong, help: "Pass over options that are not known.")
  var sloppy = false

  @Flag(help: .hidden)
  var tellReadiness = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    var options = try OptionList(parsing: options, isSloppy: sloppy)
    // Whether it can be opened is better known before a daemon is started.
    let store = try store.open()
    if !store.directory.isWritable, !options.mount.flags.contains(.readOnly) {
      options.makeReadOnly()
      try Output.write {
        try $0.line("'\(store.path)' cannot be written, so the mount is read-only")
      }
    }
    let typed = mountPoint
    let mountPoint = try FileIdentity.asCaller { () throws(CommandError) in
      try Path.resolvedParent(typed)
    }
    if !foreground {
      try Daemon.start(store: store, mountPoint: mountPoint, options: options)
    } else if !tellReadiness {
      try serve(store, at: mountPoint, options) { line in
        tellError("\(Timestamp.now): \(line)")
      } onReady: {
        ServiceManager.tell("READY=1\nSTATUS=\(store.path) is mounted at \(mountPoint)")
      }
    } else {
      try serveAsDaemon(store, at: mountPoint, options)
    }
  }

  private func serveAsDaemon(
    _ store: Store, at mountPoint: String, _ options: OptionList
  ) throws {
    var readiness: Readiness? = Readiness()
    do {
      // The daemon keeps no directory busy but its own.
      try Path.changeDirectory(to: "/")
      let log = try DaemonFolder.path(for: store).map { DaemonLog(in: $0) }
      try serve(store, at: mountPoint, options) {
        log?.write($0)
      } onReady: {
        readiness.take()?.tell(nil)
      }
    } catch {
      guard let readiness = readiness.take() else { throw error }
      readiness.tell("\(error)")
      throw ExitCode(Ending.failed)
    }
  }

  /// Serves the store until it is unmounted.
  private func serve(
    _ store: Store, at mountPoint: String, _ options: OptionList,
    report: @escaping @Sendable (String) -> Void, onReady: () -> Void
  ) throws {
    OpenFileLimit.raise()
    let folder = try DaemonFolder.path(for: store)
    let filesystem = Filesystem(store: store, options: options.tree, report: report)
    let mount = try Mount(filesystem, at: mountPoint, options: options.mount) {
      FileIdentity.asCaller($0)
    }
    let path = mount.path
    // Without an entry somebody has unmounted it already, and nobody will wait for this process.
    let entry = try MountTable.read().last { $0.path == path }
    let record = try DaemonFolder.use(for: store) { () throws(CommandError) in
      try MountRecord(of: entry, options: options, in: folder)
    }
    try mount.serve(stoppingAtSignals: true, onReady: onReady)
    try DaemonFolder.use(for: store) { () throws(CommandError) in try record?.remove() }
  }
}
