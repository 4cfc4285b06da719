/// The tables of a store's database.
///
/// Rows are written once, apart from: `session`, `branch`, `tag`, `undone`, `workspace`, `file`,
/// `file_attribute`, `text`; the tip of a `line`; the bytes in use of a `pack`; `commit_` and `time` of a
/// `version`, which are set when a commit takes the version out of a workspace; its `mode`; and `edited`
/// of a `commit_`, which is shown in place of its message, while its digest goes on telling of that.
/// Whoever removes commits brings lines, bindings, parents and `commit_` to what is left; see
/// ``CommitRemoval``.
///
/// ## Manifests
///
/// The commits of a session form lines. A commit on the tip of a line continues the line, a commit
/// on any other opens a new one. A `binding` says that, from the commit `number` on, `name` means
/// `version` in `line` (NULL: nothing), so a commit costs as many bindings as it has changes. What
/// a commit binds is, for every name, the last binding of its line up to its number; for names
/// without one, the same question of the line's parent, up to `parent_number`. `depth` counts the
/// parents, and is bounded: a line that would be deeper begins with a copy of all bindings. So does one
/// whose forerunner has many more bindings than names, so that few pages say what a commit binds.
///
/// ## Pods
///
/// A pod that is kept as a delta needs its `base`, the pods whose names begin with these 64 bits,
/// as long as it is there itself: collection must keep them.
///
/// A pod that is a `leaf` needs no other pod; one whose `leaf` is NULL, which the first tables did
/// not have, must be read to know. A pack is `cold` once compaction has looked at what it holds.
///
/// `collections` among the settings counts the transactions that removed pods. A writer whose count
/// is another one at its end than at its beginning has to look again for what it found.
///
/// `removals` counts those that removed commits, a session, or what a commit said before its message
/// was edited, so that nobody goes on showing it. `permissions` counts the transactions that changed
/// the `mode` of a version that a commit has.
///
/// ## Workspaces as files
///
/// The `mode` of a `version` holds the permissions of its file, wherever that is shown; NULL stands for
/// 0644. A new version of a name begins with the mode of the one before. The `mode` of a `session` is
/// that of its workspace; NULL stands for 0755.
///
/// A `file` holds the times of a workspace file in seconds and nanoseconds, and a `file_attribute` is
/// one of its extended attributes. Attributes belong to the name; the times, to the name as long as it
/// is bound to `version`. The name `.`, which no variable can have, is the workspace itself.
///
/// ## Cells
///
/// `reads` of a `cell` is what ``CellReads`` says, NULL if it is not known what the code refers to.
///
/// ## Texts
///
/// A `version` keeps the `name` that it was made under, which its text begins paths with, so that the
/// text is the same wherever the version is bound later. The name is NULL of what nothing bound when
/// the column was made.
///
/// A `text` has the size of what ``TextForm`` tells: it can be computed again, and is never believed
/// of another renderer. Rows go with their version.
///
/// ## Seals
///
/// `seal` and `manifest` are what ``Seals`` tells of. `is_thinned` is 1 of a commit whose bindings or
/// parents a prune has changed, so that its digest can no longer be computed from rows.
///
/// ## Undoing
///
/// `undone` has the commits that were left by undoing, the last one at the highest `position`. Any
/// other move of HEAD forgets them.
///
/// There is no foreign key where a parent row could only be removed by a scan of its children:
/// collection removes such rows in bulk, and `check` looks for what they would have found.
enum Schema {
  /// A line with this many parents is not the parent of another.
  static let depthLimit: Int64 = 16
  /// A line with fewer bindings is continued, however few names it has.
  static let lengthLimit: Int64 = 2048
  /// How long a line is, is looked at when a number is a multiple of this.
  static let lengthStep: Int64 = 256

  private static let applicationID = 0x706F_6466

  /// The statements that lead from each version to the next; the first makes all tables.
  private static let steps = [first, second, third, fourth, fifth, sixth, seventh]

  /// The version of the tables that this code reads and writes.
  static var version: Int64 { Int64(steps.count) }

  /// The digest of what `sqlite_schema` says of the present tables, in hexadecimal.
  ///
  /// Comparing with it costs less than making the tables once more, which tells what differs.
  static let digest = "3ac029a1ec4a3ec53eb5870413b293878d35644eecb9c390d17cdba1286d317a"

  /// A table or index, as `sqlite_schema` has it.
  private struct Item: Hashable {
    let type: String
    let name: String
    let table: String
    let sql: String
  }

  private static func items(
    _ connection: borrowing Connection
  ) throws(StoreError) -> [Item] {
    var select = try connection.prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    var items: [Item] = []
    while try select.step() {
      items.append(
        Item(
          type: select.text(0), name: select.text(1), table: select.text(2), sql: select.text(3)))
    }
    return items
  }

  private static func digest(of items: [Item]) -> String {
    let text = items.map { "\($0.type)\0\($0.name)\0\($0.table)\0\($0.sql)\0" }.joined()
    return [UInt8](text.utf8).withSpan { "\(Digest()($0))" }
  }

  /// Throws if the database has anything but the tables and indices of the present version.
  static func check(_ connection: borrowing Connection) throws(StoreError) {
    let found = try items(connection)
    guard digest(of: found) != digest else { return }
    let model = try connection.model()
    for step in steps { try model.execute(step) }
    let expected = Set(try items(model))
    let others = Set(found).symmetricDifference(expected)
    guard let other = others.min(by: { ($0.type, $0.name) < ($1.type, $1.name) }) else {
      preconditionFailure("the digest of the tables is \(digest(of: found))")
    }
    throw connection.foreign("it has another \(other.type) '\(other.name)' than podfs makes")
  }

  /// Brings the tables to the present version; an empty database gets all of them.
  static func migrate(_ connection: borrowing Connection) throws(StoreError) {
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.change { connection throws(StoreError) in
      let found = try connection.integer("PRAGMA user_version") ?? 0
      guard (0..<version).contains(found) else { return }
      for step in steps[Int(found)...] { try connection.execute(step) }
      if found < sealedVersion { try connection.sealAll() }
      try connection.execute("PRAGMA application_id = \(applicationID)")
      try connection.execute("PRAGMA user_version = \(version)")
      try check(connection)
    }
  }

  /// The first version whose rows have seals.
  private static let sealedVersion = 7

  private static let seventh = """
    ALTER TABLE commit_ ADD COLUMN manifest INTEGER;
    ALTER TABLE commit_ ADD COLUMN is_thinned INTEGER;
    ALTER TABLE version ADD COLUMN seal INTEGER;
    ALTER TABLE session ADD COLUMN seal INTEGER;
    ALTER TABLE commit_ ADD COLUMN seal INTEGER;
    ALTER TABLE merge_parent ADD COLUMN seal INTEGER;
    ALTER TABLE cell ADD COLUMN seal INTEGER;
    ALTER TABLE unsaved ADD COLUMN seal INTEGER;
    ALTER TABLE environment ADD COLUMN seal INTEGER;
    ALTER TABLE branch ADD COLUMN seal INTEGER;
    ALTER TABLE tag ADD COLUMN seal INTEGER;
    ALTER TABLE undone ADD COLUMN seal INTEGER;
    ALTER TABLE workspace ADD COLUMN seal INTEGER;
    ALTER TABLE line ADD COLUMN seal INTEGER;
    ALTER TABLE binding ADD COLUMN seal INTEGER;
    ALTER TABLE file ADD COLUMN seal INTEGER;
    ALTER TABLE file_attribute ADD COLUMN seal INTEGER;
    ALTER TABLE text ADD COLUMN seal INTEGER;
    ALTER TABLE setting ADD COLUMN seal INTEGER;
    """

  /// All versions of a name that was closed in a workspace are closed.
  private static let sixth = """
    ALTER TABLE version ADD COLUMN mode INTEGER;
    UPDATE version SET mode = named.mode
    FROM (
      SELECT id, min(mode) AS mode FROM (
        SELECT binding.version AS id, file.mode FROM file
        JOIN line ON line.session = file.session
        JOIN binding ON binding.line = line.id AND binding.name = file.name
        UNION ALL SELECT workspace.version, file.mode FROM file
        JOIN workspace ON workspace.session = file.session AND workspace.name = file.name
      ) GROUP BY id
    ) AS named
    WHERE version.id = named.id AND named.mode <> 420;
    CREATE INDEX version_with_mode ON version (session) WHERE mode IS NOT NULL;
    ALTER TABLE file DROP COLUMN mode;
    ALTER TABLE session ADD COLUMN mode INTEGER;
    """

  /// A version that was there before is called what the first commit calls it that is left.
  private static let fifth = """
    ALTER TABLE version ADD COLUMN name TEXT;
    UPDATE version SET name = coalesce(
      (SELECT binding.name FROM binding INDEXED BY binding_of_version
        WHERE binding.version = version.id ORDER BY binding.number, binding.name LIMIT 1),
      (SELECT min(workspace.name) FROM workspace WHERE workspace.version = version.id));
    CREATE TABLE text (
      version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
      text_limit INTEGER NOT NULL,
      renderer INTEGER NOT NULL,
      size INTEGER NOT NULL,
      PRIMARY KEY (version, text_limit)
    ) STRICT, WITHOUT ROWID;
    """

  private static let fourth = """
    ALTER TABLE commit_ ADD COLUMN edited TEXT;
    ALTER TABLE cell ADD COLUMN reads TEXT;
    CREATE TABLE undone (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      position INTEGER NOT NULL,
      number INTEGER NOT NULL,
      PRIMARY KEY (session, position)
    ) STRICT, WITHOUT ROWID;
    """

  private static let third = """
    CREATE INDEX binding_of_version ON binding (version);
    CREATE TABLE environment (
      id INTEGER PRIMARY KEY,
      text TEXT NOT NULL UNIQUE
    ) STRICT;
    ALTER TABLE commit_ ADD COLUMN environment INTEGER;
    CREATE TABLE file (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      name TEXT NOT NULL,
      mode INTEGER,
      version INTEGER,
      accessed INTEGER,
      accessed_nanoseconds INTEGER,
      modified INTEGER,
      modified_nanoseconds INTEGER,
      changed INTEGER,
      changed_nanoseconds INTEGER,
      PRIMARY KEY (session, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE file_attribute (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      name TEXT NOT NULL,
      attribute TEXT NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (session, name, attribute)
    ) STRICT, WITHOUT ROWID;
    """

  private static let second = """
    CREATE TABLE setting (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO setting VALUES ('collections', 0);
    ALTER TABLE pack ADD COLUMN cold INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE pod ADD COLUMN leaf INTEGER;
    """

  private static let first = """
    CREATE TABLE session (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      created INTEGER NOT NULL,
      head INTEGER,
      branch TEXT
    ) STRICT;
    CREATE TABLE line (
      id INTEGER PRIMARY KEY,
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      parent INTEGER,
      parent_number INTEGER,
      depth INTEGER NOT NULL,
      tip INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE commit_ (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      number INTEGER NOT NULL,
      parent INTEGER,
      line INTEGER NOT NULL,
      digest BLOB NOT NULL,
      time INTEGER NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (session, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE merge_parent (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      number INTEGER NOT NULL,
      position INTEGER NOT NULL,
      parent INTEGER NOT NULL,
      PRIMARY KEY (session, number, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE cell (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      number INTEGER NOT NULL,
      source TEXT NOT NULL,
      execution_count INTEGER,
      duration REAL,
      output TEXT NOT NULL,
      error TEXT,
      PRIMARY KEY (session, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE unsaved (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      number INTEGER NOT NULL,
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      type TEXT NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (session, number, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE branch (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      name TEXT NOT NULL,
      number INTEGER NOT NULL,
      PRIMARY KEY (session, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tag (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      name TEXT NOT NULL,
      number INTEGER NOT NULL,
      PRIMARY KEY (session, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE content (
      id INTEGER PRIMARY KEY,
      pod BLOB NOT NULL,
      form INTEGER NOT NULL,
      UNIQUE (pod, form)
    ) STRICT;
    CREATE TABLE root (
      content INTEGER NOT NULL,
      root INTEGER NOT NULL,
      type TEXT NOT NULL,
      shape TEXT,
      dtype TEXT,
      size INTEGER NOT NULL,
      PRIMARY KEY (content, root)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE covariable (
      id INTEGER PRIMARY KEY,
      content INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE version (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      covariable INTEGER NOT NULL,
      root INTEGER NOT NULL,
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      commit_ INTEGER,
      time INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE binding (
      line INTEGER NOT NULL,
      name TEXT NOT NULL,
      number INTEGER NOT NULL,
      version INTEGER,
      PRIMARY KEY (line, name, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX binding_of_commit ON binding (line, number);
    CREATE TABLE workspace (
      session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
      name TEXT NOT NULL,
      version INTEGER,
      PRIMARY KEY (session, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE pack (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE pod (
      id BLOB PRIMARY KEY,
      pack INTEGER NOT NULL,
      position INTEGER NOT NULL,
      stored INTEGER NOT NULL,
      length INTEGER NOT NULL,
      codec INTEGER NOT NULL,
      base INTEGER
    ) STRICT, WITHOUT ROWID;
    """
}
