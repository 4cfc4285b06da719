import PodModel
import PodStore
import Synchronization

/// Symlinks that people make, rename and remove: branches, tags, and what is to become `HEAD`.
extension Filesystem {
  /// Makes a branch or a tag of a symlink, or keeps one beside `HEAD` that is to be renamed to it.
  ///
  /// It must lead to a commit of the same session.
  public func makeLink(
    _ name: String, in directory: InodeNumber, to target: String
  ) throws(FilesystemError) -> Entry {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    switch try node(directory) {
    case .entry(.branches, let session):
      let number = try number(of: target, from: .branches, in: session)
      let name = try reference(name)
      try backing.run { store throws(StoreError) in
        try store.setBranch(name, to: number, replacing: false, in: session)
      }
      return try entry(reference(.branch, name, to: number, of: session), .moment)
    case .entry(.tags, let session):
      let number = try number(of: target, from: .tags, in: session)
      let name = try reference(name)
      let isThere = try references(.tag, of: session)[name] != nil
      if isThere { throw .exists }
      try backing.run { store throws(StoreError) in
        try store.setTag(name, to: number, in: session)
      }
      return try entry(reference(.tag, name, to: number, of: session), .moment)
    case .session(let session):
      if let known = SessionEntry(rawValue: name) {
        // Before the first commit there is no HEAD, and nothing that it could lead to.
        if known == .head, try !hasCommits(session) { throw .notFound }
        throw .exists
      }
      let revision = try revision(of: target, from: nil, in: session)
      let link = PendingLinks.Link(target: target, revision: revision, made: .now)
      try pendingLinks.insert(link, as: name, in: session)
      return try entry(named(.pending(name, session)), .moment)
    case .root, .entry(.workspace, _): throw .notPermitted
    case .entry, .commit, .texts, .info, .named: throw .readOnly
    case .readme, .version, .text, .file, .newFile, .time, .infoFile, .introduction, .head,
      .reference:
      throw .notDirectory
    }
  }

  private func hasCommits(_ session: SessionID) throws(FilesystemError) -> Bool {
    try backing.run { store throws(StoreError) in try store.head(of: session).commit != nil }
  }

  /// Checks the name of a branch or a tag.
  func reference(_ name: String) throws(FilesystemError) -> ReferenceName {
    do { return try ReferenceName(name) } catch { throw .invalid }
  }

  /// Removes a branch, a tag, or a symlink that was to become `HEAD`.
  func removeLink(
    _ name: String, from entry: SessionEntry?, in session: SessionID
  ) throws(FilesystemError) {
    switch entry {
    case nil:
      if SessionEntry(rawValue: name) != nil { throw .notPermitted }
      guard pendingLinks.remove(name, in: session) != nil else { throw .notFound }
    case .branches:
      let name = try reference(name)
      try backing.run { store throws(StoreError) in try store.removeBranch(name, in: session) }
    case .tags:
      let name = try reference(name)
      try backing.run { store throws(StoreError) in try store.removeTag(name, in: session) }
    case .head, .byTime, .commit, .commits, .info, .log, .text, .vars, .workspace: throw .readOnly
    }
  }

  /// Renames a branch, a tag, or a symlink to `HEAD`, which checks out what it leads to.
  func renameLink(
    _ name: String, to newName: String, in entry: SessionEntry?, of session: SessionID,
    _ mode: RenameMode
  ) throws(FilesystemError) {
    guard mode != .exchanging else { throw .invalid }
    let replacing = mode == .replacing
    switch entry {
    case nil: try renamePending(name, to: newName, in: session, replacing: replacing)
    case .branches, .tags:
      let (name, newName) = (try reference(name), try reference(newName))
      try backing.run { store throws(StoreError) in
        try store.rename(
          entry == .tags ? .tag : .branch, name, to: newName, replacing: replacing, in: session)
      }
    case .head, .byTime, .commit, .commits, .info, .log, .text, .vars, .workspace: throw .readOnly
    }
  }

  private func renamePending(
    _ name: String, to newName: String, in session: SessionID, replacing: Bool
  ) throws(FilesystemError) {
    guard let link = pendingLinks[name, in: session] else {
      throw SessionEntry(rawValue: name) == nil ? .notFound : .notPermitted
    }
    guard let entry = SessionEntry(rawValue: newName) else {
      if name == newName { return }
      if replacing { _ = pendingLinks.remove(newName, in: session) }
      try pendingLinks.insert(link, as: newName, in: session)
      _ = pendingLinks.remove(name, in: session)
      return
    }
    guard entry == .head else { throw .notPermitted }
    guard replacing else { throw .exists }
    try backing.run { store throws(StoreError) in
      try store.checkout(link.revision, in: session)
    }
    _ = pendingLinks.remove(name, in: session)
  }
}

// MARK: What a symlink leads to

extension Filesystem {
  private func number(
    of target: String, from entry: SessionEntry, in session: SessionID
  ) throws(FilesystemError) -> CommitNumber {
    let revision = try revision(of: target, from: entry, in: session)
    return try backing.run { store throws(StoreError) in
      try store.resolve(revision, in: session)
    }
  }

  /// Returns the revision that a symlink in a directory of a session leads to: a commit, a branch or
  /// a tag of the session, or a commit by its time.
  private func revision(
    of target: String, from entry: SessionEntry?, in session: SessionID
  ) throws(FilesystemError) -> Revision {
    let home = try backing.session(session).name.text
    let path = try path(of: target, from: [home] + (entry.map { [$0.rawValue] } ?? []))
    guard path.count > 1 else { throw .invalid }
    guard path[0] == home else { throw .otherSession }
    let kind = SessionEntry(rawValue: path[1])
    if kind == .head, path.count == 2 { return Revision(base: .head) }
    guard let kind, path.count == 3 else { throw .invalid }
    let name = path[2]
    switch kind {
    case .commits:
      guard let value = Int64(name), String(value) == name, let number = CommitNumber(value)
      else { throw .notFound }
      _ = try commits.place(of: number, in: session)
      return Revision(base: .number(number))
    case .byTime:
      guard let number = try commits.places(of: session).number(atTime: name) else {
        throw .notFound
      }
      return Revision(base: .number(number))
    case .branches:
      let name = try reference(name)
      guard try references(.branch, of: session)[name] != nil else { throw .notFound }
      return Revision(base: .name(name.text))
    case .tags:
      guard let number = try references(.tag, of: session)[reference(name)] else {
        throw .notFound
      }
      return Revision(base: .number(number))
    case .head, .commit, .info, .log, .text, .vars, .workspace: throw .invalid
    }
  }

  /// Returns the names on the way from the root to where a path leads, from a directory on.
  private func path(
    of target: String, from directory: [String]
  ) throws(FilesystemError) -> [String] {
    var path = directory
    var rest = target[...]
    if target.hasPrefix("/") {
      guard let mountPoint = mountPoint.withLock({ $0 }), target.hasPrefix(mountPoint + "/") else {
        throw .invalid
      }
      path = []
      rest = target.dropFirst(mountPoint.count)
    }
    for name in rest.split(separator: "/") where name != "." {
      if name != ".." {
        path.append(String(name))
      } else if path.popLast() == nil {
        throw .invalid
      }
    }
    return path
  }
}
