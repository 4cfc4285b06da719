import PodModel
import PodStore
import Synchronization

extension Filesystem {
  /// Finds a name in a directory.
  ///
  /// Throws `notFound` for a name that is not there now, and returns nil for one that can never
  /// be there.
  public func lookup(
    _ name: String, in directory: InodeNumber
  ) throws(FilesystemError) -> Entry? {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    switch try node(directory) {
    case .root:
      if name == "README" { return try entry(.readme, .forever) }
      let session = try session(name).id
      know(session)
      return try entry(.session(session), untilRemoved)
    case .session(let session):
      guard let found = SessionEntry(rawValue: name) else {
        guard pendingLinks[name, in: session] != nil else { throw .notFound }
        return try entry(named(.pending(name, session)), .moment)
      }
      if found == .head { return try entry(head(of: session), .moment) }
      return try entry(.entry(found, session), .forever)
    case .entry(let parent, let session):
      return try lookup(name, in: parent, of: session)
    case .commit(let number, let session):
      guard let version = try manifest(of: number, in: session).versions[variable(name)] else {
        return nil
      }
      backing.remember(version)
      return Entry(
        attributes: try attributes(of: version, isLookup: true), lifetime: .forever)
    case .texts(let number, let session):
      let name = try variable(name)
      guard let version = try version(of: name, in: number, of: session) else {
        if number != nil { return nil }
        throw .notFound
      }
      backing.remember(version)
      return Entry(
        attributes: try textAttributes(of: [version], areLookups: true)[0],
        lifetime: number == nil ? .moment : .forever)
    case .info(let number, let session):
      guard let file = CommitInfo.File(name: name) else { return nil }
      return try entry(.infoFile(file, number, session), file.canChange ? .moment : .forever)
    case .named(let serial):
      guard case .variable(let variable, let session) = names.named(serial) else {
        throw .notDirectory
      }
      return try introduction(name, of: variable, serial, in: session)
    case .readme, .version, .text, .file, .newFile, .time, .infoFile, .introduction, .head,
      .reference:
      throw .notDirectory
    }
  }

  /// Finds names in a directory, with few looks at the store if it is that of a commit; nil for those
  /// that are not there now.
  public func lookup(_ names: [String], in directory: InodeNumber) -> [Entry?] {
    do {
      switch try node(directory) {
      case .commit(let number, let session):
        return try lookup(names, in: number, of: session) { versions throws(FilesystemError) in
          let counts = try links.counts(of: versions.map(\.id), areLookups: true)
          return try zip(versions, counts).map { version, count throws(FilesystemError) in
            try attributes(of: version, count)
          }
        }
      case .texts(let number?, let session):
        return try lookup(names, in: number, of: session) { versions throws(FilesystemError) in
          try textAttributes(of: versions, areLookups: true)
        }
      default: break
      }
    } catch {
      // What is wrong may be so with one name only.
    }
    return names.map { name in
      do { return try lookup(name, in: directory) } catch { return nil }
    }
  }

  private func lookup(
    _ names: [String], in number: CommitNumber, of session: SessionID,
    attributes: ([Version]) throws(FilesystemError) -> [Attributes]
  ) throws(FilesystemError) -> [Entry?] {
    let manifest = try manifest(of: number, in: session)
    let versions = try names.map { name throws(FilesystemError) in
      manifest.versions[try variable(name)]
    }
    var found = try attributes(versions.compactMap { $0 })[...]
    return versions.map { version in
      guard version != nil, let attributes = found.popFirst() else { return nil }
      return Entry(attributes: attributes, lifetime: .forever)
    }
  }

  /// Finds a version of a variable by the commit that introduced it.
  private func introduction(
    _ name: String, of variable: VariableName, _ serial: Int64, in session: SessionID
  ) throws(FilesystemError) -> Entry {
    let number = try number(name)
    let introduces = try backing.run { store throws(StoreError) in
      try store.introduces(variable, number, in: session)
    }
    guard introduces else { throw .notFound }
    return try entry(.introduction(serial: serial, number), untilRemoved)
  }

  private func lookup(
    _ name: String, in parent: SessionEntry, of session: SessionID
  ) throws(FilesystemError) -> Entry {
    switch parent {
    case .head, .commit, .log: throw .notDirectory
    case .commits: return try entry(.commit(number(name), session), untilRemoved)
    case .text where name == SessionEntry.workspace.rawValue:
      return try entry(.texts(nil, session), .forever)
    case .text: return try entry(.texts(number(name), session), untilRemoved)
    case .info: return try entry(.info(number(name), session), untilRemoved)
    case .byTime:
      guard let number = try commits.places(of: session).number(atTime: name) else {
        throw .notFound
      }
      return try entry(.time(number, session), untilRemoved)
    case .vars:
      let name = try variable(name)
      let isThere = try backing.run { store throws(StoreError) in
        try store.hasVariable(name, in: session)
      }
      guard isThere else { throw .notFound }
      return try entry(named(.variable(name, session)), .moment)
    case .branches, .tags:
      guard let name = try? ReferenceName(name) else { throw .notFound }
      return try entry(reference(parent == .tags ? .tag : .branch, name, of: session), .moment)
    case .workspace:
      let workspace = workspace(of: session)
      guard let file = try workspace.file(named: variable(name), isLookup: true) else {
        throw .notFound
      }
      return Entry(attributes: file.attributes, lifetime: .moment)
    }
  }

  /// Finds a session by its name.
  func session(_ name: String) throws(FilesystemError) -> Session {
    guard let name = try? SessionName(name) else { throw .notFound }
    do {
      return try backing.run { store throws(StoreError) in try store.session(name) }
    } catch .store(.noSuchSession) {
      throw .notFound
    }
  }

  func entry(_ node: Node, _ lifetime: Lifetime) throws(FilesystemError) -> Entry {
    Entry(attributes: try attributes(of: inode(node)), lifetime: lifetime)
  }

  /// Returns the node of what has a name.
  func named(_ named: NameTable.Named) -> Node { .named(serial: names.serial(of: named)) }

  /// Reads the name of a commit's directory: the number as it is written, and no other way.
  private func number(_ name: String) throws(FilesystemError) -> CommitNumber {
    guard let value = Int64(name), String(value) == name, let number = CommitNumber(value) else {
      throw .notFound
    }
    return number
  }

  /// Returns the version of a variable in a commit or, without a number, in the workspace.
  func version(
    of name: VariableName, in number: CommitNumber?, of session: SessionID
  ) throws(FilesystemError) -> Version? {
    if let number { return try manifest(of: number, in: session).versions[name] }
    return try workspace(of: session).version(of: name)
  }

  /// Returns what a commit binds.
  func manifest(
    of number: CommitNumber, in session: SessionID
  ) throws(FilesystemError) -> Manifest {
    try backing.run { store throws(StoreError) in try store.manifest(of: number, in: session) }
  }

  /// Checks the name of a variable.
  func variable(_ name: String) throws(FilesystemError) -> VariableName {
    guard name.utf8.count <= VariableName.byteLimit else { throw .nameTooLong }
    do {
      return try VariableName(name)
    } catch {
      throw .invalid
    }
  }
}
