import CSQLite
import Glibc

extension StoreError {
  /// The error that the last call on `connection` ended with.
  init(code: Int32, connection: OpaquePointer?, path: String) {
    let system = unsafe connection.map { unsafe sqlite3_system_errno($0) } ?? 0
    let text = unsafe connection.flatMap { unsafe sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    let message = unsafe text.map { unsafe String(cString: $0) } ?? "unknown"
    self =
      switch code & 0xFF {
      case SQLITE_FULL: .diskFull(path: path)
      case SQLITE_READONLY: .readOnly(path: path)
      case SQLITE_BUSY, SQLITE_LOCKED: .busy(path: path)
      case SQLITE_CORRUPT, SQLITE_NOTADB: .databaseDamaged(path: path)
      case SQLITE_IOERR where system != 0:
        StoreError(call: "access", path: path, errno: system)
      case SQLITE_CANTOPEN where system != 0:
        StoreError(call: "open", path: path, errno: system)
      default: .database(code: code, message: message)
      }
  }
}
