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
    let mounts = try Mount.all(of: store.path)
    try Output.write { output in
      if format.json {
        try output.json(json(store, statistics, uncommitted, mounts))
      } else {
        try output.table(table(store, statistics, uncommitted, mounts))
      }
    }
  }

  private func table(
    _ store: Store, _ statistics: StoreStatistics, _ uncommitted: [(String, Int)], _ mounts: [Mount]
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
    for mount in mounts {
      table.add("mounted", ([mount.path, mount.stateText] + mount.options).joined(separator: ", "))
    }
    if mounts.isEmpty { table.add("mounted", "nowhere; 'podfs mount DIRECTORY' shows it") }
    table.add("log", DaemonLog.path(of: store.path))
    if let warning = try store.privacyWarning() { table.add("warning", warning) }
    return table
  }

  private func json(
    _ store: Store, _ statistics: StoreStatistics, _ uncommitted: [(String, Int)], _ mounts: [Mount]
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
      "mounts": .array(
        mounts.map {
          .object([
            "path": .string($0.path), "process": .number(orNull: $0.process.map(Int64.init)),
            "options": .array($0.options.map(JSON.string)),
          ])
        }),
      "log": .string(DaemonLog.path(of: store.path)),
      "private": .bool(store.isPrivate()),
    ])
  }

  /// A mount of the store, alive or left behind.
  private struct Mount {
    let path: String
    /// The daemon; nil if it has died.
    let process: Int32?
    /// What was given behind `-o` and makes a difference.
    let options: [String]

    var stateText: String {
      process.map { "process \($0)" }
        ?? "its daemon has died; mount it again, or 'podfs umount' it"
    }

    /// The mounts of a store: those in the kernel's table, with the daemons that serve them.
    static func all(of store: String) throws -> [Mount] {
      let daemons = try MountRecord.daemons(of: store)
      return try MountTable.read().filter { $0.store == store }.map { entry in
        let daemon = daemons.last { $0.mountPoint == entry.path }
        return Mount(path: entry.path, process: daemon?.process, options: daemon?.options ?? [])
      }
    }
  }
}
