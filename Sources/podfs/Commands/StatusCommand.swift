import ArgumentParser
import PodFUSE
import PodModel
import PodStore

/// `podfs status`: tells what there is, how large it is and where it is mounted.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell what is in the store, how large it is and where it is mounted.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let store = try store.open()
    let statistics = try store.statistics()
    let sessions = try store.sessions()
    let uncommitted = try sessions.map {
      ($0.name.text, try store.workspaceChanges(of: $0.id).count)
    }
    let mounts = try Mounts(of: store.path)
    try Output.write { output in
      if format.json {
        try output.json(json(store, statistics, uncommitted, mounts))
      } else {
        try output.table(table(store, statistics, uncommitted, mounts))
      }
    }
  }

  private func table(
    _ store: Store, _ statistics: StoreStatistics, _ uncommitted: [(String, Int)], _ mounts: Mounts
  ) throws -> Table {
    var table = Table()
    table.add("store", store.path)
    table.add(
      "holds",
      [
        countText(statistics.sessions, "session"), countText(statistics.commits, "commit"),
        countText(statistics.versions, "version"), countText(statistics.pods, "pod"),
      ].joined(separator: ", "))
    table.add(
      "size",
      "\(byteText(statistics.packBytes)) in \(countText(statistics.packs, "pack")), "
        + "\(byteText(statistics.databaseBytes)) in the database; "
        + "the pods are \(byteText(statistics.podBytes)) uncompressed")
    for (session, count) in uncommitted where count > 0 {
      table.add(
        "uncommitted",
        "\(session): \(countText(count, "variable")); 'podfs commit \(session) -m …' keeps them")
    }
    mounts.addRows(to: &table)
    if let folder = try DaemonFolder.path(for: store) {
      table.add("log", DaemonLog.path(in: folder))
    }
    if !store.directory.isWritable { table.add("access", "read-only") }
    if let warning = try store.privacyWarning() { table.add("warning", warning) }
    return table
  }

  private func json(
    _ store: Store, _ statistics: StoreStatistics, _ uncommitted: [(String, Int)], _ mounts: Mounts
  ) throws -> JSON {
    try .object([
      "store": .string(store.path),
      "sessions": .number(Int64(statistics.sessions)),
      "commits": .number(Int64(statistics.commits)),
      "versions": .number(Int64(statistics.versions)),
      "pods": .number(Int64(statistics.pods)),
      "podBytes": .number(statistics.podBytes),
      "storedBytes": .number(statistics.storedBytes),
      "packs": .number(Int64(statistics.packs)),
      "packBytes": .number(statistics.packBytes),
      "databaseBytes": .number(statistics.databaseBytes),
      "uncommitted": .array(
        uncommitted.filter { $0.1 > 0 }.map {
          .object(["session": .string($0.0), "variables": .number(Int64($0.1))])
        }),
      "mounts": .array(mounts.here.map(\.json)),
      "elsewhere": .array(mounts.elsewhere.map(\.json)),
      "log": .string(orNull: DaemonFolder.path(for: store).map { DaemonLog.path(in: $0) }),
      "writable": .bool(store.directory.isWritable),
      "private": .bool(store.isPrivate()),
    ])
  }

  /// The mounts of the store: those that this process sees, and those of other containers.
  private struct Mounts {
    let here: [Mount]
    let elsewhere: [Mount]

    /// Looks in the kernel's table, and for the daemons of the store.
    init(of store: String) throws {
      let daemons = try MountRecord.daemons(of: store)
      let table = try MountTable.read().filter { $0.store == store }
      here = table.map { entry in
        Mount(path: entry.path, daemon: daemons.last { $0.device == entry.device })
      }
      elsewhere = daemons.filter { daemon in
        !daemon.isHere && !table.contains { $0.device == daemon.device }
      }.map { Mount(path: $0.mountPoint, daemon: $0) }
    }

    /// The mounts for a person.
    func addRows(to table: inout Table) {
      for mount in here { table.add("mounted", mount.text) }
      if here.isEmpty { table.add("mounted", "nowhere; 'podfs mount DIRECTORY' shows it") }
      for mount in elsewhere { table.add("elsewhere", "\(mount.text), in another mount namespace") }
    }
  }

  /// A mount of the store, alive or left behind.
  private struct Mount {
    let path: String
    /// Who serves it; nil if the daemon has died, or could leave no record.
    let daemon: MountRecord.Daemon?

    private var isAlive: Bool { daemon != nil || !MountPoint.isStale(path) }

    var text: String { ([path, stateText] + (daemon?.options ?? [])).joined(separator: ", ") }

    private var stateText: String {
      if !isAlive { return "its daemon has died; mount it again, or 'podfs umount' it" }
      guard let daemon else { return "a process that left no record" }
      return daemon.process.map { "process \($0)" } ?? "a process of another PID namespace"
    }

    var json: JSON {
      .object([
        "path": .string(path), "alive": .bool(isAlive),
        "process": .number(orNull: daemon?.process.map(Int64.init)),
        "options": .array((daemon?.options ?? []).map(JSON.string)),
      ])
    }
  }
}
