import PodModel
import PodStore
import Synchronization

/// An open directory: the names as they were when reading it began.
final class DirectoryStream: Sendable {
  let directory: InodeNumber
  let items = Mutex<[DirectoryItem]>([])

  init(_ directory: InodeNumber) { self.directory = directory }
}

extension Filesystem {
  /// Opens a directory, and tells how long the kernel may keep its names.
  public func openDirectory(
    _ inode: InodeNumber
  ) throws(FilesystemError) -> (handle: HandleNumber, lifetime: Lifetime) {
    let attributes = try attributes(of: inode)
    guard attributes.kind == .directory else { throw .notDirectory }
    let handle = directories.next()
    directories.insert(DirectoryStream(inode), at: handle)
    switch try node(inode) {
    case .commit, .texts(.some, _), .info: return (handle, .forever)
    case .root, .session, .readme, .entry, .texts, .version, .text, .file, .newFile, .named, .time,
      .infoFile, .introduction, .head, .reference:
      return (handle, .moment)
    }
  }

  /// Returns the names of a directory from a place on; place 0 reads them anew.
  ///
  /// The place behind the item at index i of the answer is `place + i + 1`, however many names
  /// come and go meanwhile.
  public func items(
    of handle: HandleNumber, from place: Int64
  ) throws(FilesystemError) -> ArraySlice<DirectoryItem> {
    guard let stream = directories[handle] else { throw .badHandle }
    if place == 0 {
      let items = try items(of: stream.directory)
      stream.items.withLock { $0 = items }
    }
    return stream.items.withLock { items in
      guard place >= 0, place <= Int64(items.count) else { return [] }
      return items[Int(place)...]
    }
  }

  /// Closes a directory.
  public func releaseDirectory(_ handle: HandleNumber) { _ = directories.remove(handle) }

  private func items(of inode: InodeNumber) throws(FilesystemError) -> [DirectoryItem] {
    let node = try node(inode)
    let dots = [
      DirectoryItem(name: ".", inode: inode, kind: .directory),
      DirectoryItem(name: "..", inode: try self.inode(parent(of: node)), kind: .directory),
    ]
    return dots + (try items(of: node))
  }

  private func items(of node: Node) throws(FilesystemError) -> [DirectoryItem] {
    switch node {
    case .root:
      let sessions = try backing.run { store throws(StoreError) in try store.sessions() }
      let readme = try item("README", .readme, .file)
      return [readme]
        + (try sessions.map { session throws(FilesystemError) in
          try item(session.name.text, .session(session.id), .directory)
        })
    case .session(let session):
      var items = try pendingLinks.names(in: session).map { name throws(FilesystemError) in
        try item(name, named(.pending(name, session)), .link)
      }
      let head = try backing.run { store throws(StoreError) in try store.head(of: session) }
      if let number = head.commit { items.append(try item("HEAD", .head(number, session), .link)) }
      for entry in SessionEntry.allCases where entry != .head {
        items.append(try item(entry.rawValue, .entry(entry, session), entry.kind))
      }
      return items
    case .entry(let entry, let session): return try items(of: entry, session)
    case .commit(let number, let session):
      return try items(of: manifest(of: number, in: session).versions) { .version($0) }
    case .texts(let number?, let session):
      return try items(of: manifest(of: number, in: session).versions) { .text($0) }
    case .texts(nil, let session):
      return try items(of: workspace(of: session).view().versions) { .text($0) }
    case .info(let number, let session):
      _ = try commits.place(of: number, in: session)
      return try CommitInfo.File.allCases.map { file throws(FilesystemError) in
        try item(file.name, .infoFile(file, number, session), .file)
      }
    case .named(let serial):
      guard case .variable(let name, let session) = names.named(serial) else {
        throw .notDirectory
      }
      let numbers = try backing.run { store throws(StoreError) in
        try store.introductions(of: name, in: session)
      }
      return try numbers.map { number throws(FilesystemError) in
        try item("\(number)", .introduction(serial: serial, number), .link)
      }
    case .readme, .version, .text, .file, .newFile, .time, .infoFile, .introduction, .head,
      .reference:
      throw .notDirectory
    }
  }

  private func items(
    of entry: SessionEntry, _ session: SessionID
  ) throws(FilesystemError) -> [DirectoryItem] {
    switch entry {
    case .head, .commit, .log: throw .notDirectory
    case .workspace: return try workspace(of: session).items()
    case .commits: return try commits(of: session) { .commit($0, session) }
    case .text:
      return try commits(of: session) { .texts($0, session) } + [
        item(SessionEntry.workspace.rawValue, .texts(nil, session), .directory)
      ]
    case .info: return try commits(of: session) { .info($0, session) }
    case .byTime:
      return try commits.places(of: session).times.map { time throws(FilesystemError) in
        try item(time.name, .time(time.number, session), .link)
      }
    case .vars:
      let names = try backing.run { store throws(StoreError) in
        try store.variableNames(of: session)
      }
      return try names.map { name throws(FilesystemError) in
        try item(name.text, named(.variable(name, session)), .directory)
      }
    case .branches: return try references(.branch, of: session)
    case .tags: return try references(.tag, of: session)
    }
  }

  private func references(
    _ kind: ReferenceKind, of session: SessionID
  ) throws(FilesystemError) -> [DirectoryItem] {
    let references: [ReferenceName: CommitNumber] = try references(kind, of: session)
    return try references.map { name, number throws(FilesystemError) in
      try item(name.text, reference(kind, name, to: number, of: session), .link)
    }.sorted()
  }

  private func commits(
    of session: SessionID, _ node: (CommitNumber) -> Node
  ) throws(FilesystemError) -> [DirectoryItem] {
    try commits.places(of: session).all.map { place throws(FilesystemError) in
      try item(place.number.description, node(place.number), .directory)
    }
  }

  private func items(
    of versions: some Sequence<(key: VariableName, value: Version)>, _ node: (VersionID) -> Node
  ) throws(FilesystemError) -> [DirectoryItem] {
    var items: [DirectoryItem] = []
    for (name, version) in versions {
      items.append(try item(name.text, node(version.id), .file))
    }
    return items.sorted()
  }

  private func item(
    _ name: String, _ node: Node, _ kind: FileKind
  ) throws(FilesystemError) -> DirectoryItem {
    DirectoryItem(name: name, inode: try inode(node), kind: kind)
  }
}

extension Filesystem {
  /// The directory that `..` means.
  private func parent(of node: Node) -> Node {
    switch node {
    case .root, .readme, .session, .version, .text: .root
    case .entry(_, let session): .session(session)
    case .commit(_, let session): .entry(.commits, session)
    case .texts(_, let session): .entry(.text, session)
    case .info(_, let session): .entry(.info, session)
    case .infoFile(_, let number, let session): .info(number, session)
    case .time(_, let session): .entry(.byTime, session)
    case .introduction(let serial, _): .named(serial: serial)
    case .head(_, let session): .session(session)
    case .reference: .root
    case .file(let session, born: _), .newFile(let session, serial: _):
      .entry(.workspace, session)
    case .named(let serial):
      switch names.named(serial) {
      case .reference: .root
      case .variable(_, let session): .entry(.vars, session)
      case .pending(_, let session): .session(session)
      case nil: .root
      }
    }
  }
}
