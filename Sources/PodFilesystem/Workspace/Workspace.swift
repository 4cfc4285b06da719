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
  private let backing: Backing
  /// Held over every change of names, and by who gives a name to another file.
  private let naming = Mutex<Void>(())
  private let table = Mutex(Table())
  private let seals = SealCount()

  private struct Table {
    /// The files by name; one that is no longer bound waits here to be replaced or forgotten.
    var names: [VariableName: WorkspaceFile] = [:]
    var files: [InodeNumber: WorkspaceFile] = [:]
    var view: WorkspaceView?
    var lastSerial: Int64 = 0
  }

  init(session: SessionID, backing: Backing) {
    self.session = session
    self.backing = backing
  }

  /// Returns the file with this number, if the kernel was told of it.
  func file(_ inode: InodeNumber) -> WorkspaceFile? { table.withLock { $0.files[inode] } }

  /// Returns the version that the store binds a name to now.
  ///
  /// Only a listing reads all names, so that many changes, each followed by a lookup, do not
  /// make each other dearer.
  func version(of name: VariableName) throws(FilesystemError) -> Version? {
    let now = try backing.run { store throws(StoreError) in try store.dataVersion() }
    if let view = table.withLock({ $0.view }), view.dataVersion == now {
      return view.version(of: name)
    }
    return try backing.run { store throws(StoreError) in
      try store.workspaceVersion(of: name, in: session)
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
      WorkspaceView(
        dataVersion: before, base: try store.workspace(of: session), changes: [:])
    }
  }
}

extension Workspace {
  /// Returns the file called `name`, and counts it as known to the kernel if `isLookup`.
  func file(
    named name: VariableName, isLookup: Bool
  ) throws(FilesystemError) -> WorkspaceFile? {
    let bound = try version(of: name)
    if let file = table.withLock({ $0.names[name] }), file.shows(bound, isLookup: isLookup) {
      return file
    }
    return try naming.withLock { _ throws(FilesystemError) in
      try current(name, isLookup: isLookup)
    }
  }

  /// Returns the file called `name`; what another process bound to the name replaces a file that
  /// is not in use.
  ///
  /// Called under `naming`, so that only a seal can make the answer late; then the store is asked again.
  private func current(
    _ name: VariableName, isLookup: Bool
  ) throws(FilesystemError) -> WorkspaceFile? {
    while true {
      let before = seals.value
      let bound = try version(of: name)
      let known = table.withLock { $0.names[name] }
      if let known, known.shows(bound, isLookup: isLookup) { return known }
      guard before == seals.value else { continue }
      if let known, !known.leaveName(.superseded, unlessPinned: true) { continue }
      if let known {
        table.withLock { $0.names[name] = nil }
        forget(known.inode, count: 0)
      }
      guard let bound else { return nil }
      let file = try add(name, preferring: Node.file(session, born: bound.id).inode) { inode in
        WorkspaceFile(
          inode: inode, session: session, name: name, version: bound, backing: backing,
          seals: seals)
      }
      if isLookup { file.state.withLock { $0.lookups += 1 } }
      return file
    }
  }

  private func add(
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

  /// Makes an empty file, or opens the one that is there; the kernel is told of it.
  func create(
    _ name: VariableName, permissions: UInt32, handle: HandleNumber, isExclusive: Bool,
    truncating: Bool
  ) throws(FilesystemError) -> WorkspaceFile {
    try naming.withLock { _ throws(FilesystemError) in
      let known = try current(name, isLookup: false)
      defer { if let known { forget(known.inode, count: 0) } }
      guard known == nil || !isExclusive else { throw .exists }
      let file: WorkspaceFile
      if let known {
        file = known
      } else {
        file = try add(name, preferring: nil) { inode in
          WorkspaceFile(
            inode: inode, session: session, name: name, permissions: permissions,
            backing: backing, seals: seals)
        }
      }
      try file.open(handle, truncating: truncating)
      file.state.withLock { $0.lookups += 1 }
      return file
    }
  }

  /// Removes a name; a file that is open goes on without one.
  func remove(_ name: VariableName) throws(FilesystemError) {
    try naming.withLock { _ throws(FilesystemError) in
      guard let file = try current(name, isLookup: false) else { throw .notFound }
      try file.changes.withLock { _ throws(FilesystemError) in
        try unbind(name)
        file.leaveName(.removed)
      }
      table.withLock { $0.names[name] = nil }
      forget(file.inode, count: 0)
    }
  }

  /// Gives the file `name` the name `newName`, in place of one that has it.
  func rename(
    _ name: VariableName, to newName: VariableName, replacing: Bool
  ) throws(FilesystemError) {
    try naming.withLock { _ throws(FilesystemError) in
      guard let file = try current(name, isLookup: false) else { throw .notFound }
      let replaced = try current(newName, isLookup: false)
      defer {
        forget(file.inode, count: 0)
        if let replaced { forget(replaced.inode, count: 0) }
      }
      guard replacing || replaced == nil else { throw .exists }
      guard let replaced, replaced !== file else {
        if replaced == nil { try move(file, from: name, to: newName) }
        return
      }
      // Nothing is sealed into the new name while it changes hands. The lock of the replaced file
      // is taken inside that of the other; only one rename of a session runs at a time.
      try replaced.changes.withLock { _ throws(FilesystemError) in
        try move(file, from: name, to: newName)
        replaced.leaveName(.removed)
      }
    }
  }

  private func move(
    _ file: WorkspaceFile, from name: VariableName, to newName: VariableName
  ) throws(FilesystemError) {
    try file.changes.withLock { _ throws(FilesystemError) in
      try file.seal()
      try backing.run { store throws(StoreError) in
        try store.rename(name, to: newName, in: session)
      }
      table.withLock { table in
        table.names[name] = nil
        table.names[newName] = file
        file.state.withLock { $0.name = newName }
      }
    }
  }

  /// Forgets `count` of the times that the kernel was told of a file, and the file with the last.
  func forget(_ inode: InodeNumber, count: UInt64) {
    table.withLock { table in
      guard let file = table.files[inode] else { return }
      let (name, isNeeded) = file.state.withLock { state in
        state.lookups -= min(count, state.lookups)
        let isRemembered = state.isRemembered && state.binding == .bound
        return (state.name, state.lookups > 0 || state.isPinned || isRemembered)
      }
      guard !isNeeded else { return }
      table.files[inode] = nil
      if table.names[name] === file { table.names[name] = nil }
    }
  }

  /// Lists the names: what the store binds, and what is not sealed yet.
  func items() throws(FilesystemError) -> [DirectoryItem] {
    let bound = try view().versions
    return table.withLock { table in
      var pending = table.names.filter { $0.value.isPending }
      var items: [DirectoryItem] = []
      for (name, version) in bound {
        pending[name] = nil
        let inode = table.names[name]?.inode ?? Node.file(session, born: version.id).inode
        guard let inode else { continue }
        items.append(DirectoryItem(name: name.text, inode: inode, kind: .file))
      }
      for (name, file) in pending {
        items.append(DirectoryItem(name: name.text, inode: file.inode, kind: .file))
      }
      return items.sorted()
    }
  }

  private func unbind(_ name: VariableName) throws(FilesystemError) {
    do {
      try backing.run { store throws(StoreError) in try store.remove(name, in: session) }
    } catch .store(.noSuchVariable) {
      // It was never sealed.
    }
  }
}

extension WorkspaceFile {
  /// Whether the file is what its name leads to, now that the store binds the name to `bound`;
  /// if so and `isLookup`, counts it as known to the kernel.
  fileprivate func shows(_ bound: Version?, isLookup: Bool) -> Bool {
    state.withLock { state in
      let isBound = bound != nil && bound?.id == state.sealed?.id
      guard state.binding == .bound, state.isPinned || isBound else { return false }
      if isLookup { state.lookups += 1 }
      return true
    }
  }

  /// Whether the name is shown though the store may not bind it.
  fileprivate var isPending: Bool { state.withLock { $0.binding == .bound && $0.isPinned } }

  /// Parts the file from its name; false if `unlessPinned` and the file keeps it.
  @discardableResult
  fileprivate func leaveName(_ binding: Binding, unlessPinned: Bool = false) -> Bool {
    state.withLock { state in
      guard !unlessPinned || state.binding != .bound || !state.isPinned else { return false }
      if state.binding == .bound { state.binding = binding }
      return true
    }
  }
}
