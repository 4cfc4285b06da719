import CSQLite
import Glibc

extension StoreError {
  /// The error that the last call on `connection` ended with.
  init(code: Int32, connection: OpaquePointer?, database: StorePath) {
    let path = database.description
    let system = unsafe connection.map { unsafe sqlite3_system_errno($0) } ?? 0
    let text = unsafe connection.flatMap { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    let message = unsafe text.map { unsafe String(cString: $0) } ?? "unknown"
    let errors = unsafe [system] + fileErrors(of: connection)
    self =
      switch code & 0xFF {
      case SQLITE_FULL: .diskFull(path: path)
      case SQLITE_READONLY: .readOnly(path: path)
      case SQLITE_BUSY, SQLITE_LOCKED: .busy(path: path)
      // SQLite takes what cannot be read for damage.
      case SQLITE_CORRUPT where errors.contains(EIO):
        StoreError(call: "access", path: path, errno: EIO)
      case SQLITE_CORRUPT, SQLITE_NOTADB: .databaseDamaged(path: path)
      case SQLITE_IOERR:
        StoreError(call: "access", path: path, errno: Self.cause(errors, database) ?? EIO)
      case SQLITE_CANTOPEN:
        StoreError(
          call: "open", path: path,
          errno: Self.cause(errors, database) ?? (system == 0 ? EIO : system))
      default: .database(code: code, message: message)
      }
  }

  /// Returns why the database, or a file beside it, cannot be opened, read or written: the first of
  /// `errors` that says so, or else what making a file there ends with.
  ///
  /// The latter since SQLite forgets why it could not make a file: it tries to open it for reading,
  /// and then there is none.
  private static func cause(_ errors: [Int32], _ database: StorePath) -> Int32? {
    let causes = [ENOSPC, EDQUOT, EROFS, EACCES, EPERM, EIO]
    if let known = errors.first(where: causes.contains) { return known }
    return Directory.obstacle(in: database.store)
  }
}

/// The error numbers of the last failed calls on the log and on the database file.
///
/// What errno is in the end, clearing up after the call that failed may have set.
private func fileErrors(of connection: OpaquePointer?) -> [Int32] {
  var (ofLog, ofDatabase): (Int32, Int32) = (0, 0)
  var log: UnsafeMutablePointer<sqlite3_file>?
  unsafe sqlite3_file_control(connection, nil, SQLITE_FCNTL_JOURNAL_POINTER, &log)
  if let log = unsafe log, let control = unsafe log.pointee.pMethods?.pointee.xFileControl {
    unsafe _ = control(log, SQLITE_FCNTL_LAST_ERRNO, &ofLog)
  }
  unsafe sqlite3_file_control(connection, nil, SQLITE_FCNTL_LAST_ERRNO, &ofDatabase)
  return [ofLog, ofDatabase]
}
