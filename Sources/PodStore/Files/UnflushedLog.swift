import Synchronization

/// The log of a database whose flush failed: programs see what is in it, but the disk may not have it.
///
/// After a failed flush Linux takes what it could not write for written, and flushes it never again.
/// SQLite writes the log's end anew in the next transaction; but a process that opens the database
/// before that finds a whole transaction there, and builds on it. So the log is marked until all of
/// it has been written once more.
struct UnflushedLog {
  /// Those whose marks this process could not write.
  private static let inThisProcess = Mutex<Set<String>>([])

  private static let pieceCount = 1 << 20

  let database: StorePath

  private var log: StorePath { database.appending("-wal") }
  private var mark: StorePath { database.appending("-unflushed") }

  /// Whether the log is marked.
  func isMarked() throws(StoreError) -> Bool {
    if Self.inThisProcess.withLock({ $0.contains(database.description) }) { return true }
    return try Directory.contains(mark)
  }

  /// Marks the log.
  func setMark() {
    do throws(StoreError) {
      _ = try File(mark, .creating)
    } catch {
      // The disk refuses this too, so only this process knows.
      Self.inThisProcess.withLock { _ = $0.insert(database.description) }
    }
  }

  /// Writes the log over itself, flushes it and removes the mark; nobody may write to it meanwhile.
  func rewrite() throws(StoreError) {
    if try Directory.contains(log) {
      let file = try File(log, .updating)
      var position: Int64 = 0
      while true {
        let piece = try file.read(Self.pieceCount, at: position)
        if piece.isEmpty { break }
        try piece.withSpan { bytes throws(StoreError) in try file.write(bytes, at: position) }
        position += Int64(piece.count)
      }
      try file.flush()
    }
    try Directory.flush(database.store)
    try Directory.remove(mark)
    Self.inThisProcess.withLock { _ = $0.remove(database.description) }
  }
}
