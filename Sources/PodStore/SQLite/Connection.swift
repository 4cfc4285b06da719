import CSQLite
import Glibc

/// A connection to a store's database, closed when it goes out of scope.
///
/// A connection belongs to the process that opened it: a forked child drops what it inherited
/// without closing it, since the locks are not its own.
@safe struct Connection: ~Copyable {
  /// What a connection is for.
  enum Role {
    /// Reading and writing; every commit is on the disk when it returns.
    case writing
    /// Reading only.
    case reading
    /// Writing the log back, if nobody else is using the database.
    case writingBack
  }

  private let handle: OpaquePointer
  private let statements: StatementCache
  private let process: Int32
  /// What must stay the same for anything that was read to be true; nil where SQLite sees to that.
  private let frozen: FrozenDatabase?

  /// Opens a database, making the file for a writer if it is not there.
  static func open(_ database: StorePath, for role: Role) throws(StoreError) -> Connection {
    try ForkGate.pass { () throws(StoreError) in
      try DatabaseFiles(database).check()
      if role == .reading, let frozen = try FrozenDatabase(database) {
        return try open(frozen, database)
      }
      let connection = unsafe Connection(handle: try handle(database, role), database)
      try connection.configure(role)
      return connection
    }
  }

  /// Opens a database that cannot be shared with others.
  private static func open(
    _ frozen: FrozenDatabase, _ database: StorePath
  ) throws(StoreError) -> Connection {
    let path = "\(try database.store.resolvedPath)/\(database.name)"
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW
    let handle: OpaquePointer
    if frozen.hasLog {
      // With this set of system calls nothing is locked, which a read-only file would not allow.
      unsafe handle = try Self.handle(path, flags, database, calls: "unix-none")
    } else {
      unsafe handle = try Self.handle(
        "file:\(percentEncoded(path))?immutable=1", flags | SQLITE_OPEN_URI, database)
    }
    let connection = unsafe Connection(handle: handle, database, frozen)
    // The index of the log is in this process's memory then.
    if frozen.hasLog { try connection.execute("PRAGMA locking_mode = EXCLUSIVE") }
    try connection.configure(.reading)
    return connection
  }

  private static func percentEncoded(_ path: String) -> String {
    path.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"):
        String(Unicode.Scalar(byte))
      default: "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
      }
    }.joined()
  }

  /// Whether what is read through this connection is true; false once somebody has written to a
  /// database that cannot be shared.
  var isCurrent: Bool {
    get throws(StoreError) { try frozen?.isUnchanged ?? true }
  }

  private init(
    handle: OpaquePointer, _ database: StorePath, _ frozen: FrozenDatabase? = nil
  ) {
    unsafe self.handle = handle
    self.frozen = frozen
    statements = StatementCache(database: database)
    process = CurrentProcess.id
  }

  deinit {
    guard process == CurrentProcess.id else { return }
    let (statements, handle) = unsafe (statements, handle)
    ForkGate.pass {
      statements.removeAll()
      unsafe sqlite3_close_v2(handle)
    }
  }

  private static func handle(
    _ database: StorePath, _ role: Role
  ) throws(StoreError) -> OpaquePointer {
    // SQLite opens by path only, and then accepts no symbolic link anywhere in it.
    let path = "\(try database.store.resolvedPath)/\(database.name)"
    let create = role == .writing ? SQLITE_OPEN_CREATE : 0
    return unsafe try handle(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | create, database)
  }

  private static func handle(
    _ path: String, _ flags: Int32, _ database: StorePath, calls: String? = nil
  ) throws(StoreError) -> OpaquePointer {
    var opened: OpaquePointer?
    let common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = unsafe sqlite3_open_v2(path, &opened, flags | common, calls)
    guard code == SQLITE_OK, let opened = unsafe opened else {
      let error = unsafe StoreError(code: code, connection: opened, database: database)
      unsafe sqlite3_close_v2(opened)
      throw error
    }
    return unsafe opened
  }

  /// Sets what holds for every connection, and what its role asks for.
  ///
  /// Closing neither deletes the log nor writes it back: a forked child of this process may hold the
  /// database open with locks that only this process has. What somebody else may have put
  /// into the database runs no code: no trigger, no view, and no function in the schema.
  private func configure(_ role: Role) throws(StoreError) {
    if role != .writingBack { unsafe sqlite3_busy_handler(handle, waitForLock, nil) }
    for code in unsafe [podfs_configure(handle), SealFunction.register(on: handle)] {
      guard code == SQLITE_OK else { throw failure(code) }
    }
    switch role {
    case .writing:
      try execute("PRAGMA synchronous = FULL")
      try execute("PRAGMA foreign_keys = ON")
      try execute("PRAGMA journal_size_limit = 67108864")
    case .writingBack:
      try execute("PRAGMA synchronous = FULL")
    case .reading:
      try execute("PRAGMA query_only = ON")
    }
  }

  /// Runs statements that take no values and give no rows of interest.
  func execute(_ sql: String) throws(StoreError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Returns the compiled `sql` with its parameters bound.
  func prepare<each Value: Bindable>(
    _ sql: String, _ values: repeat each Value
  ) throws(StoreError) -> Statement {
    var statement = try compiled(sql)
    try statement.bind(repeat each values)
    return statement
  }

  /// Runs one statement for its effect.
  func run<each Value: Bindable>(
    _ sql: String, _ values: repeat each Value
  ) throws(StoreError) {
    var statement = try prepare(sql, repeat each values)
    while try statement.step() {}
  }

  /// Runs one statement for its effect.
  func run(_ sql: String, values: [SQLValue]) throws(StoreError) {
    var statement = try prepare(sql)
    try statement.restart(values: values)
    while try statement.step() {}
  }

  /// Runs one statement and returns the integer in its first column, or nil without a row.
  func integer<each Value: Bindable>(
    _ sql: String, _ values: repeat each Value
  ) throws(StoreError) -> Int64? {
    var statement = try prepare(sql, repeat each values)
    guard try statement.step(), !statement.isNull(0) else { return nil }
    let value = statement.integer(0)
    while try statement.step() {}
    return value
  }

  /// The error for rows that podfs cannot have written.
  var damaged: StoreError { .databaseDamaged(path: statements.path) }

  /// The error for a database that somebody else has changed.
  func foreign(_ reason: String) -> StoreError {
    .foreignDatabase(path: statements.path, reason: reason)
  }

  /// An empty database in memory, to compare tables with.
  func model() throws(StoreError) -> Connection {
    let model = unsafe Connection(
      handle: try Self.handle(":memory:", SQLITE_OPEN_READWRITE, statements.database),
      statements.database)
    try model.configure(.writing)
    return model
  }

  /// The key of the row that was inserted last.
  var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// The number of rows that the last statement changed.
  var changedRows: Int { unsafe Int(sqlite3_changes(handle)) }

  /// Runs `body` so that all it reads is from one moment.
  func snapshot<Result>(
    _ body: (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try transaction("BEGIN", body)
  }

  /// Runs `body` so that all of its changes happen, durably, or none.
  func change<Result>(
    _ body: (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let log = UnflushedLog(database: statements.database)
    return try transaction("BEGIN IMMEDIATE") { connection throws(StoreError) in
      // What is written into a file without a name is lost.
      try connection.checkPlace()
      if try log.isMarked() { try log.rewrite() }
      return try body(connection)
    }
  }

  /// Writes the log back into the database and empties it; does nothing while others use either.
  func emptyLog() throws(StoreError) {
    try ForkGate.pass { () throws(StoreError) in
      try checkPlace()
      // A connection that has read nothing does not know yet that there is a log.
      _ = try integer("PRAGMA schema_version")
      try execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  /// Throws if the database is no longer where it was opened.
  func checkPlace() throws(StoreError) {
    var hasMoved: Int32 = 0
    unsafe sqlite3_file_control(handle, nil, SQLITE_FCNTL_HAS_MOVED, &hasMoved)
    if hasMoved != 0 { throw .storeRemoved(path: statements.database.store.path) }
  }

  private func transaction<Result>(
    _ begin: String, _ body: (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try ForkGate.pass { () throws(StoreError) in try ungatedTransaction(begin, body) }
  }

  private func ungatedTransaction<Result>(
    _ begin: String, _ body: (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try run(begin)
    do throws(StoreError) {
      let result = try body(self)
      try run("COMMIT")
      return result
    } catch {
      // Some errors have rolled back already; what failed first is what the caller must know.
      if unsafe sqlite3_get_autocommit(handle) == 0 {
        unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      }
      throw error
    }
  }

  private func compiled(_ sql: String) throws(StoreError) -> Statement {
    if let idle = unsafe statements.take(sql) {
      return unsafe Statement(handle: idle, sql: sql, home: statements)
    }
    var compiled: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
    guard code == SQLITE_OK, let compiled = unsafe compiled else { throw failure(code) }
    return unsafe Statement(handle: compiled, sql: sql, home: statements)
  }

  private func failure(_ code: Int32) -> StoreError {
    unsafe statements.failure(code, of: handle)
  }
}

extension Connection {
  /// Lets others have the write lock, who look for it once in a millisecond.
  ///
  /// Who has one transaction after the other would be first every time.
  static func letOthersWrite() { usleep(1500) }
}

/// Waits a moment for another process's transaction, and gives up after some ten seconds.
///
/// A transaction takes less than a millisecond; SQLite's own handler would soon sleep for a
/// hundred, while newcomers take the lock.
private func waitForLock(_: UnsafeMutableRawPointer?, tries: Int32) -> Int32 {
  if tries >= 10_000 { return 0 }
  usleep(tries < 10 ? 100 : 1000)
  return 1
}
