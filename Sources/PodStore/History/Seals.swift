/// The seals of rows: fingerprints that tell whether a row still says what was written.
///
/// A bit that flips in the database must not make one commit show another's value. So each row that
/// says what happened has a `seal` over its other columns, which is compared whenever the row is
/// read. That a row is there is told by `manifest` of a commit: the sum of a fingerprint of each name
/// that it binds, with the key of its version. The sum does not depend on which commits were pruned.
///
/// A seal is no protection against someone who changes rows on purpose.
enum Seals {
  /// A table whose rows have seals.
  struct Table {
    let name: String
    /// The columns that the seal covers, in its order.
    let columns: [String]
    /// The columns that tell its rows apart, in the order of ``columns``.
    let key: [String]

    fileprivate init(_ name: String, key: [String], _ others: [String]) {
      self.name = name
      self.key = key
      columns = key + others
    }

    /// The seal that a row should have, as an SQL expression.
    var expression: String {
      "podfs_seal(\(columns.map { "\(name).\($0)" }.joined(separator: ", ")))"
    }

    /// Whether a row has the seal that it should have, as an SQL expression.
    var isIntact: String { "\(name).seal IS \(expression)" }

    /// The statement that seals the rows for which `condition` is true.
    func sealing(where condition: String = "true") -> String {
      "UPDATE \(name) SET seal = \(expression) WHERE \(condition)"
    }
  }

  static let session = Table("session", key: ["id"], ["name", "created", "head", "branch", "mode"])
  static let commit = Table(
    "commit_", key: ["session", "number"],
    [
      "parent", "line", "digest", "time", "message", "environment", "edited", "manifest",
      "is_thinned",
    ])
  static let mergeParent = Table(
    "merge_parent", key: ["session", "number", "position"], ["parent"])
  static let cell = Table(
    "cell", key: ["session", "number"],
    ["source", "execution_count", "duration", "output", "error", "reads"])
  static let unsaved = Table(
    "unsaved", key: ["session", "number", "position"], ["name", "type", "reason"])
  static let environment = Table("environment", key: ["id"], ["text"])
  static let branch = Table("branch", key: ["session", "name"], ["number"])
  static let tag = Table("tag", key: ["session", "name"], ["number"])
  static let undone = Table("undone", key: ["session", "position"], ["number"])
  static let workspace = Table("workspace", key: ["session", "name"], ["version"])
  static let line = Table(
    "line", key: ["id"], ["session", "parent", "parent_number", "depth", "tip"])
  static let binding = Table("binding", key: ["line", "name", "number"], ["version"])
  static let file = Table(
    "file", key: ["session", "name"],
    [
      "version", "accessed", "accessed_nanoseconds", "modified", "modified_nanoseconds",
      "changed", "changed_nanoseconds",
    ])
  static let fileAttribute = Table(
    "file_attribute", key: ["session", "name", "attribute"], ["value"])
  static let text = Table("text", key: ["version", "text_limit"], ["renderer", "size"])
  static let setting = Table("setting", key: ["name"], ["value"])

  /// All tables whose seals cover their own columns.
  static let tables = [
    session, commit, mergeParent, cell, unsaved, environment, branch, tag, undone, workspace,
    line, binding, file, fileAttribute, text, setting,
  ]

  /// The seal of a version, which covers all that rows tell of its value: an SQL expression where
  /// ``Connection/versionJoins`` are joined.
  static let version = version(key: "version.id")

  /// The same, of a version with another key.
  static func version(key: String) -> String {
    """
    podfs_seal(
      \(key), version.session, version.name, version.commit_, version.time, version.mode,
      version.covariable, version.root, content.pod, content.form, root.type, root.shape, root.dtype, root.size)
    """
  }

  /// The part of a binding in the `manifest` of a commit: an SQL expression.
  static let part = "podfs_seal(binding.name, binding.version)"
}
