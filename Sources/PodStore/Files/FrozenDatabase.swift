import Glibc

/// A database that this process can read only as long as nobody writes to it.
///
/// SQLite has the processes that use a database with a log share memory, in a file beside it. On a
/// read-only disk, or in another user's store, this process can neither make that file nor
/// open a log that is not there. Then it reads without sharing anything, and looks afterwards
/// whether the files are still the same; if not, what it read is worth nothing.
struct FrozenDatabase {
  private struct Stamp: Equatable {
    let numbers: [Int64]

    init(_ status: stat) {
      numbers = [
        Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)),
        Int64(status.st_size), Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec),
        Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec),
      ]
    }
  }

  private let database: StorePath
  private let stamps: [Stamp?]
  private let wasShared: Bool

  /// Whether there are transactions in a log; without one, the database alone is all there is.
  let hasLog: Bool

  /// Looks at the files of `database`; nil if SQLite can share memory with others.
  init?(_ database: StorePath) throws(StoreError) {
    if database.store.allowsNewFiles { return nil }
    let log = try database.store.status(of: database.name + "-wal")
    let isShared = try Directory.contains(database.appending("-shm"))
    if log != nil && isShared { return nil }
    self.database = database
    wasShared = isShared
    stamps = try Self.stamps(of: database)
    hasLog = (log?.st_size ?? 0) > 0
  }

  /// Whether nobody has written to the database since.
  var isUnchanged: Bool {
    get throws(StoreError) {
      // Whoever opens the database for writing makes this file first.
      let isShared = try Directory.contains(database.appending("-shm"))
      let now = try Self.stamps(of: database)
      return now == stamps && (!isShared || wasShared)
    }
  }

  private static func stamps(of database: StorePath) throws(StoreError) -> [Stamp?] {
    let file = try database.store.status(of: database.name)
    let log = try database.store.status(of: database.name + "-wal")
    return [file.map { Stamp($0) }, log.map { Stamp($0) }]
  }
}

extension StoreDirectory {
  /// Whether this process may make files in the store's directory.
  var allowsNewFiles: Bool { allows(W_OK | X_OK, ".") }

  /// Whether this process may change the store: it is neither on a read-only disk, nor somebody
  /// else's.
  public var isWritable: Bool {
    allowsNewFiles && (allows(W_OK, "podfs.db") || !allows(F_OK, "podfs.db"))
  }

  private func allows(_ access: Int32, _ name: String) -> Bool {
    do throws(StoreError) {
      return unsafe faccessat(try root(), name, access, AT_EACCESS) == 0
    } catch { return false }
  }
}
