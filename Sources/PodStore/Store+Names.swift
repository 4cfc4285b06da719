public import PodModel
import Synchronization

/// How many names of commits a version has, and what else of its file can change.
public struct VersionLinks: Hashable, Sendable {
  /// The number of commits that bind it, once for each name.
  public internal(set) var count = 0
  /// Whether the next commit may bind it, too; otherwise only one on an old commit can.
  public internal(set) var isGrowing = false
  /// The session whose commits these are; nil if there are none.
  public internal(set) var session: SessionID?
  /// The permissions of its file in a workspace.
  public internal(set) var permissions = FileStatus.usualPermissions
}

extension Store {
  /// Returns how many names of commits a version has.
  public func links(of version: VersionID) throws(StoreError) -> VersionLinks {
    try links(of: [version])[0]
  }

  /// Returns how many names of commits each version has, all at one moment.
  public func links(of versions: [VersionID]) throws(StoreError) -> [VersionLinks] {
    let engine = engine
    return try engine.read { connection throws(StoreError) in
      var known: [SessionID: CommitLines] = [:]
      var links: [VersionLinks] = []
      for version in versions {
        let found = try connection.links(of: version) { session throws(StoreError) in
          if let lines = known[session] { return lines }
          let lines = try engine.lines(of: session, on: connection)
          known[session] = lines
          return lines
        }
        links.append(found)
      }
      return links
    }
  }

  /// Returns those of some versions that a commit has.
  public func committed(among versions: [VersionID]) throws(StoreError) -> Set<VersionID> {
    try engine.read { connection throws(StoreError) in
      var committed: Set<VersionID> = []
      for version in versions {
        let found = try connection.integer(
          "SELECT 1 FROM binding INDEXED BY binding_of_version WHERE version = ? LIMIT 1",
          version.row)
        if found != nil { committed.insert(version) }
      }
      return committed
    }
  }

  /// Returns the names of all variables that the session ever committed, in the order of bytes.
  public func variableNames(of session: SessionID) throws(StoreError) -> [VariableName] {
    try readLines(of: session) { connection, lines throws(StoreError) in
      try connection.variableNames(in: lines)
    }.sorted()
  }

  /// Tells whether the session ever committed a variable called `name`.
  public func hasVariable(
    _ name: VariableName, in session: SessionID
  ) throws(StoreError) -> Bool {
    try readLines(of: session) { connection, lines throws(StoreError) in
      try connection.binds(name, in: lines)
    }
  }

  /// Returns the first commit with each version of a variable, ascending.
  public func introductions(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> [CommitNumber] {
    try readLines(of: session) { connection, lines throws(StoreError) in
      try connection.introductions(of: name, in: lines)
    }
  }

  /// Returns the versions of a variable, each with the first commit that has it, ascending.
  public func history(
    of name: VariableName, in session: SessionID
  ) throws(StoreError) -> [(commit: Commit, version: Version)] {
    let found = try readLines(of: session) { connection, lines throws(StoreError) in
      var versions: [(commit: Commit, version: Version)] = []
      for number in try connection.introductions(of: name, in: lines) {
        let found = try connection.version(of: name, introducedBy: number, in: session)
        if let found { versions.append(found) }
      }
      return versions
    }
    if found.isEmpty { throw .noSuchVariable(name) }
    return found
  }

  /// Tells whether a commit is the first one with its version of a variable.
  public func introduces(
    _ name: VariableName, _ number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Bool {
    try readLines(of: session) { connection, lines throws(StoreError) in
      try connection.introduces(name, number, in: session, lines: lines)
    }
  }

  private func readLines<Result: Sendable>(
    of session: SessionID,
    _ body: @Sendable (borrowing Connection, CommitLines) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let engine = engine
    return try engine.read { connection throws(StoreError) in
      try body(connection, engine.lines(of: session, on: connection))
    }
  }
}

extension Connection {
  fileprivate func version(
    of name: VariableName, introducedBy number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> (commit: Commit, version: Version)? {
    guard let point = try point(of: number, in: session),
      let version = try manifest(at: point, of: [name]).versions[name],
      let commit = try commit(number, of: session)
    else { return nil }
    return (commit, version)
  }
}

extension Engine {
  /// Returns which commits stand on which lines of a session.
  func lines(
    of session: SessionID, on connection: borrowing Connection
  ) throws(StoreError) -> CommitLines {
    // Taken out, so that what is added to it is not added to a copy.
    let known = commitLines.withLock { $0.removeValue(forKey: session) }
    let lines = try CommitLines(of: session, after: known, on: connection)
    commitLines.withLock { known in
      if known.count >= Self.knownLines { known = [:] }
      known[session] = lines
    }
    return lines
  }
}
