import PodModel
import Synchronization

/// Changes of a session that need new versions, within a transaction.
extension Connection {
  /// Commits a namespace; see ``PodWriter/save(_:in:)``.
  func save(
    _ namespace: NewCommit, in session: SessionID, cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> (SavedCommit, changes: [VariableName: Version?]?) {
    var state = try state(of: session)
    let time = namespace.time ?? CurrentProcess.now
    let merge = try merge(namespace, state: &state, time: time, cache: cache)
    if namespace.onlyIfChanged, merge.changesNothing, let head = state.head.commit,
      let commit = try commit(head, of: session)
    {
      return (SavedCommit(commit: commit, isNew: false, adopted: merge.adopted), nil)
    }
    var cell = namespace.cell
    cell?.reads?.moveElsewhere(merge.unseen)
    let note = CommitNote(
      message: namespace.message, cell: cell, unsaved: namespace.unsaved,
      environment: namespace.environment, time: time)
    let permissions = try permissions(of: merge.added.flatMap(\.names.keys), in: state)
    let made = try makeCommit(note, state: &state) { number throws(StoreError) in
      var changes: [VariableName: Version?] = [:]
      for name in merge.removed {
        changes[name] = .some(nil)
        try forgetFile(name, in: session)
      }
      for coVariable in merge.added {
        let versions = try insertVersions(
          of: coVariable, in: session, commit: number, time: time, permissions: permissions)
        for (name, version) in versions { changes[name] = .some(version) }
      }
      return changes
    }
    return (SavedCommit(commit: made.commit, isNew: true, adopted: merge.adopted), made.changes)
  }

  /// Finds what a namespace changes; uncommitted changes of the workspace are committed before.
  private func merge(
    _ namespace: NewCommit, state: inout SessionState, time: Timestamp,
    cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> NamespaceMerge {
    let session = state.session.id
    let hasChanges = try hasWorkspaceChanges(session)
    if let changes = namespace.changes, !hasChanges, try isHead(changes.since, of: state),
      namespace.base == nil || namespace.base == NamespaceBase(commit: changes.since.number)
    {
      return NamespaceMerge(changes)
    }
    var head = try headManifest(of: state, cache: cache)
    let base = try baseManifest(namespace.base, head: head, in: session, cache: cache)
    if hasChanges {
      let note = CommitNote(message: "workspace changes", time: time)
      head = head.changed(by: try commitWorkspace(note, state: &state).changes)
    }
    return try NamespaceMerge(namespace.coVariables, base: base, head: head)
  }

  private func isHead(_ commit: Commit, of state: SessionState) throws(StoreError) -> Bool {
    guard state.head.commit == commit.number else { return false }
    return try self.commit(commit.number, of: state.session.id)?.digest == commit.digest
  }

  /// Binds a variable of the workspace to root 0 of a content; `file` is what brings it, if one does.
  func seal(
    _ content: NewContent, as name: VariableName, in session: SessionID, with file: NewFile?,
    cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> Version {
    let head = try headManifest(of: try state(of: session), cache: cache)
    let permissions = try permissions(of: name, in: session, head: head, with: file, else: nil)
    var version = try present(name, holding: content.id, root: 0, in: session, head: head)
    if version == nil {
      let new = NewCoVariable(content: content, names: [name: 0])
      version =
        try insertVersions(of: new, in: session, commit: nil, time: CurrentProcess.now)[name]
    }
    guard let version else { throw damaged }
    try setPermissions(permissions, of: version.id)
    try bind(name, to: version, in: session, head: head, namedAt: file?.named)
    try note(file, of: name, in: session, bound: version.id)
    return version
  }

  /// Binds a variable of the workspace to the value of a version of any session; `file` is what
  /// brings it, if one does.
  func copy(
    _ version: Version, as name: VariableName, in session: SessionID, with file: NewFile?,
    cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> Version {
    let head = try headManifest(of: try state(of: session), cache: cache)
    let permissions = try permissions(
      of: name, in: session, head: head, with: file, else: version.id)
    let copy =
      if let present = try present(
        name, holding: version.content, root: version.root, in: session, head: head)
      {
        present
      } else {
        try insertCopy(of: version, called: name, in: session, time: CurrentProcess.now)
      }
    try setPermissions(permissions, of: copy.id)
    try bind(name, to: copy, in: session, head: head, namedAt: file?.named)
    try note(file, of: name, in: session, bound: copy.id)
    return copy
  }

  /// Returns the permissions of the next version of a name: a new file's own, else those that the
  /// name has, else the file's, or those of the version that is copied.
  private func permissions(
    of name: VariableName, in session: SessionID, head: Manifest, with file: NewFile?,
    else copied: VersionID?
  ) throws(StoreError) -> UInt32 {
    var permissions = file?.status.permissions
    let bound = try workspaceChange(of: name, in: session) ?? head.versions[name]
    if let bound {
      if permissions == nil || file?.attributes == nil {
        permissions = try self.permissions(of: bound.id)
      }
    } else if let copied, permissions == nil {
      permissions = try self.permissions(of: copied)
    }
    return permissions ?? FileStatus.usualPermissions
  }

  private func hasWorkspaceChanges(_ session: SessionID) throws(StoreError) -> Bool {
    try integer("SELECT 1 FROM workspace WHERE session = ? LIMIT 1", session.row) != nil
  }

  /// Returns what the base of a namespace binds; without one, what the checked-out commit does.
  ///
  /// A change of the workspace that was itself replaced since counts as none.
  private func baseManifest(
    _ base: NamespaceBase?, head: Manifest, in session: SessionID,
    cache: borrowing Mutex<ManifestCache>
  ) throws(StoreError) -> Manifest {
    guard let base else { return head }
    var manifest = Manifest()
    if let commit = base.commit {
      guard let found = try self.manifest(of: commit, in: session, cache: cache) else {
        if try commit < lastNumber(of: session) ?? commit {
          throw .baseRemoved(commit, try state(of: session).session.name)
        }
        throw .invalidCommit(reason: "its base, commit \(commit), does not exist")
      }
      manifest = found
    }
    for (name, id) in base.changes {
      manifest.versions[name] = if let id { try version(id) } else { nil }
    }
    return manifest
  }
}
