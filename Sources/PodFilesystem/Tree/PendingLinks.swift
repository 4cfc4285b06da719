import PodModel
import Synchronization

/// The symlinks beside `HEAD` that are to be renamed to it, as `ln -sfn` does.
///
/// They are in memory only: one that is never renamed goes with the mount.
final class PendingLinks: Sendable {
  /// A symlink.
  struct Link: Sendable {
    /// Where it leads.
    let target: String
    /// What is checked out when it becomes `HEAD`.
    let revision: Revision
    /// When it was made.
    let made: Timestamp
  }

  /// More than these in one session are refused.
  private static let limit = 64

  private let links = Mutex<[SessionID: [String: Link]]>([:])

  /// The symlink called `name`.
  subscript(name: String, in session: SessionID) -> Link? {
    links.withLock { $0[session]?[name] }
  }

  /// The names of all symlinks of a session.
  func names(in session: SessionID) -> [String] {
    links.withLock { $0[session]?.keys.sorted() ?? [] }
  }

  /// Adds a symlink.
  func insert(
    _ link: Link, as name: String, in session: SessionID
  ) throws(FilesystemError) {
    try links.withLock { links throws(FilesystemError) in
      guard links[session]?[name] == nil else { throw .exists }
      guard links[session, default: [:]].count < Self.limit else { throw .notPermitted }
      links[session, default: [:]][name] = link
    }
  }

  /// Takes a symlink out.
  func remove(_ name: String, in session: SessionID) -> Link? {
    links.withLock { $0[session]?.removeValue(forKey: name) }
  }
}
