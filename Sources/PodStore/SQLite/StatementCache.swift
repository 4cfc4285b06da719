import CSQLite

/// The idle statements of one connection, by their SQL.
@safe final class StatementCache {
  /// The database, for errors.
  let database: StorePath
  /// The path of the database, for errors.
  var path: String { database.description }
  private var idle: [String: OpaquePointer] = unsafe [:]

  init(database: StorePath) { self.database = database }

  /// Returns the idle statement for `sql`, which is the caller's from now on.
  func take(_ sql: String) -> OpaquePointer? { unsafe idle.removeValue(forKey: sql) }

  /// Keeps a statement that was reset, or finalizes it if there is one like it.
  func giveBack(_ handle: OpaquePointer, sql: String) {
    if let other = unsafe idle.updateValue(handle, forKey: sql) { unsafe sqlite3_finalize(other) }
  }

  /// The error that the last call on `connection` ended with.
  func failure(_ code: Int32, of connection: OpaquePointer?) -> StoreError {
    // SQLITE_IOERR_FSYNC, which Swift does not import.
    if code == SQLITE_IOERR | 4 << 8 { UnflushedLog(database: database).setMark() }
    return unsafe StoreError(code: code, connection: connection, database: database)
  }

  /// Finalizes all idle statements.
  func removeAll() {
    unsafe idle.values.forEach { unsafe sqlite3_finalize($0) }
    unsafe idle.removeAll()
  }
}
