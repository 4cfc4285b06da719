import PodModel

/// The rows that collection reads and removes.
extension Connection {
  /// Removes versions that nothing binds, with their co-variables and contents.
  func removeUnboundVersions() throws(StoreError) {
    try run("DELETE FROM binding WHERE line NOT IN (SELECT id FROM line)")
    try run(
      """
      DELETE FROM version WHERE id NOT IN (
        SELECT version FROM binding WHERE version IS NOT NULL
        UNION SELECT version FROM workspace WHERE version IS NOT NULL)
      """)
    try run("DELETE FROM covariable WHERE id NOT IN (SELECT covariable FROM version)")
    try run("DELETE FROM content WHERE id NOT IN (SELECT content FROM covariable)")
    try run("DELETE FROM root WHERE content NOT IN (SELECT id FROM content)")
  }

  /// Returns the root pods of contents whose rows came after the one with the key `row`, and the
  /// key of the last.
  ///
  /// Only collection removes contents, so a new one has a greater key than all that are there.
  func contents(after row: Int64) throws(StoreError) -> (roots: [PodID], last: Int64) {
    var select = try prepare("SELECT id, pod FROM content WHERE id > ? ORDER BY id", row)
    var (roots, last) = ([PodID](), row)
    while try select.step() {
      last = select.integer(0)
      roots.append(try select.podID(1))
    }
    return (roots, last)
  }

  /// Removes the pods whose names begin like one of these from the index; returns how many.
  func removePods(beginning prefixes: [UInt64]) throws(StoreError) -> Int {
    var delete = try prepare("DELETE FROM pod WHERE id BETWEEN ? AND ?")
    var count = 0
    for prefix in prefixes {
      try delete.run(
        PodID(words: SIMD4(prefix, 0, 0, 0)), PodID(words: SIMD4(prefix, .max, .max, .max)))
      count += changedRows
    }
    try set("collections", to: try collections() + 1)
    return count
  }

  /// Gives the room that rows had back to the disk, if it is a quarter of the database.
  func shrink() throws(StoreError) {
    let pages = try integer("PRAGMA page_count") ?? 0
    let free = try integer("PRAGMA freelist_count") ?? 0
    do throws(StoreError) {
      if free > pages / 4 { try execute("VACUUM") }
      try emptyLog()
    } catch {
      // Others are busy with the database: the next collection tries again.
      guard case .busy = error else { throw error }
    }
  }
}
