import PodModel
import Synchronization

/// What one process holds open of a store: connections, packs, and the last manifests.
///
/// A forked child can use none of it, so it makes its own: ``current`` leads there.
final class Engine: Sendable {
  /// The store directory.
  let directory: StoreDirectory
  /// The packs that are open for reading.
  let packFiles: PackFiles
  /// The packs that are open for writing and have no writer.
  let idlePacks = Pool<OpenPack>(limit: 4)
  /// What this process has open.
  let leases: Leases
  /// What later pods may be kept as differences from.
  let deltaBases = DeltaBases()
  /// The buffers that need no hashing again.
  let knownBlobs = KnownBlobs()
  /// The namespaces that need no scan again.
  let lastCaptures = LastCaptures()
  /// What keeps the log of the database short.
  let logWriteBack: LogWriteBack
  /// What this process does beside its work.
  let compaction = BackgroundCompaction()
  /// The last manifests that were asked for.
  let manifests = Mutex(ManifestCache())
  /// Which commits stand on which lines, of the sessions that were asked for last.
  let commitLines = Mutex<[SessionID: CommitLines]>([:])
  /// The number of sessions whose lines are kept.
  static let knownLines = 64

  private let removesForeign: Bool
  private let process = CurrentProcess.id
  private let generation: Int64
  private let child = AtomicLazyReference<Engine>()
  private let writing = Mutex(LazyConnection(role: .writing))
  private let watching = Mutex(LazyConnection(role: .reading))
  private let reading = [Reader(), Reader(), Reader(), Reader()]
  private let turn = Atomic(0)
  private let seenCollections = Atomic<Int64>(-1)
  private let seenDataVersion = Atomic<Int64>(-1)

  /// A connection for reading, for one thread at a time.
  private final class Reader: Sendable {
    let connection = Mutex(LazyConnection(role: .reading))
  }

  init(_ directory: StoreDirectory, removesForeign: Bool = false, generation: Int64 = 0) {
    self.directory = directory
    self.removesForeign = removesForeign
    self.generation = generation
    packFiles = PackFiles(directory: directory / "packs")
    leases = Leases(directory: directory / "leases")
    logWriteBack = LogWriteBack(database: directory / "podfs.db")
  }

  deinit { logWriteBack.run() }

  /// The engine of this process: the same one, unless this is a forked child.
  var current: Engine {
    if process == CurrentProcess.id { return self }
    return child.storeIfNil(
      Engine(directory, removesForeign: removesForeign, generation: generation + 1)
    ).current
  }

  /// The database.
  var database: StorePath { directory / "podfs.db" }

  /// The directory of leases.
  var leasesDirectory: StorePath { directory / "leases" }

  /// The directory of packs.
  var packs: StorePath { directory / "packs" }

  /// Runs `body` on a connection that sees one moment of the store, never waiting for a writer.
  func read<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try withReader { connection throws(StoreError) in try connection.snapshot(body) }
  }

  /// Runs `body`, which reads with one statement, on a connection.
  func withReader<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    for reader in reading {
      let answer = try reader.connection.withLockIfAvailable {
        slot throws(StoreError) in try slot.use(database, body)
      }
      if let answer { return answer }
    }
    let next = turn.wrappingAdd(1, ordering: .relaxed).newValue
    return try reading[next % reading.count].connection.withLock {
      slot throws(StoreError) in try slot.use(database, body)
    }
  }

  /// Runs `body` so that all of its changes happen, durably, or none.
  func change<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let result = try writing.withLock { slot throws(StoreError) in
      try slot.use(database) { connection throws(StoreError) in try connection.change(body) }
    }
    logWriteBack.noteChange()
    return result
  }

  /// Throws unless data may be removed from the store: it must be the user's own.
  ///
  /// A store decides which of its files are garbage; one that somebody else made is not believed.
  func requireRemovable() throws(StoreError) {
    let owner = try directory.owner()
    if owner != CurrentProcess.user, !removesForeign {
      throw .foreignStore(path: directory.path, owner: owner)
    }
  }

  /// Makes the tables, or brings them to the present version.
  func migrate() throws(StoreError) {
    // SQLite gives the files beside the database the mode that it has.
    try Directory.makePrivateFile(database)
    for suffix in ["-wal", "-shm"] where try Directory.contains(database.appending(suffix)) {
      try Directory.makePrivateFile(database.appending(suffix))
    }
    try writing.withLock { slot throws(StoreError) in
      try slot.use(database) { connection throws(StoreError) in
        try Schema.migrate(connection)
      }
    }
  }

  /// Keeps what a commit binds, once its transaction is over, if what its parent binds is here.
  func remember(
    _ changes: [VariableName: Version?], of commit: Commit, in session: SessionID
  ) {
    let key = ManifestCache.Key(session: session, number: commit.number)
    let parent = commit.parents.first.map { ManifestCache.Key(session: session, number: $0) }
    manifests.withLock { $0.insert(changes, since: parent, for: key) }
  }

  /// Notes how many collections there were, and tells whether they are others than at the last time.
  func sees(collections: Int64) -> Bool {
    seenCollections.exchange(collections, ordering: .relaxed) != collections
  }

  /// Forgets what commits bind, since some are gone.
  func forgetManifests() { manifests.withLock { $0 = ManifestCache() } }

  /// A number that changes whenever a transaction of any process has changed the database.
  func dataVersion() throws(StoreError) -> Int64 {
    try watching.withLock { slot throws(StoreError) in
      let version = try slot.use(database) { connection throws(StoreError) in
        try connection.checkPlace()
        let version = try connection.integer("PRAGMA data_version") ?? 0
        // A process that was killed leaves its log to whoever watches the store.
        if seenDataVersion.exchange(version, ordering: .relaxed) != version, directory.isWritable {
          logWriteBack.noteChange()
        }
        return version
      }
      return generation << 40 | (slot.restarts & 0xff) << 32 | version
    }
  }
}

/// A connection that is opened when it is first used, and anew after it was refused to write: one
/// that was opened while the disk was read-only stays so for ever.
private struct LazyConnection: ~Copyable {
  private let role: Connection.Role
  private var connection: Connection?
  /// How many times the database was found changed that must not change while it is read.
  private(set) var restarts: Int64 = 0

  /// So many times what was read is thrown away, at most, before somebody is told.
  private static let patience = 100

  init(role: Connection.Role) { self.role = role }

  mutating func use<Result>(
    _ database: StorePath, _ body: @Sendable (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    for _ in 0..<Self.patience {
      do throws(StoreError) {
        if let result = try attempt(database, body) { return result }
      } catch {
        if case .readOnly = error { connection = nil }
        throw error
      }
      connection = nil
      restarts += 1
    }
    throw .busy(path: database.store.path)
  }

  /// Runs `body`; returns nil if what it read was changed meanwhile.
  private mutating func attempt<Result>(
    _ database: StorePath, _ body: @Sendable (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result? {
    try ForkGate.pass { () throws(StoreError) in
      if connection == nil { connection = try Connection.open(database, for: role) }
      switch connection {
      case .some(let connection):
        guard try connection.isCurrent else { return nil }
        let outcome: Swift.Result<Result, StoreError>
        do throws(StoreError) { outcome = .success(try body(connection)) } catch {
          outcome = .failure(error)
        }
        guard try connection.isCurrent else { return nil }
        return try outcome.get()
      case .none: preconditionFailure("the connection was opened above")
      }
    }
  }
}
