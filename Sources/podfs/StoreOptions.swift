import ArgumentParser
import PodStore

/// Which store a command works on.
struct StoreOptions: ParsableArguments {
  @Option(
    name: .customLong("store"),
    help: ArgumentHelp("The store; else $PODFS_STORE, else ~/.podfs.", valueName: "path"))
  private var given: String?

  /// The path of the store, which need not exist.
  func path() throws -> String {
    guard let given else { return try Store.defaultPath() }
    if given.isEmpty {
      throw CommandError.wrongUse("the path of the store is empty; give one after --store")
    }
    return given
  }

  /// Opens the store; it knows its path as an absolute one.
  ///
  /// From then on this process uses files as the store's owner: see ``FileIdentity``.
  func open(removesForeign: Bool = false) throws -> Store {
    let path = try path()
    let resolved = try Path.kind(of: path) == nil ? path : Path.resolved(path)
    try FileIdentity.become(ownerOf: resolved)
    return try Store(openingAt: resolved, removesForeign: removesForeign)
  }
}

/// Whose data a command may remove.
struct RemovalOptions: ParsableArguments {
  @Flag(help: "Remove data even though the store belongs to another user.")
  var foreign = false
}

/// Whether a command writes for a person or for a program.
struct FormatOptions: ParsableArguments {
  @Flag(help: "Write JSON for programs, one value on each line.")
  var json = false
}
