/// One store directory: the sessions, their commits and versions, and the pods that hold them.
///
/// All methods may be called from any thread, and any number of processes may use one directory.
/// What another process commits is seen by the next call. A forked child may go on with the store
/// of its parent, unless the fork happened during one of its calls.
///
/// ## Invariants
///
/// 1. What a method that writes has done is on the disk when it returns, and whole: a crash at any
///    moment leaves it done or not done.
/// 2. A row that can be read leads to pods that can be read: their bytes are on the disk before
///    the transaction that names them.
/// 3. Commits, their manifests and their versions never change. They go only by `prune` and
///    `removeSession`, and then the number of a commit is not used again.
public final class Store: Sendable {
  /// The path of the store directory.
  public var path: String { directory.path }
  /// The store directory, for those who keep files of their own in it.
  public let directory: StoreDirectory
  private let opened: Engine

  /// Makes a store, or opens the one that is there.
  ///
  /// The path may not exist yet, or be an empty directory. Only its owner may enter it from then on.
  public init(creatingAt path: String) throws(StoreError) {
    directory = StoreDirectory(path)
    opened = Engine(directory)
    if try Directory.kind(of: path) == .file { throw .isAFile(path: path) }
    if try StoreFormat.read(in: directory) == nil {
      try Directory.makeWithParents(path)
      try StoreFormat.whileLocked(directory) { () throws(StoreError) in
        guard try StoreFormat.read(in: directory) == nil else { return }
        try StoreFormat.makeDirectories(in: directory)
        try Directory.makePrivate(directory)
        try opened.migrate()
        try StoreFormat.write(in: directory)
      }
    }
    try open()
  }

  /// Opens the store at `path`.
  ///
  /// - Parameter removesForeign: whether data may be removed from a store that belongs to another
  ///   user than this process runs as; otherwise what removes data throws
  ///   ``StoreError/foreignStore(path:owner:)`` there.
  public init(openingAt path: String, removesForeign: Bool = false) throws(StoreError) {
    directory = StoreDirectory(path)
    opened = Engine(directory, removesForeign: removesForeign)
    if try Directory.kind(of: path) == .file { throw .isAFile(path: path) }
    try open()
  }

  private func open() throws(StoreError) {
    guard let format = try StoreFormat.read(in: directory) else { throw .notAStore(path: path) }
    guard format == StoreFormat.current else { throw .unknownFormat(path: path, found: format) }
    let version = try opened.withReader { connection throws(StoreError) in
      let version = try connection.integer("PRAGMA user_version") ?? 0
      if version == Schema.version { try Schema.check(connection) }
      return version
    }
    if version > Schema.version || version < 0 {
      throw .unknownFormat(path: path, found: "\(format), tables \(version)")
    }
    if version < Schema.version {
      try StoreFormat.whileLocked(directory) { () throws(StoreError) in try opened.migrate() }
    }
  }

  /// Returns `$PODFS_STORE`, else `$HOME/.podfs`; without an argument, of this process.
  public static func defaultPath(
    environment: [String: String]? = nil
  ) throws(StoreError) -> String {
    func value(_ name: String) -> String? {
      guard let environment else { return CurrentProcess.environment(name) }
      return environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    if let path = value("PODFS_STORE") { return path }
    if let home = value("HOME") { return home + "/.podfs" }
    throw .noDefaultPath
  }

  /// The path of the database; beside it, with `-wal` behind its name, is the log of its transactions.
  public var databasePath: String { path + "/podfs.db" }

  /// The directory for bytes of workspace files that are not sealed yet.
  public var stagingPath: String { path + "/staging" }

  /// Whether nobody but its owner, and root, may enter the store.
  public func isPrivate() throws(StoreError) -> Bool {
    try Directory.permissions(of: directory) & 0o077 == 0
  }

  /// What this process holds open.
  var engine: Engine { opened.current }

  /// The buffers that need no hashing again.
  var knownBlobs: KnownBlobs { engine.knownBlobs }

  /// The namespaces that need no scan again.
  var lastCaptures: LastCaptures { engine.lastCaptures }

  /// Returns how many times commits or sessions were removed: what was read before the last time
  /// may be gone.
  public func removals() throws(StoreError) -> Int64 {
    try engine.withReader { connection throws(StoreError) in try connection.removals() }
  }

  /// Returns a number that changes whenever any process has committed a transaction, in no time.
  public func dataVersion() throws(StoreError) -> Int64 { try engine.dataVersion() }
}
