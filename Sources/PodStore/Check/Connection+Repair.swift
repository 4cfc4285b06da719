import PodModel

/// Mending rows, within a transaction.
extension Connection {
  /// Makes the indices of the database anew from its tables.
  func rebuildIndices() throws(StoreError) { try run("REINDEX") }

  /// Takes back what rows say of commits and values that are not there.
  ///
  /// Branches and tags of missing commits go, and bindings of versions without a value; a session
  /// whose commit is missing has its last one checked out; a commit without its parent has none.
  func mendRows() throws(StoreError) {
    for sql in Self.mendings { try run(sql) }
  }

  private static let mendings = [
    """
    DELETE FROM branch WHERE NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = branch.session AND number = branch.number)
    """,
    """
    DELETE FROM tag WHERE NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = tag.session AND number = tag.number)
    """,
    """
    UPDATE session SET branch = NULL,
      head = (SELECT max(number) FROM commit_ WHERE session = session.id)
    WHERE head IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM commit_ WHERE session = session.id AND number = session.head)
    """,
    """
    UPDATE commit_ SET parent = NULL WHERE parent >= number OR NOT EXISTS (
      SELECT 1 FROM commit_ AS other
      WHERE other.session = commit_.session AND other.number = commit_.parent)
    """,
    """
    DELETE FROM binding WHERE version IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM version
      JOIN covariable ON covariable.id = version.covariable
      JOIN content ON content.id = covariable.content
      JOIN root ON root.content = content.id AND root.root = version.root
      WHERE version.id = binding.version)
    """,
  ]

  /// Takes pods out of the index, so that whoever puts them again writes them again.
  func forget(_ pods: some Sequence<PodID>) throws(StoreError) {
    var delete = try prepare("DELETE FROM pod WHERE id = ?")
    for pod in pods { try delete.run(pod) }
    try set("collections", to: try collections() + 1)
  }

  /// Adds pods that stand in packs which have rows.
  func restore(_ pods: [PodRow]) throws(StoreError) {
    var insert = try prepare(
      """
      INSERT OR IGNORE INTO pod (id, pack, position, stored, length, codec, base)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
    for pod in pods {
      let at = pod.location
      try insert.run(
        pod.id, at.pack, at.position, Int64(at.storedCount), Int64(at.count), at.codec.rawValue,
        pod.base.map { Int64(bitPattern: $0) })
    }
  }

  /// Notes how long the file of a pack is; forgets a pack without a file, if it has no pods.
  func setLength(_ bytes: Int64?, ofPack row: Int64) throws(StoreError) {
    if let bytes {
      try run("UPDATE pack SET bytes = ? WHERE id = ?", bytes, row)
    } else {
      try run(
        "DELETE FROM pack WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM pod WHERE pack = ?1)", row)
    }
  }
}
