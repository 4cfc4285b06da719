import PodModel

/// What an inode number stands for.
///
/// The number is computed from what the node is, and back. So the frozen part of the tree needs
/// no table, however many files of it the kernel knows; an unchanged variable has one inode in
/// all commits; and a number that the kernel kept from long ago still finds its node.
///
///     63    62..58   57..........36   35.............0
///      0     kind     session row      commit, serial or entry
///      0     kind     version row......................
enum Node: Hashable, Sendable {
  /// The directory that is mounted.
  case root
  /// The file that says what is here.
  case readme
  /// The directory of a session.
  case session(SessionID)
  /// One of the fixed names in the directory of a session.
  case entry(SessionEntry, SessionID)
  /// The directory of a commit's variables.
  case commit(CommitNumber, SessionID)
  /// The directory of a commit's variables as text; without a number, the workspace's.
  case texts(CommitNumber?, SessionID)
  /// A value of a variable, in any commit that has it.
  case version(VersionID)
  /// A value of a variable as text.
  case text(VersionID)
  /// A variable's directory of versions, or a symlink that is to replace `HEAD`, by its number in
  /// ``NameTable``.
  case named(serial: Int64)
  /// `HEAD`, while this commit is checked out: a symlink that is replaced is another one.
  case head(CommitNumber, SessionID)
  /// The symlink of a branch or a tag, while it names this commit, by its number in ``NameTable``.
  case reference(serial: Int64, CommitNumber)
  /// The symlink to a commit by its time.
  case time(CommitNumber, SessionID)
  /// The directory of what is known of a commit.
  case info(CommitNumber, SessionID)
  /// A file in it.
  case infoFile(CommitInfo.File, CommitNumber, SessionID)
  /// The symlink to a version of a variable, by the variable's number in ``NameTable``.
  case introduction(serial: Int64, CommitNumber)
  /// A file of a workspace that began as the version with this row.
  case file(SessionID, born: VersionID)
  /// A file of a workspace that had no version when it was first seen.
  case newFile(SessionID, serial: Int64)
}

/// The fixed names in the directory of a session.
enum SessionEntry: String, CaseIterable, Sendable {
  case head = "HEAD"
  case branches
  case byTime = "by-time"
  case commit
  case commits
  case info
  case log
  case tags
  case text
  case vars
  case workspace

  /// What kind of file has the name.
  var kind: FileKind {
    switch self {
    case .head: .link
    case .commit, .log: .file
    case .branches, .byTime, .commits, .info, .tags, .text, .vars, .workspace: .directory
    }
  }
}

extension Node {
  private static let sessionLimit: Int64 = 1 << 22
  private static let serialBits = 36
  private static let kindBits = 58
  /// The bits of a serial that say which file of a commit's information it is.
  private static let infoBits = 4

  /// The number of the node, or nil if a row is larger than a number has room for.
  var inode: InodeNumber? {
    switch self {
    case .root: .root
    case .readme: InodeNumber(2)
    case .session(let session): Self.pack(1, session, 0)
    case .entry(let entry, let session): Self.pack(2, session, entry.index)
    case .commit(let number, let session): Self.pack(3, session, number.value)
    case .texts(let number, let session): Self.pack(4, session, number?.value ?? 0)
    case .version(let version): Self.pack(5, version.row)
    case .text(let version): Self.pack(6, version.row)
    case .named(let serial): Self.pack(7, serial)
    case .file(let session, let born): Self.pack(8, session, born.row)
    case .newFile(let session, let serial): Self.pack(9, session, serial)
    case .time(let number, let session): Self.pack(10, session, number.value)
    case .info(let number, let session): Self.pack(11, session, number.value)
    case .infoFile(let file, let number, let session):
      number.value >> (Self.serialBits - Self.infoBits) > 0
        ? nil : Self.pack(12, session, number.value << Self.infoBits | Int64(file.rawValue))
    case .introduction(let serial, let number):
      Self.pack(13, SessionID(row: serial), number.value)
    case .head(let number, let session): Self.pack(14, session, number.value)
    case .reference(let serial, let number):
      Self.pack(15, SessionID(row: serial), number.value)
    }
  }

  /// Reads a number; nil if no node can have it.
  init?(_ inode: InodeNumber) {
    let payload = Int64(inode.value & (1 << Self.kindBits - 1))
    let session = SessionID(row: payload >> Self.serialBits)
    let low = payload & (1 << Self.serialBits - 1)
    switch inode.value >> Self.kindBits {
    case 0 where payload == 1: self = .root
    case 0 where payload == 2: self = .readme
    case 1 where low == 0: self = .session(session)
    case 2:
      guard let entry = SessionEntry(index: low) else { return nil }
      self = .entry(entry, session)
    case 3:
      guard let number = CommitNumber(low) else { return nil }
      self = .commit(number, session)
    case 4: self = .texts(CommitNumber(low), session)
    case 5: self = .version(VersionID(row: payload))
    case 6: self = .text(VersionID(row: payload))
    case 7: self = .named(serial: payload)
    case 8: self = .file(session, born: VersionID(row: low))
    case 9: self = .newFile(session, serial: low)
    case 10, 11, 13...15:
      guard let number = CommitNumber(low) else { return nil }
      switch inode.value >> Self.kindBits {
      case 10: self = .time(number, session)
      case 11: self = .info(number, session)
      case 13: self = .introduction(serial: session.row, number)
      case 14: self = .head(number, session)
      default: self = .reference(serial: session.row, number)
      }
    case 12:
      guard let number = CommitNumber(low >> Self.infoBits),
        let file = CommitInfo.File(rawValue: Int(low & (1 << Self.infoBits - 1)))
      else { return nil }
      self = .infoFile(file, number, session)
    default: return nil
    }
  }

  private static func pack(_ kind: UInt64, _ session: SessionID, _ low: Int64) -> InodeNumber? {
    guard (0..<sessionLimit).contains(session.row), (0..<(1 << serialBits)).contains(low) else {
      return nil
    }
    return pack(kind, session.row << serialBits | low)
  }

  private static func pack(_ kind: UInt64, _ payload: Int64) -> InodeNumber? {
    guard (0..<(1 << kindBits)).contains(payload) else { return nil }
    return InodeNumber(kind << kindBits | UInt64(payload))
  }
}

extension SessionEntry {
  /// The place of the entry among all, which must never change while a mount lives.
  fileprivate var index: Int64 { Int64(Self.allCases.firstIndex(of: self) ?? 0) }

  fileprivate init?(index: Int64) {
    guard Self.allCases.indices.contains(Int(index)) else { return nil }
    self = Self.allCases[Int(index)]
  }
}
