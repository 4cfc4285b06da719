import PodModel
import PodStore
import Synchronization

/// What becomes of the name that a file is given.
public enum RenameMode: Sendable {
  /// The file that has it loses it.
  case replacing
  /// It must be free.
  case keeping
  /// The file that has it gets the other's.
  case exchanging
}

extension Workspace {
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
        table.withLock { $0.lastNamed = file.made }
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
        try file.keepAttributes()
        try unbind(name)
        file.leaveName(.removed)
      }
      table.withLock { table in
        table.names[name] = nil
        table.lastNamed = .now
      }
      forget(file.inode, count: 0)
    }
  }

  private func unbind(_ name: VariableName) throws(FilesystemError) {
    do {
      try backing.run { store throws(StoreError) in try store.remove(name, in: session) }
    } catch .store(.noSuchVariable) {
      // It was never sealed.
    }
  }

  /// Gives the file `name` the name `newName`.
  func rename(
    _ name: VariableName, to newName: VariableName, _ mode: RenameMode
  ) throws(FilesystemError) {
    try naming.withLock { _ throws(FilesystemError) in
      guard let file = try current(name, isLookup: false) else { throw .notFound }
      let other = try current(newName, isLookup: false)
      defer {
        forget(file.inode, count: 0)
        if let other { forget(other.inode, count: 0) }
      }
      switch mode {
      case .keeping where other != nil: throw .exists
      case .exchanging where other == nil: throw .notFound
      case .replacing, .keeping, .exchanging: break
      }
      guard let other else { return try move(file, from: name, to: newName) }
      guard other !== file else { return }
      // Nothing is sealed into the new name while it changes hands. The lock of the other file
      // is taken inside that of the first; only one rename of a session runs at a time.
      try other.changes.withLock { _ throws(FilesystemError) in
        if mode == .exchanging { return try exchange(file, name, other, newName) }
        try other.keepAttributes()
        try move(file, from: name, to: newName)
        other.leaveName(.removed)
      }
    }
  }

  private func move(
    _ file: WorkspaceFile, from name: VariableName, to newName: VariableName
  ) throws(FilesystemError) {
    try file.changes.withLock { _ throws(FilesystemError) in
      try file.seal()
      let status = file.renamedStatus
      try backing.run { store throws(StoreError) in
        try store.rename(name, to: newName, in: session, status: status)
      }
      seals.increment()
      table.withLock { table in
        table.names[name] = nil
        table.names[newName] = file
        file.take(newName, status)
      }
    }
  }

  /// Called under the `changes` of `other`.
  private func exchange(
    _ file: WorkspaceFile, _ name: VariableName, _ other: WorkspaceFile, _ otherName: VariableName
  ) throws(FilesystemError) {
    try file.changes.withLock { _ throws(FilesystemError) in
      try file.seal()
      try other.seal()
      let (status, otherStatus) = (file.renamedStatus, other.renamedStatus)
      try backing.run { store throws(StoreError) in
        try store.exchange(name, status, with: otherName, otherStatus, in: session)
      }
      seals.increment()
      table.withLock { table in
        table.names[name] = other
        table.names[otherName] = file
        file.take(otherName, status)
        other.take(name, otherStatus)
      }
    }
  }
}

extension WorkspaceFile {
  /// What the file is besides its value once it has another name.
  fileprivate var renamedStatus: FileStatus {
    var status = state.withLock { $0.status }
    status.times?.changed = .now
    return status
  }

  /// Has another name from now on.
  fileprivate func take(_ name: VariableName, _ status: FileStatus) {
    state.withLock { state in
      state.name = name
      state.times = status.times ?? state.times
    }
  }
}
