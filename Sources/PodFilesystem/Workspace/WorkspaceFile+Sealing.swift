import Glibc
import PodModel
import PodStore
import Synchronization

extension WorkspaceFile {
  /// Answers to a close of one of the descriptors of `handle`: seals what was written, unless
  /// another program is not done writing yet.
  func flush(_ handle: HandleNumber, isKilled: () -> Bool) throws(FilesystemError) {
    try changes.withLock { _ throws(FilesystemError) in
      let (isDirty, isLast, wrote, failure) = state.withLock { state in
        state.writers[handle]?.closed = true
        let writer = state.writers[handle]
        // What has a part only of what was to be written is not published.
        if writer?.failure != nil, state.dirt != .none { state.abandoned = true }
        return (
          state.dirt == .written, state.writers.values.allSatisfy(\.closed),
          writer?.wrote ?? false, writer?.failure
        )
      }
      if let failure { throw failure }
      guard isDirty else { return }
      if isKilled() {
        state.withLock { $0.abandoned = true }
      } else if isLast, wrote || !state.withLock({ $0.abandoned }) {
        try seal()
      }
    }
  }

  /// Answers to fsync: what is there now becomes a version, whoever else writes.
  func synchronize() throws(FilesystemError) {
    try changes.withLock { _ throws(FilesystemError) in try seal() }
  }

  /// Ends a handle that may write; after the last one, what close could not settle is settled.
  func release(_ handle: HandleNumber) {
    defer { letGo() }
    changes.withLock { _ in
      let isLast = state.withLock { state in
        state.writers[handle] = nil
        state.handles -= 1
        return state.writers.isEmpty
      }
      guard isLast else { return }
      let (dirt, isAbandoned, isBound) = state.withLock { state in
        (state.dirt, state.abandoned, state.binding == .bound)
      }
      switch dirt {
      case .none: dropStaging()
      case _ where !isBound: break
      case .refused: revert()
      case .emptied, .written:
        if isAbandoned {
          setAside(because: "its writer was ended, or could not write all of it")
          revert()
        } else {
          do throws(FilesystemError) {
            try seal()
            dropStaging()
          } catch {
            setAside(because: error.description)
            revert()
          }
        }
      }
    }
  }

  /// Ends a handle that only reads.
  func release() {
    state.withLock { $0.handles -= 1 }
    letGo()
  }

  /// After the last handle, keeps nothing in the store from being collected.
  private func letGo() {
    changeBytes { state in
      if state.handles == 0, case .prefix(of: let version, let count, under: _) = state.bytes {
        state.bytes = .prefix(of: version, count: count, under: nil)
      }
    }
  }

  /// Notes that whoever wrote last will not close the file.
  func abandon() { state.withLock { $0.abandoned = true } }

  /// Seals a change that no handle will close, and takes it back if that fails.
  ///
  /// Called under `changes`.
  func sealOrRevert() throws(FilesystemError) {
    do {
      try seal()
      dropStaging()
    } catch {
      revert()
      throw error
    }
  }

  /// Makes the bytes a version, durably, and binds the name to it.
  ///
  /// Called under `changes`.
  func seal() throws(FilesystemError) {
    let now = state.withLock { $0 }
    guard now.dirt != .none, now.binding == .bound else { return }
    do {
      let version = try sealed(now)
      seals.increment()
      state.withLock { state in
        state.sealed = version
        state.dirt = .none
        state.abandoned = false
        state.attributes = [:]
      }
    } catch {
      state.withLock { $0.dirt = .refused }
      throw error
    }
  }

  private func sealed(_ now: State) throws(FilesystemError) -> Version {
    let new = NewFile(
      status: now.status, attributes: now.sealed == nil ? now.attributes : nil,
      named: now.sealed == nil ? made : nil)
    if case .prefix(of: let source, let count, under: _) = now.bytes, count == source.summary.size {
      // The same value as before, by emptying and copying: there is nothing new to keep.
      if let old = now.sealed, old.content == source.content, old.root == source.root {
        try remember(now.status, of: now.name, old)
        return old
      }
      return try backing.run { store throws(StoreError) in
        try store.copy(source, as: now.name, in: session, with: new)
      }
    }
    let staging = try stage(now.bytes.count)
    let version = try backing.run { store throws(StoreError) in
      try store.seal(fileAt: staging.path, as: now.name, in: session, with: new)
    }
    state.withLock { $0.bytes = .staged(staging, count: now.bytes.count) }
    return version
  }

  /// Reads from the version from now on, once no one may write.
  private func dropStaging() {
    let now = state.withLock { $0 }
    guard let sealed = now.sealed, case .staged(_, let count) = now.bytes,
      count == sealed.summary.size
    else { return }
    var lease: Lease?
    if now.handles > 0 {
      // If the version is gone already, the staged bytes are all that is left of it.
      do { lease = try backing.lease(sealed) } catch { return }
    }
    state.withLock { state in
      guard state.handles == 0 || lease != nil else { return }
      state.bytes = .prefix(of: sealed, count: count, under: lease)
    }
  }

  /// Leaves the name to what the store binds to it: the old version, or nothing.
  private func revert() {
    state.withLock { state in
      state.binding = .superseded
      state.dirt = .none
    }
  }

  /// Keeps bytes that nobody closed properly where a person finds them, and says so.
  private func setAside(because reason: String) {
    let (name, bytes) = state.withLock { ($0.name, $0.bytes) }
    guard case .staged(let file, count: _) = bytes else { return }
    let kept = "kept-\(Timestamp.now.fileName)-\(inode.value)"
    do {
      try file.keep(as: kept, in: backing.store.directory)
      backing.report(
        "the new bytes of '\(name)' were not published: \(reason); they are kept in "
          + "'\(backing.store.stagingPath)/\(kept)'")
    } catch {
      backing.report("the new bytes of '\(name)' are lost: \(reason), then: \(error)")
    }
  }
}
