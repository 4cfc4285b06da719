import PodModel
import PodStore
import Synchronization

let directoryPermissions: UInt32 = 0o755
let frozenDirectoryPermissions: UInt32 = 0o555
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
      return directory(inode, try permissions(of: session), created, .watched)
    case .entry(let entry, let session): return try attributes(of: entry, session, inode)
    case .commit(let number, let session), .texts(let number?, let session),
      .info(let number, let session):
      let time = try commits.place(of: number, in: session).time
      return directory(inode, frozenDirectoryPermissions, time, .forever)
    case .texts(nil, let session):
      return directory(inode, frozenDirectoryPermissions, try lastTime(of: session), .moment)
    case .version(let version):
      return try attributes(of: backing.version(version), isLookup: false)
    case .text(let version):
      return try textAttributes(of: [backing.version(version)], areLookups: false)[0]
    case .infoFile(let file, let number, let session):
      return try attributes(of: file, number, session, inode)
    case .time, .introduction, .named, .head, .reference: return try linkAttributes(of: inode)
    case .file, .newFile: throw .superseded
    }
  }

  private func attributes(
    of entry: SessionEntry, _ session: SessionID, _ inode: InodeNumber
  ) throws(FilesystemError) -> Attributes {
    switch entry {
    case .head: return try attributes(of: self.inode(head(of: session)))
    case .commits, .text, .byTime, .info, .vars:
      return directory(
        inode, frozenDirectoryPermissions, try lastTime(of: session), .watched)
    case .branches, .tags:
      return directory(inode, directoryPermissions, try lastTime(of: session), .watched)
    case .workspace:
      return try workspaceAttributes(of: session, inode)
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

  /// What `stat` shows of a version in a commit; with `isLookup`, the kernel is told of the file.
  func attributes(of version: Version, isLookup: Bool) throws(FilesystemError) -> Attributes {
    try attributes(of: version, links.count(of: version.id, isLookup: isLookup))
  }

  /// The attributes of a version, of which `count` has those that can change.
  func attributes(
    of version: Version, _ count: LinkCounts.Count
  ) throws(FilesystemError) -> Attributes {
    var attributes = frozenFile(
      try inode(.version(version.id)), size: version.summary.size, version.time)
    attributes.links = count.value
    attributes.permissions = count.permissions
    attributes.lifetime = count.isWatched ? .watched : .moment
    return attributes
  }

  private func attributes(
    of file: CommitInfo.File, _ number: CommitNumber, _ session: SessionID, _ inode: InodeNumber
  ) throws(FilesystemError) -> Attributes {
    let text = try CommitInfo.text(of: file, number, in: session, backing)
    let time = try commits.place(of: number, in: session).time
    return frozenFile(
      inode, size: Int64(text.count), time, file.canChange ? .moment : .forever)
  }

  /// When the session's history last grew.
  func lastTime(of session: SessionID) throws(FilesystemError) -> Timestamp {
    let created = try backing.session(session).created
    return try commits.places(of: session).lastTime ?? created
  }

  func directory(
    _ inode: InodeNumber, _ permissions: UInt32, _ modified: Timestamp, _ lifetime: Lifetime
  ) -> Attributes {
    Attributes(
      inode: inode, kind: .directory, permissions: permissions, modified: modified,
      lifetime: lifetime)
  }

  func frozenFile(
    _ inode: InodeNumber, size: Int64, _ modified: Timestamp, _ lifetime: Lifetime = .forever
  ) -> Attributes {
    Attributes(
      inode: inode, kind: .file, permissions: frozenPermissions, size: size, modified: modified,
      lifetime: lifetime)
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
      switch try node(inode) {
      case .entry(.commit, _) where change.isSizeOnly: return try attributes(of: inode)
      case .entry(.workspace, let session):
        try check(change, user: user, group: group)
        return try setWorkspaceAttributes(of: session, inode, to: change)
      default: throw .readOnly
      }
    }
    try check(change, user: user, group: group)
    if let size = change.size { try file.resize(to: size, by: handle) }
    if !change.isOfSizeAlone { try file.set(change) }
    if change.permissions != nil, let version = file.sealedVersion {
      announcePermissions(of: version)
    }
    return file.attributes
  }

  /// Throws if nobody can make a change, whatever of a workspace it is of.
  private func check(
    _ change: AttributeChange, user: UInt32, group: UInt32
  ) throws(FilesystemError) {
    if let owner = change.user, owner != user { throw .notPermitted }
    if let owner = change.group, owner != group { throw .notPermitted }
    // The kernel was told that such bits are never kept.
    if let permissions = change.permissions, permissions & 0o6000 != 0 { throw .notPermitted }
  }
}

extension AttributeChange {
  fileprivate var isSizeOnly: Bool {
    permissions == nil && user == nil && group == nil
  }

  fileprivate var isOfSizeAlone: Bool {
    size != nil && isSizeOnly && accessed == nil && modified == nil
  }
}
