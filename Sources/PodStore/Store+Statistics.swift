extension Store {
  /// Counts what is in the store.
  public func statistics() throws(StoreError) -> StoreStatistics {
    let engine = engine
    let databaseBytes =
      (try Directory.size(of: engine.database) ?? 0)
      + (try Directory.size(of: engine.database.appending("-wal")) ?? 0)
    return try engine.read { connection throws(StoreError) in
      var pods = try connection.prepare("SELECT count(*), sum(length), sum(stored) FROM pod")
      _ = try pods.step()
      let packs = try connection.packs()
      return StoreStatistics(
        sessions: try connection.count(of: "session"), commits: try connection.count(of: "commit_"),
        versions: try connection.count(of: "version"), pods: Int(pods.integer(0)),
        podBytes: pods.integer(1), storedBytes: pods.integer(2), packs: packs.count,
        packBytes: packs.reduce(0) { $0 + $1.bytes }, databaseBytes: databaseBytes)
    }
  }
}

extension Connection {
  fileprivate func count(of table: String) throws(StoreError) -> Int {
    Int(try integer("SELECT count(*) FROM \(table)") ?? 0)
  }
}
