public import PodModel

/// The ways in which a session comes to have another commit checked out.
public enum Travel: Hashable, Sendable {
  /// To the commit that a revision means; the name of a branch checks the branch out.
  case checkout(Revision)
  /// To the parent of the commit that is checked out; its branch moves along.
  case undo
  /// Back to the commit that the last undo left.
  case redo
}

/// What a namespace at one commit must change to be at another.
public struct TravelPlan: Sendable {
  /// The commit that is checked out.
  public let start: CommitNumber?
  /// The commit that is to be.
  public let target: CommitNumber
  /// The variables of the target that are others there; of those that share objects all, if one is.
  public let loaded: [VariableName]
  /// The variables that the target does not have.
  public let removed: [VariableName]
  /// What the target could not keep.
  public let unsaved: [Unsaved]
}

extension Store {
  /// Returns what a namespace must change that is at the commit that is checked out.
  public func plan(_ travel: Travel, in session: SessionID) throws(StoreError) -> TravelPlan {
    let engine = engine
    return try engine.read { connection throws(StoreError) in
      let state = try connection.state(of: session)
      let target = try connection.target(of: travel, in: state)
      let before = try connection.headManifest(of: state, cache: engine.manifests)
      let after = try connection.headManifest(
        of: SessionState(session: state.session, head: Head(commit: target, branch: nil)),
        cache: engine.manifests)
      return TravelPlan(
        start: state.head.commit, target: target, loaded: after.names(unlike: before),
        removed: before.versions.keys.filter { after.versions[$0] == nil }.sorted(),
        unsaved: try connection.unsaved(of: target, in: session))
    }
  }

  /// Makes the workspace what another commit binds, and returns the commit's number.
  ///
  /// Uncommitted changes are lost if `force` is true, committed if there is a `message` for that,
  /// and an error otherwise.
  ///
  /// - Parameters:
  ///   - start: the commit that must be checked out, if one is given; else nothing moves.
  ///   - message: the message of a commit of the uncommitted changes, on top of `start`.
  @discardableResult
  public func travel(
    _ travel: Travel, in session: SessionID, from start: CommitNumber? = nil, force: Bool = false,
    committingAs message: String? = nil
  ) throws(StoreError) -> CommitNumber {
    let engine = engine
    let (target, made) = try engine.change { connection throws(StoreError) in
      var state = try connection.state(of: session)
      if let start, state.head.commit != start { throw .headMoved(state.session.name) }
      let target = try connection.target(of: travel, in: state)
      let changes = try connection.workspaceChanges(of: session).count
      var made: MadeCommit?
      if changes > 0 && !force {
        guard let message else { throw .uncommittedChanges(state.session.name, count: changes) }
        let note = CommitNote(message: message, time: CurrentProcess.now)
        made = try connection.commitWorkspace(note, state: &state)
      }
      try connection.discardWorkspace(of: session)
      try connection.move(to: target, by: travel, from: state)
      return (target, made)
    }
    if let made { engine.remember(made.changes, of: made.commit, in: session) }
    return target
  }

  /// Makes the workspace what a commit binds, and returns the commit's number.
  ///
  /// A revision that is the name of a branch checks the branch out: the next commit moves it.
  /// Uncommitted changes are lost if `force` is true, and an error otherwise.
  @discardableResult
  public func checkout(
    _ revision: Revision, in session: SessionID, force: Bool = false
  ) throws(StoreError) -> CommitNumber {
    try travel(.checkout(revision), in: session, force: force)
  }

  /// Makes a commit say something else; its digest goes on telling of what it said first.
  public func setMessage(
    _ message: String, of number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      guard try connection.point(of: number, in: session) != nil else {
        throw try connection.noSuchCommit(number, in: session)
      }
      try connection.run(
        "UPDATE commit_ SET edited = ? WHERE session = ? AND number = ?", message, session.row,
        number.value)
      try connection.seal(number, of: session)
      try connection.countRemoval()
    }
  }
}

/// Where a session goes.
extension Connection {
  fileprivate func target(
    of travel: Travel, in state: SessionState
  ) throws(StoreError) -> CommitNumber {
    let session = state.session
    switch travel {
    case .checkout(let revision): return try resolve(revision, in: state)
    case .undo:
      let parent = try state.head.commit.flatMap { head throws(StoreError) in
        try firstParent(of: head, in: session.id)
      }
      guard let parent else { throw .nothingToUndo(session.name) }
      return parent
    case .redo:
      guard let undone = try lastUndone(in: session.id) else { throw .nothingToRedo(session.name) }
      return undone
    }
  }

  /// Checks out the target of a travel.
  fileprivate func move(
    to target: CommitNumber, by travel: Travel, from state: SessionState
  ) throws(StoreError) {
    let session = state.session.id
    var branch = state.head.branch
    switch travel {
    case .checkout(let revision):
      branch = try self.branch(named: revision, in: state)
      try forgetUndone(in: session)
    case .undo:
      if let head = state.head.commit { try noteUndone(head, in: session) }
    case .redo: try removeLastUndone(in: session)
    }
    try setHead(Head(commit: target, branch: branch), of: session)
    if let branch { try setReference(branch, in: .branch, to: target, of: session) }
  }

  /// Returns the branch that is checked out with a revision: the one that it is the name of, or
  /// the present one for `HEAD`.
  private func branch(
    named revision: Revision, in state: SessionState
  ) throws(StoreError) -> ReferenceName? {
    guard revision.ancestors == 0 else { return nil }
    switch revision.base {
    case .head: return state.head.branch
    case .number, .time: return nil
    case .name(let text):
      return try references(.branch, of: state.session.id).keys.first { $0.text == text }
    }
  }

  // MARK: Undone commits

  /// Returns the commit that was left by the last undo, if nothing else has moved HEAD since.
  private func lastUndone(in session: SessionID) throws(StoreError) -> CommitNumber? {
    let number = try integer(
      """
      SELECT number FROM undone WHERE session = ?1 AND \(Seals.undone.isIntact) AND EXISTS (
        SELECT 1 FROM commit_ WHERE session = ?1 AND number = undone.number)
      ORDER BY position DESC LIMIT 1
      """, session.row)
    return number.flatMap { CommitNumber($0) }
  }

  private func noteUndone(
    _ number: CommitNumber, in session: SessionID
  ) throws(StoreError) {
    try run(
      """
      INSERT INTO undone (session, position, number)
      SELECT ?1, coalesce(max(position), 0) + 1, ?2 FROM undone WHERE session = ?1
      """, session.row, number.value)
    try run(Seals.undone.sealing(where: "session = ? AND seal IS NULL"), session.row)
  }

  private func removeLastUndone(in session: SessionID) throws(StoreError) {
    try run(
      """
      DELETE FROM undone WHERE session = ?1 AND position >= (
        SELECT max(position) FROM undone WHERE session = ?1 AND EXISTS (
          SELECT 1 FROM commit_ WHERE session = ?1 AND number = undone.number))
      """, session.row)
  }
}

extension Connection {
  /// Forgets what was undone, since HEAD moves elsewhere.
  func forgetUndone(in session: SessionID) throws(StoreError) {
    try run("DELETE FROM undone WHERE session = ?", session.row)
  }
}

extension Manifest {
  /// The names whose co-variables are not, as a whole, in `other`.
  fileprivate func names(unlike other: Manifest) -> [VariableName] {
    let counts = other.versions.values.reduce(into: [:]) { $0[$1.coVariable, default: 0] += 1 }
    return coVariables.filter { members in
      let pairs = members.map { (versions[$0], other.versions[$0]) }
      let isSame = pairs.allSatisfy { one, two in
        one?.content == two?.content && one?.root == two?.root
          && two?.coVariable == pairs[0].1?.coVariable
      }
      return !isSame || pairs[0].1.flatMap { counts[$0.coVariable] } != members.count
    }.flatMap(\.self)
  }
}
