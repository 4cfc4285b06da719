import PodModel
import PodStore

/// What is known of a commit besides its variables, as files of text.
///
/// All of it is in rows. A file about which nothing is known is empty.
enum CommitInfo {
  /// The files of a commit.
  enum File: Int, CaseIterable, Sendable {
    /// The names that it bound, changed (`~`) or removed, one a line.
    case changed
    /// The code whose run made it.
    case cell
    /// The interpreter, the system and the libraries, one a line.
    case environment
    /// The error that ended its cell.
    case error
    /// What the person said of it.
    case message
    /// The numbers of the commits that it was made on, one a line.
    case parents
    /// What its cell printed.
    case standardOutput
    /// When it was made.
    case time
    /// What could not be kept: name, type and reason, with tabs between.
    case unsaved

    /// The name of the file.
    var name: String {
      switch self {
      case .cell: "cell.py"
      case .standardOutput: "stdout"
      case .changed, .environment, .error, .message, .parents, .time, .unsaved: "\(self)"
      }
    }

    /// Whether it can be edited after the commit was made.
    var canChange: Bool { self == .message }

    /// Finds a file by its name.
    init?(name: String) {
      guard let file = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = file
    }
  }

  /// Returns the text of a file; throws `notFound` if there is no such commit.
  static func text(
    of file: File, _ number: CommitNumber, in session: SessionID, _ backing: Backing
  ) throws(FilesystemError) -> [UInt8] {
    let text = try backing.run { store throws(StoreError) -> String? in
      guard let commit = try store.commit(number, of: session) else { return nil }
      switch file {
      case .message: return line(commit.message)
      case .time: return line("\(commit.time)")
      case .parents: return commit.parents.map { "\($0)\n" }.joined()
      case .cell: return line(try store.cell(of: number, in: session)?.source ?? "")
      case .standardOutput: return try store.cell(of: number, in: session)?.standardOutput ?? ""
      case .error: return line(try store.cell(of: number, in: session)?.error ?? "")
      case .environment: return line(try store.environment(of: number, in: session) ?? "")
      case .unsaved:
        return try store.unsaved(of: number, in: session).map { unsaved in
          "\(unsaved.name)\t\(unsaved.type)\t\(unsaved.reason)\n"
        }.joined()
      case .changed: return try changes(of: commit, in: session, store)
      }
    }
    guard let text else { throw .notFound }
    return Array(text.utf8)
  }

  /// Ends a text that is not empty with a newline, as lines of files are.
  private static func line(_ text: String) -> String {
    text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n"
  }

  private static func changes(
    of commit: Commit, in session: SessionID, _ store: Store
  ) throws(StoreError) -> String {
    let changes = try store.changes(of: commit.number, in: session)
    var before = Manifest()
    if let parent = commit.parents.first {
      before = try store.manifest(of: parent, in: session, names: changes.keys)
    }
    return changes.keys.sorted().map { name in
      let isBound = changes[name].map { $0 != nil } ?? false
      let mark = !isBound ? "-" : before.versions[name] == nil ? "+" : "~"
      return "\(mark)\(name)\n"
    }.joined()
  }
}
