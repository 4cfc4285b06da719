import PodModel
import PodStore
import Synchronization

/// The symlinks of the tree, and where they lead.
///
/// A symlink never leads elsewhere: one that is replaced has another number. So the kernel keeps
/// where it leads.
extension Filesystem {
  /// What `stat` shows of a symlink, or of the directory of a variable's versions.
  func linkAttributes(of inode: InodeNumber) throws(FilesystemError) -> Attributes {
    let node = try node(inode)
    if case .named(let serial) = node {
      switch names.named(serial) {
      case .variable(_, let session):
        return directory(inode, frozenDirectoryPermissions, try lastTime(of: session), .moment)
      case .pending(let name, let session):
        guard let pending = pendingLinks[name, in: session] else { throw .notFound }
        return link(inode, to: pending.target, pending.made)
      case .reference, nil: throw .notFound
      }
    }
    let (number, session) = try commit(ofLink: node)
    let time = try commits.place(of: number, in: session).time
    return link(inode, to: try target(ofLink: inode), time)
  }

  /// Returns the commit that a symlink leads to or into.
  private func commit(
    ofLink node: Node
  ) throws(FilesystemError) -> (CommitNumber, SessionID) {
    switch node {
    case .head(let number, let session), .time(let number, let session): return (number, session)
    case .introduction(let serial, let number), .reference(let serial, let number):
      switch names.named(serial) {
      case .variable(_, let session), .reference(_, _, let session): return (number, session)
      case .pending, nil: throw .notFound
      }
    case .root, .readme, .session, .entry, .commit, .texts, .version, .text, .file, .newFile,
      .named, .info, .infoFile:
      throw .invalid
    }
  }

  /// Returns where a symlink leads.
  public func target(ofLink inode: InodeNumber) throws(FilesystemError) -> String {
    let commits = SessionEntry.commits.rawValue
    switch try node(inode) {
    case .head(let number, _): return "\(commits)/\(number)"
    case .time(let number, _), .reference(_, let number): return "../\(commits)/\(number)"
    case .introduction(let serial, let number):
      guard case .variable(let name, _) = names.named(serial) else { throw .notFound }
      return "../../\(commits)/\(number)/\(name)"
    case .named(let serial):
      guard case .pending(let name, let session) = names.named(serial) else { throw .invalid }
      guard let pending = pendingLinks[name, in: session] else { throw .notFound }
      return pending.target
    case .root, .readme, .session, .entry, .commit, .texts, .version, .text, .file, .newFile,
      .info, .infoFile:
      throw .invalid
    }
  }

  /// Returns the symlink that `HEAD` is now.
  func head(of session: SessionID) throws(FilesystemError) -> Node {
    let head = try backing.run { store throws(StoreError) in try store.head(of: session) }
    guard let number = head.commit else { throw .notFound }
    return .head(number, session)
  }

  /// Returns the symlink that a branch or a tag is now.
  func reference(
    _ kind: ReferenceKind, _ name: ReferenceName, of session: SessionID
  ) throws(FilesystemError) -> Node {
    guard let number = try references(kind, of: session)[name] else { throw .notFound }
    return reference(kind, name, to: number, of: session)
  }

  /// Returns the symlink of a branch or a tag that names a commit.
  func reference(
    _ kind: ReferenceKind, _ name: ReferenceName, to number: CommitNumber, of session: SessionID
  ) -> Node {
    .reference(serial: names.serial(of: .reference(kind, name, session)), number)
  }

  /// Returns the branches or the tags of a session.
  func references(
    _ kind: ReferenceKind, of session: SessionID
  ) throws(FilesystemError) -> [ReferenceName: CommitNumber] {
    try backing.run { store throws(StoreError) in
      try kind == .tag ? store.tags(of: session) : store.branches(of: session)
    }
  }

  private func link(
    _ inode: InodeNumber, to target: String, _ modified: Timestamp
  ) -> Attributes {
    Attributes(
      inode: inode, kind: .link, permissions: 0o777, size: Int64(target.utf8.count),
      modified: modified, lifetime: .forever)
  }
}
