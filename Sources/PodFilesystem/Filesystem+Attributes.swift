import PodModel
import PodStore
import Synchronization

private let directoryPermissions: UInt32 = 0o755
private let frozenDirectoryPermissions: UInt32 = 0o555
private let frozenPermissions: UInt32 = 0o444

extension Filesystem {
  /// Returns what `stat` shows of a number.
  public func attributes(of inode: InodeNumber) throws(FilesystemError) -> Attributes {
    if let (file, _) = try file(inode) { return file.attributes }
    switch try node(inode) {
    case .root:
      return directory(inode, directoryPermissions, started, .forever)
    case .readme:
      return frozenFile(inode, size: Int64(ReadMe.text.count), started)
    case .session(let session):
      let created = try backing.session(session).created
      return directory(inode, frozenDirectoryPermissions, created, .forever)
    case .entry(let entry, let session): return try attributes(of: entry, session, inode)
    case .commit(let number, let session), .texts(let number?, let session):
      return directory(
        inode, frozenDirectoryPermissions, try commit(number, of: session).time, .forever)
    case .texts(nil, let session):
      return directory(inode, frozenDirectoryPermissions, try lastTime(of: session), .moment)
    case .version(let version): return try attributes(of: backing.version(version))
    case .text(let version): return try textAttributes(of: backing.version(version))
    case .reference(let serial): return try attributes(ofReference: serial, inode)
    case .file, .newFile: throw .superseded
    }
  }

  private func attributes(
    of entry: SessionEntry, _ session: SessionID, _ inode: InodeNumber
  ) throws(FilesystemError) -> Attributes {
    switch entry {
    case .head: return link(inode, to: try headTarget(of: session), try lastTime(of: session))
    case .branches, .tags, .commits, .text:
      return directory(inode, frozenDirectoryPermissions, try lastTime(of: session), .moment)
    case .workspace:
      return directory(inode, directoryPermissions, try lastTime(of: session), .moment)
    case .commit:
      return Attributes(
        inode: inode, kind: .file, permissions: 0o644,
        modified: try backing.session(session).created, lifetime: .forever)
    case .log:
      let (size, modified) = try log.size(of: session)
      let created = try backing.session(session).created
      var attributes = frozenFile(inode, size: size, modified ?? created)
      attributes.lifetime = .moment
      return attributes
    }
  }

  /// What `stat` shows of a version in a commit.
  func attributes(of version: Version) throws(FilesystemError) -> Attributes {
    frozenFile(try inode(.version(version.id)), size: version.summary.size, version.time)
  }

  /// What `stat` shows of a version's text, whose size is known once it was opened.
  func textAttributes(of version: Version) throws(FilesystemError) -> Attributes {
    let size = texts.size(of: version.id)
    var attributes = frozenFile(try inode(.text(version.id)), size: size ?? 0, version.time)
    attributes.lifetime = size == nil || version.commit == nil ? .moment : .forever
    return attributes
  }

  private func attributes(
    ofReference serial: Int64, _ inode: InodeNumber
  ) throws(FilesystemError) -> Attributes {
    guard let reference = references.reference(serial) else { throw .notFound }
    let number = try target(of: reference)
    return link(
      inode, to: Self.target(of: number), try commit(number, of: reference.session).time)
  }

  /// Returns where a symlink leads.
  public func target(ofLink inode: InodeNumber) throws(FilesystemError) -> String {
    switch try node(inode) {
    case .entry(.head, let session): return try headTarget(of: session)
    case .reference(let serial):
      guard let reference = references.reference(serial) else { throw .notFound }
      return Self.target(of: try target(of: reference))
    case .root, .readme, .session, .entry, .commit, .texts, .version, .text, .file, .newFile:
      throw .invalid
    }
  }

  private func headTarget(of session: SessionID) throws(FilesystemError) -> String {
    let head = try backing.run { store throws(StoreError) in try store.head(of: session) }
    guard let number = head.commit else { throw .notFound }
    return "\(SessionEntry.commits.rawValue)/\(number)"
  }

  private static func target(of number: CommitNumber) -> String {
    "../\(SessionEntry.commits.rawValue)/\(number)"
  }

  private func target(
    of reference: ReferenceTable.Reference
  ) throws(FilesystemError) -> CommitNumber {
    guard let number = try references(of: reference.session, isTag: reference.isTag)[reference.name]
    else { throw .notFound }
    return number
  }

  /// Returns the branches or the tags of a session.
  func references(
    of session: SessionID, isTag: Bool
  ) throws(FilesystemError) -> [ReferenceName: CommitNumber] {
    try backing.run { store throws(StoreError) in
      try isTag ? store.tags(of: session) : store.branches(of: session)
    }
  }

  private func commit(
    _ number: CommitNumber, of session: SessionID
  ) throws(FilesystemError) -> Commit {
    let commit = try backing.run { store throws(StoreError) in
      try store.commit(number, of: session)
    }
    guard let commit else { throw .notFound }
    return commit
  }

  /// When the session's history last grew.
  private func lastTime(of session: SessionID) throws(FilesystemError) -> Timestamp {
    let created = try backing.session(session).created
    return try log.size(of: session).modified ?? created
  }

  private func directory(
    _ inode: InodeNumber, _ permissions: UInt32, _ modified: Timestamp, _ lifetime: Lifetime
  ) -> Attributes {
    Attributes(
      inode: inode, kind: .directory, permissions: permissions, modified: modified,
      lifetime: lifetime)
  }

  private func frozenFile(_ inode: InodeNumber, size: Int64, _ modified: Timestamp) -> Attributes {
    Attributes(
      inode: inode, kind: .file, permissions: frozenPermissions, size: size, modified: modified,
      lifetime: .forever)
  }

  private func link(_ inode: InodeNumber, to target: String, _ modified: Timestamp) -> Attributes {
    Attributes(
      inode: inode, kind: .link, permissions: 0o777, size: Int64(target.utf8.count),
      modified: modified)
  }
}

extension Filesystem {
  /// Changes what `stat` shows of a number, and returns that.
  public func setAttributes(
    of inode: InodeNumber, to change: AttributeChange, through handle: HandleNumber?, user: UInt32,
    group: UInt32
  ) throws(FilesystemError) -> Attributes {
    guard let (file, _) = try file(inode) else {
      // A shell that opens the commit file without O_TRUNC support cuts it first: there is
      // nothing to cut.
      if case .entry(.commit, _) = try node(inode), change.isSizeOnly {
        return try attributes(of: inode)
      }
      throw .readOnly
    }
    if let owner = change.user, owner != user { throw .notPermitted }
    if let owner = change.group, owner != group { throw .notPermitted }
    // The kernel was told that such bits are never kept.
    if let permissions = change.permissions, permissions & 0o6000 != 0 { throw .notPermitted }
    if let size = change.size { try file.resize(to: size, by: handle) }
    file.set(change)
    return file.attributes
  }
}

extension AttributeChange {
  fileprivate var isSizeOnly: Bool {
    permissions == nil && user == nil && group == nil
  }
}
