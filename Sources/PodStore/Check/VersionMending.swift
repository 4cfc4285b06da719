import PodModel

/// Mending the rows that tell of one version, which do not agree with its seal.
struct VersionMending {
  private let version: Int64

  /// Creates a value for the version whose row has this key.
  init(_ version: Int64) { self.version = version }

  /// Tries every row with each one of its bits flipped until the seal agrees.
  func run(on connection: borrowing Connection) throws(StoreError) {
    if try renumber(on: connection) { return }
    for (table, columns, condition) in Self.rows {
      for column in columns {
        guard let old = try value(of: column, in: table, condition, on: connection) else { break }
        for value in old.alternatives {
          try set(column, of: table, condition, to: value, on: connection)
          if try isIntact(on: connection) { return }
        }
        try set(column, of: table, condition, to: old, on: connection)
      }
    }
    if try mendSeal(on: connection) { return }
    try findContent(on: connection)
  }

  /// Gives the row the key of a version that is bound and missing, if the seal covers that key.
  private func renumber(on connection: borrowing Connection) throws(StoreError) -> Bool {
    let key = try connection.integer(
      """
      SELECT missing.id FROM (
        SELECT version AS id FROM binding UNION SELECT version FROM workspace
      ) AS missing JOIN version ON version.id = ? \(Connection.versionJoins)
      WHERE missing.id NOT IN (SELECT id FROM version)
        AND version.seal IS \(Seals.version(key: "missing.id"))
      """, version)
    guard let key else { return false }
    try connection.attempt(
      "UPDATE version SET id = ? WHERE id = ?", values: [.integer(key), .integer(version)])
    return true
  }

  private static let row = "version.id = ?1"
  private static let coVariable = "id = (SELECT covariable FROM version WHERE \(row))"
  private static let content =
    "id = (SELECT content FROM covariable WHERE \(coVariable))"
  private static let root = """
    content = (SELECT content FROM covariable WHERE \(coVariable))
    AND root = (SELECT root FROM version WHERE \(row))
    """

  /// The columns that the seal covers, by the rows that they stand in.
  private static let rows = [
    ("version", ["covariable", "root", "session", "name", "commit_", "time", "mode"], row),
    ("covariable", ["content"], coVariable),
    ("content", ["pod", "form"], content),
    ("root", ["type", "shape", "dtype", "size"], root),
  ]

  private func value(
    of column: String, in table: String, _ condition: String, on connection: borrowing Connection
  ) throws(StoreError) -> SQLValue? {
    var select = try connection.prepare(
      "SELECT \(column) FROM \(table) WHERE \(condition)", version)
    return try select.step() ? select.value(0) : nil
  }

  private func set(
    _ column: String, of table: String, _ condition: String, to value: SQLValue,
    on connection: borrowing Connection
  ) throws(StoreError) {
    try connection.attempt(
      "UPDATE \(table) SET \(column) = ?2 WHERE \(condition)",
      values: [.integer(version), value])
  }

  private func isIntact(on connection: borrowing Connection) throws(StoreError) -> Bool {
    try connection.integer(
      """
      SELECT 1 FROM version \(Connection.versionJoins)
      WHERE version.id = ? AND version.seal IS \(Seals.version)
      """, version) != nil
  }

  private func mendSeal(on connection: borrowing Connection) throws(StoreError) -> Bool {
    var select = try connection.prepare(
      """
      SELECT version.seal, \(Seals.version) FROM version \(Connection.versionJoins)
      WHERE version.id = ?
      """, version)
    guard try select.step(), !select.isNull(0),
      (select.integer(0) ^ select.integer(1)).nonzeroBitCount == 1
    else { return false }
    try connection.seal(VersionID(row: version))
    return true
  }

  /// Makes the row of the co-variable anew, where one of the contents is what the seal covers.
  private func findContent(on connection: borrowing Connection) throws(StoreError) {
    let coVariable = try connection.integer(
      """
      SELECT covariable FROM version
      WHERE id = ? AND covariable NOT IN (SELECT id FROM covariable)
      """, version)
    guard let coVariable else { return }
    var contents = try connection.prepare("SELECT id FROM content")
    while try contents.step() {
      try connection.run(
        "INSERT INTO covariable (id, content) VALUES (?, ?)", coVariable, contents.integer(0))
      if try isIntact(on: connection) { return }
      try connection.run("DELETE FROM covariable WHERE id = ?", coVariable)
    }
  }
}
