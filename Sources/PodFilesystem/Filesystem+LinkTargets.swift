import PodModel
import PodStore
import Synchronization

/// The symlinks of the tree, and where they lead.
extension Filesystem {
  func linkAttributes(of inode: InodeNumber) throws(FilesystemError) -> Attributes {
    let node = try node(inode)
    if case .named(let serial) = node, case .variable(_, let session) = names.named(serial) {
      return directory(inode, frozenDirectoryPermissions, try lastTime(of: session), .moment)
    }
    let target = try target(ofLink: inode)
    switch node {
    case .time(let number, let session):
      let time = try commits.place(of: number, in: session).time
      return link(inode, to: target, time, .whileThere)
    case .introduction(let serial, let number):
      guard case .variable(_, let session) = names.named(serial) else { throw .notFound }
      let time = try commits.place(of: number, in: session).time
      return link(inode, to: target, time, .whileThere)
    case .named(let serial):
      switch names.named(serial) {
      case .pending(let name, let session):
        guard let link = pendingLinks[name, in: session] else { throw .notFound }
        return self.link(inode, to: target, link.made)
      case .branch(_, let session), .tag(_, let session):
        guard let number = Self.number(ofTarget: target) else { throw .notFound }
        return link(inode, to: target, try commits.place(of: number, in: session).time)
      case .variable, nil: throw .notFound
      }
    case .root, .readme, .session, .entry, .commit, .texts, .version, .text, .file, .newFile,
      .info, .infoFile:
      throw .invalid
    }
  }

  /// Returns where a symlink leads.
  public func target(ofLink inode: InodeNumber) throws(FilesystemError) -> String {
    switch try node(inode) {
    case .entry(.head, let session): return try headTarget(of: session)
    case .time(let number, _): return Self.target(of: number)
    case .introduction(let serial, let number):
      guard case .variable(let name, _) = names.named(serial) else { throw .notFound }
      return "../\(Self.target(of: number))/\(name)"
    case .named(let serial):
      switch names.named(serial) {
      case .branch(let name, let session): return try target(of: name, .branch, session)
      case .tag(let name, let session): return try target(of: name, .tag, session)
      case .pending(let name, let session):
        guard let link = pendingLinks[name, in: session] else { throw .notFound }
        return link.target
      case .variable: throw .invalid
      case nil: throw .notFound
      }
    case .root, .readme, .session, .entry, .commit, .texts, .version, .text, .file, .newFile,
      .info, .infoFile:
      throw .invalid
    }
  }

  func headTarget(of session: SessionID) throws(FilesystemError) -> String {
    let head = try backing.run { store throws(StoreError) in try store.head(of: session) }
    guard let number = head.commit else { throw .notFound }
    return "\(SessionEntry.commits.rawValue)/\(number)"
  }

  private func target(
    of name: ReferenceName, _ kind: ReferenceKind, _ session: SessionID
  ) throws(FilesystemError) -> String {
    guard let number = try references(kind, of: session)[name] else { throw .notFound }
    return Self.target(of: number)
  }

  private static func target(of number: CommitNumber) -> String {
    "../\(SessionEntry.commits.rawValue)/\(number)"
  }

  private static func number(ofTarget target: String) -> CommitNumber? {
    target.split(separator: "/").last.flatMap { Int64($0) }.flatMap { CommitNumber($0) }
  }

  /// Returns the branches or the tags of a session.
  func references(
    _ kind: ReferenceKind, of session: SessionID
  ) throws(FilesystemError) -> [ReferenceName: CommitNumber] {
    try backing.run { store throws(StoreError) in
      try kind == .tag ? store.tags(of: session) : store.branches(of: session)
    }
  }

  func link(
    _ inode: InodeNumber, to target: String, _ modified: Timestamp, _ lifetime: Lifetime = .moment
  ) -> Attributes {
    Attributes(
      inode: inode, kind: .link, permissions: 0o777, size: Int64(target.utf8.count),
      modified: modified, lifetime: lifetime)
  }
}
