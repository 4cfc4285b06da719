public import PodModel
import Synchronization

extension Store {
  /// Returns what the session has checked out.
  public func head(of session: SessionID) throws(StoreError) -> Head {
    try engine.read { connection throws(StoreError) in try connection.state(of: session).head }
  }

  /// Returns the commits with a number above `after`, ascending, at most `limit` of them.
  public func commits(
    of session: SessionID, after: CommitNumber? = nil, limit: Int? = nil
  ) throws(StoreError) -> [Commit] {
    try engine.read { connection throws(StoreError) in
      try connection.commits(
        of: session, after: after?.value ?? 0, limit: Int64(max(0, limit ?? .max)))
    }
  }

  /// Returns the commit with this number, or nil.
  public func commit(
    _ number: CommitNumber, of session: SessionID
  ) throws(StoreError) -> Commit? {
    try engine.read { connection throws(StoreError) in
      try connection.commit(number, of: session)
    }
  }

  /// Returns the code whose run made a commit, or nil if none is known.
  public func cell(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Cell? {
    try engine.read { connection throws(StoreError) in
      try connection.cell(of: number, in: session)
    }
  }

  /// Returns what a commit could not keep, in the order in which it was reported.
  public func unsaved(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> [Unsaved] {
    try engine.read { connection throws(StoreError) in
      try connection.unsaved(of: number, in: session)
    }
  }

  /// Returns what a commit was made in, a line for each thing; nil if nobody told.
  public func environment(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> String? {
    try engine.read { connection throws(StoreError) in
      try connection.environment(of: number, in: session)
    }
  }

  /// Returns where the commits with a number above `after` are, ascending.
  public func places(
    of session: SessionID, after: CommitNumber? = nil
  ) throws(StoreError) -> [CommitPlace] {
    try engine.withReader { connection throws(StoreError) in
      try connection.places(of: session, after: after?.value ?? 0)
    }
  }

  /// Returns the number of the commit that `revision` means.
  public func resolve(
    _ revision: Revision, in session: SessionID
  ) throws(StoreError) -> CommitNumber {
    try engine.read { connection throws(StoreError) in
      try connection.resolve(revision, in: try connection.state(of: session))
    }
  }

  /// Returns what a commit binds.
  ///
  /// It never changes, so the last few are kept in memory; that the commit is still there is asked
  /// of the database.
  public func manifest(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> Manifest {
    let engine = engine
    let key = ManifestCache.Key(session: session, number: number)
    if let known = engine.manifests.withLock({ $0.manifest(for: key) }),
      try engine.withReader({ connection throws(StoreError) in
        try connection.point(of: number, in: session) != nil
      })
    {
      return known
    }
    return try engine.read { connection throws(StoreError) in
      guard try connection.point(of: number, in: session) != nil,
        let manifest = try connection.manifest(of: number, in: session, cache: engine.manifests)
      else { throw try connection.noSuchCommit(number, in: session) }
      return manifest
    }
  }

  /// Returns what a commit binds, of some names only: a look at each, however many there are.
  public func manifest(
    of number: CommitNumber, in session: SessionID, names: some Collection<VariableName> & Sendable
  ) throws(StoreError) -> Manifest {
    try engine.read { connection throws(StoreError) in
      guard let point = try connection.point(of: number, in: session) else {
        throw try connection.noSuchCommit(number, in: session)
      }
      return try connection.manifest(at: point, of: names)
    }
  }

  /// Returns what a commit binds otherwise than its first parent: nil for a removed variable.
  public func changes(
    of number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> [VariableName: Version?] {
    try engine.read { connection throws(StoreError) in
      guard let point = try connection.point(of: number, in: session) else {
        throw try connection.noSuchCommit(number, in: session)
      }
      return try connection.bindings(at: point)
    }
  }

  /// Commits a namespace all of whose pods are in the store already; see ``PodWriter/save(_:in:)``.
  @discardableResult
  public func save(
    _ namespace: NewCommit, in session: SessionID
  ) throws(StoreError) -> SavedCommit {
    try withWriter { writer throws(StoreError) in try writer.save(namespace, in: session) }
  }
}

extension Connection {
  /// The error for a number that no commit of the session has.
  func noSuchCommit(
    _ number: CommitNumber, in session: SessionID
  ) throws(StoreError) -> StoreError {
    let name = try state(of: session).session.name
    guard let last = try lastNumber(of: session) else { return .noCommits(name) }
    return .noSuchRevision(Revision(base: .number(number)), name, last: last)
  }
}
