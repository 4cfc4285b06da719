/// What a store is told once and keeps: numbers by name.
extension Connection {
  /// Returns the number that a name was set to, or nil.
  func setting(_ name: String) throws(StoreError) -> Int64? {
    try integer("SELECT value FROM setting WHERE name = ?", name)
  }

  /// Sets the number of a name; nil forgets it.
  func set(_ name: String, to value: Int64?) throws(StoreError) {
    guard let value else { return try run("DELETE FROM setting WHERE name = ?", name) }
    try run(
      """
      INSERT INTO setting VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """, name, value)
  }
}
