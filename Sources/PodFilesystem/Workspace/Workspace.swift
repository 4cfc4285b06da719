import PodModel
import PodStore
import Synchronization

/// The live files of one session.
///
/// What the store binds is read again whenever any process has committed. Only files that the
/// kernel knows of, or that are not sealed, are kept here.
///
/// Locks, in the order in which they are taken: `naming`, then a file's `changes`, then `table`,
/// then a file's `state`. The store is called under the first two only.
final class Workspace: Sendable {
  let session: SessionID
  let backing: Backing
  /// Held over every change of names, and by who gives a name to another file.
  let naming = Mutex<Void>(())
  let table = Mutex(Table())
  let seals = SealCount()

  struct Table {
    /// The files by name; one that is no longer bound waits here to be replaced or forgotten.
    var names: [VariableName: WorkspaceFile] = [:]
    var files: [InodeNumber: WorkspaceFile] = [:]
    var view: WorkspaceView?
    /// The versions of a view.
    var bound: (dataVersion: Int64, versions: Set<VersionID>)?
    var lastSerial: Int64 = 0
    /// When a file was last made or removed through the mount.
    var lastNamed: FileTime?
  }

  init(session: SessionID, backing: Backing) {
    self.session = session
    self.backing = backing
  }

  /// When a file was last made or removed through the mount: the store knows of those that were sealed.
  var lastNamed: FileTime? { table.withLock { $0.lastNamed } }

  /// Returns the file with this number, if the kernel was told of it.
  func file(_ inode: InodeNumber) -> WorkspaceFile? { table.withLock { $0.files[inode] } }

  /// Returns the version that the store binds a name to now.
  func version(of name: VariableName) throws(FilesystemError) -> Version? {
    try entry(of: name)?.version
  }

  /// Returns what a name leads to in the store now.
  ///
  /// Only a listing reads all names, so that many changes, each followed by a lookup, do not
  /// make each other dearer.
  func entry(of name: VariableName) throws(FilesystemError) -> WorkspaceEntry? {
    let now = try backing.run { store throws(StoreError) in try store.dataVersion() }
    if let view = table.withLock({ $0.view }), view.dataVersion == now {
      guard let version = view.version(of: name) else { return nil }
      return try backing.run { store throws(StoreError) in
        let status = try store.fileStatus(of: name, in: session, bound: version.id)
        return WorkspaceEntry(version: version, status: status)
      }
    }
    return try backing.run { store throws(StoreError) in
      try store.workspaceEntry(of: name, in: session)
    }
  }

  /// Returns what the store binds now.
  func view() throws(FilesystemError) -> WorkspaceView {
    var before = try backing.run { store throws(StoreError) in try store.dataVersion() }
    if let view = table.withLock({ $0.view }), view.dataVersion == before { return view }
    // Commit and changes are two reads. When nothing was committed meanwhile they fit together.
    for _ in 0..<4 {
      let view = try backing.run { store throws(StoreError) in
        let head = try store.head(of: session).commit
        let base = try head.map { number throws(StoreError) in
          try store.manifest(of: number, in: session)
        }
        return WorkspaceView(
          dataVersion: before, base: base ?? Manifest(),
          changes: try store.workspaceChanges(of: session))
      }
      let after = try backing.run { store throws(StoreError) in try store.dataVersion() }
      if after == before {
        table.withLock { $0.view = view }
        return view
      }
      before = after
    }
    return try backing.run { store throws(StoreError) in
      WorkspaceView(dataVersion: before, base: try store.workspace(of: session), changes: [:])
    }
  }

  /// Returns the versions that the store binds now.
  func boundVersions() throws(FilesystemError) -> Set<VersionID> {
    let view = try view()
    let known = table.withLock { $0.bound }
    if let known, known.dataVersion == view.dataVersion { return known.versions }
    let versions = Set(view.versions.values.map(\.id))
    table.withLock { $0.bound = (view.dataVersion, versions) }
    return versions
  }
}

extension Workspace {
  /// Returns the file called `name`, and counts it as known to the kernel if `isLookup`.
  func file(
    named name: VariableName, isLookup: Bool
  ) throws(FilesystemError) -> WorkspaceFile? {
    let before = seals.value
    let bound = try entry(of: name)
    let known = table.withLock { $0.names[name] }
    if let known, known.shows(bound, asOf: before, isLookup: isLookup) { return known }
    return try naming.withLock { _ throws(FilesystemError) in
      try current(name, isLookup: isLookup)
    }
  }

  /// Returns the file called `name`; what another process bound to the name replaces a file that
  /// is not in use.
  ///
  /// Called under `naming`, so that only a seal can make the answer late; then the store is asked again.
  func current(
    _ name: VariableName, isLookup: Bool
  ) throws(FilesystemError) -> WorkspaceFile? {
    while true {
      let before = seals.value
      let bound = try entry(of: name)
      let known = table.withLock { $0.names[name] }
      if let known, known.shows(bound, asOf: before, isLookup: isLookup) { return known }
      guard before == seals.value else { continue }
      if let known, !known.leaveName(.superseded, unlessPinned: true) { continue }
      if let known {
        table.withLock { $0.names[name] = nil }
        forget(known.inode, count: 0)
      }
      guard let bound else { return nil }
      let preferred = Node.file(session, born: bound.version.id).inode
      let file = try add(name, preferring: preferred) { inode in
        WorkspaceFile(
          inode: inode, session: session, name: name, entry: bound, backing: backing,
          seals: seals)
      }
      if isLookup { file.state.withLock { $0.lookups += 1 } }
      return file
    }
  }

  /// Makes the file that a name leads to from now on.
  func add(
    _ name: VariableName, preferring preferred: InodeNumber?,
    make: (InodeNumber) -> WorkspaceFile
  ) throws(FilesystemError) -> WorkspaceFile {
    try table.withLock { table throws(FilesystemError) in
      var inode = preferred
      if let taken = inode, table.files[taken] != nil { inode = nil }
      if inode == nil {
        table.lastSerial += 1
        inode = Node.newFile(session, serial: table.lastSerial).inode
      }
      guard let inode else { throw .outOfNumbers }
      let file = make(inode)
      table.names[name] = file
      table.files[inode] = file
      return file
    }
  }

  /// Forgets `count` of the times that the kernel was told of a file, and the file with the last.
  func forget(_ inode: InodeNumber, count: UInt64) {
    table.withLock { table in
      guard let file = table.files[inode] else { return }
      let (name, isNeeded) = file.state.withLock { state in
        state.lookups -= min(count, state.lookups)
        return (state.name, state.lookups > 0 || state.isPinned)
      }
      guard !isNeeded else { return }
      table.files[inode] = nil
      if table.names[name] === file { table.names[name] = nil }
    }
  }

  /// Seals the files that were only made or emptied, and then closed, as far as the programs know
  /// that closed them: the kernel tells of the last close a moment later.
  func settle() {
    for file in table.withLock({ Array($0.names.values) }) where file.waitsForRelease {
      file.changes.withLock { _ in
        // As at the last close, nobody is there to be told; the file says so in the log.
        do { try file.seal() } catch {}
      }
    }
  }

  /// Lists the names: what the store binds, and what is not sealed yet.
  func items() throws(FilesystemError) -> [DirectoryItem] {
    // In this order, since what is sealed in between is still in the one or already in the other.
    let pending = table.withLock { $0.names.values.filter(\.isPending) }
    let bound = try view().versions
    var inodes = table.withLock { table in
      bound.reduce(into: [VariableName: InodeNumber]()) { inodes, entry in
        inodes[entry.key] =
          table.names[entry.key]?.inode ?? Node.file(session, born: entry.value.id).inode
      }
    }
    for file in pending {
      if let name = file.boundName { inodes[name] = file.inode }
    }
    return inodes.map { DirectoryItem(name: $0.text, inode: $1, kind: .file) }.sorted()
  }
}

extension WorkspaceFile {
  /// Whether the file is what its name leads to, now that the store binds the name to `bound`;
  /// if so and `isLookup`, counts it as known to the kernel.
  ///
  /// What another process set of the file besides its value is taken over, unless the file was
  /// changed since `count`, when the store was asked.
  fileprivate func shows(_ bound: WorkspaceEntry?, asOf count: Int, isLookup: Bool) -> Bool {
    state.withLock { state in
      let isBound = bound != nil && bound?.version.id == state.sealed?.id
      guard state.binding == .bound, state.isPinned || isBound else { return false }
      if let bound, isBound, !state.isPinned, count == seals.value {
        state.permissions = bound.permissions
        state.times = bound.times
      }
      if isLookup { state.lookups += 1 }
      return true
    }
  }

  /// Whether the name is shown though the store may not bind it.
  fileprivate var isPending: Bool { state.withLock { $0.binding == .bound && $0.isPinned } }

  /// Whether the file has no bytes to be sealed, and everyone who might have written some has
  /// closed it.
  fileprivate var waitsForRelease: Bool {
    state.withLock { $0.dirt == .emptied && $0.writers.values.allSatisfy(\.closed) }
  }

  /// The name that leads to the file, or nil if there is none any more.
  fileprivate var boundName: VariableName? {
    state.withLock { $0.binding == .bound ? $0.name : nil }
  }

  /// Parts the file from its name; false if `unlessPinned` and the file keeps it.
  @discardableResult
  func leaveName(_ binding: Binding, unlessPinned: Bool = false) -> Bool {
    state.withLock { state in
      guard !unlessPinned || state.binding != .bound || !state.isPinned else { return false }
      if state.binding == .bound {
        state.binding = binding
        state.times.changed = .now
      }
      return true
    }
  }
}
