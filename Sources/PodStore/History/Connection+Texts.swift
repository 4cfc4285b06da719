import PodModel

/// What is kept of the texts of versions.
extension Connection {
  /// Returns the name that a version was made under, or nil if nothing ever bound it.
  func originalName(of version: VersionID) throws(StoreError) -> VariableName? {
    var select = try prepare("SELECT name FROM version WHERE id = ?", version.row)
    return try select.step() && !select.isNull(0) ? try select.variableName(0) : nil
  }

  /// Returns the size of each version's text, or nil where it is not known.
  func textSizes(
    of versions: [VersionID], as form: TextForm
  ) throws(StoreError) -> [Int64?] {
    try versions.map { version throws(StoreError) in
      try integer(
        """
        SELECT size FROM text
        WHERE version = ? AND text_limit = ? AND renderer = ? AND \(Seals.text.isIntact)
        """,
        version.row, form.limit, form.renderer)
    }
  }

  /// Keeps the sizes of texts; versions that are gone are passed over.
  func keepTextSizes(_ sizes: [VersionID: Int64], as form: TextForm) throws(StoreError) {
    var insert = try prepare(
      """
      INSERT INTO text (version, text_limit, renderer, size, seal)
      SELECT id, ?2, ?3, ?4, podfs_seal(id, ?2, ?3, ?4) FROM version WHERE id = ?1
      ON CONFLICT (version, text_limit) DO UPDATE
      SET renderer = excluded.renderer, size = excluded.size, seal = excluded.seal
      WHERE seal IS NOT excluded.seal
      """)
    for (version, size) in sizes {
      try insert.run(version.row, form.limit, form.renderer, size)
    }
  }

  /// Returns which of the last `count` versions behind a row have no size of their text, the newest
  /// first, and the last row.
  func versionsWithoutTextSize(
    as form: TextForm, after row: Int64, count: Int64
  ) throws(StoreError) -> (versions: [VersionID], last: Int64) {
    let last = try integer("SELECT max(id) FROM version") ?? 0
    var select = try prepare(
      """
      SELECT id FROM (SELECT id FROM version WHERE id > ?1 ORDER BY id DESC LIMIT ?2)
      WHERE NOT EXISTS (
        SELECT 1 FROM text WHERE version = id AND text_limit = ?3 AND renderer = ?4)
      ORDER BY id DESC
      """, row, count, form.limit, form.renderer)
    var versions: [VersionID] = []
    while try select.step() { versions.append(VersionID(row: select.integer(0))) }
    return (versions, max(row, last))
  }
}
