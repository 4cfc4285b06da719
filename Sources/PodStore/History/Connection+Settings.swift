/// What a person may tell a store; see ``Store/set(_:to:)``.
public enum StoreSetting: String, CaseIterable, Sendable {
  /// Whether small packs are put together in the background: 1, as nobody says otherwise, or 0.
  case compaction
  /// The most bytes that a variable may have, as a file.
  case largestVariable = "largest-variable"
  /// The most bytes that the store may have, packs and database together.
  case largestStore = "largest-store"
}

/// What a store is told once and keeps: numbers by name.
extension Connection {
  /// Returns the number that a name was set to, or nil.
  func setting(_ name: String) throws(StoreError) -> Int64? {
    var select = try prepare(
      "SELECT value, \(Seals.setting.isIntact) FROM setting WHERE name = ?", name)
    guard try select.step() else { return nil }
    try select.requireIntact(1, "setting '\(name)'")
    return select.integer(0)
  }

  /// How many transactions have removed commits, a session or what a commit said.
  func removals() throws(StoreError) -> Int64 { try setting("removals") ?? 0 }

  /// Counts the transaction as one that does.
  func countRemoval() throws(StoreError) { try set("removals", to: removals() + 1) }

  /// Sets the number of a name; nil forgets it.
  func set(_ name: String, to value: Int64?) throws(StoreError) {
    guard let value else { return try run("DELETE FROM setting WHERE name = ?", name) }
    try run(
      """
      INSERT INTO setting VALUES (?1, ?2, podfs_seal(?1, ?2))
      ON CONFLICT (name) DO UPDATE SET value = excluded.value, seal = excluded.seal
      """, name, value)
  }
}
