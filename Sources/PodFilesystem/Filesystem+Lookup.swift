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
      return try entry(.session(session(name).id), .whileThere)
    case .session(let session):
      guard let found = SessionEntry(rawValue: name) else { throw .notFound }
      return try entry(.entry(found, session), found == .head ? .moment : .forever)
    case .entry(let parent, let session):
      return try lookup(name, in: parent, of: session)
    case .commit(let number, let session):
      guard let version = try manifest(of: number, in: session).versions[variable(name)] else {
        return nil
      }
      backing.remember(version)
      return Entry(attributes: try attributes(of: version), lifetime: .forever)
    case .texts(let number, let session):
      let name = try variable(name)
      guard let version = try version(of: name, in: number, of: session) else {
        if number != nil { return nil }
        throw .notFound
      }
      backing.remember(version)
      texts.note(name, of: version.id)
      return Entry(
        attributes: try textAttributes(of: version), lifetime: number == nil ? .moment : .forever)
    case .readme, .version, .text, .reference, .file, .newFile: throw .notDirectory
    }
  }

  private func lookup(
    _ name: String, in parent: SessionEntry, of session: SessionID
  ) throws(FilesystemError) -> Entry {
    switch parent {
    case .head, .commit, .log: throw .notDirectory
    case .commits: return try entry(.commit(number(name), session), .whileThere)
    case .text where name == SessionEntry.workspace.rawValue:
      return try entry(.texts(nil, session), .forever)
    case .text: return try entry(.texts(number(name), session), .whileThere)
    case .branches, .tags:
      guard let name = try? ReferenceName(name) else { throw .notFound }
      let reference = ReferenceTable.Reference(
        session: session, isTag: parent == .tags, name: name)
      return try entry(references.node(of: reference), .moment)
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

  private func entry(_ node: Node, _ lifetime: Lifetime) throws(FilesystemError) -> Entry {
    Entry(attributes: try attributes(of: inode(node)), lifetime: lifetime)
  }

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
