/// The files of a database as SQLite will find them, which opens them by path.
struct DatabaseFiles {
  private let database: StorePath

  /// What a rollback journal ends with that names another journal.
  private static let journalMagic: [UInt8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]

  init(_ database: StorePath) { self.database = database }

  /// Throws if one of them is not a regular file, or if SQLite would touch files outside the store.
  ///
  /// A rollback journal is left only by a process that died while it made the store. One that names
  /// a super-journal is not podfs's: SQLite deletes the file of that name, wherever it is.
  func check() throws(StoreError) {
    for suffix in ["", "-wal", "-shm"] {
      _ = try Directory.contains(database.appending(suffix))
    }
    let journal = database.appending("-journal")
    guard let file = try File.ifThere(journal) else { return }
    let end = try file.read(Self.journalMagic.count, at: max(0, try file.size() - 8))
    if end == Self.journalMagic {
      throw .foreignDatabase(
        path: database.description, reason: "its journal names a file outside of the store")
    }
  }
}
