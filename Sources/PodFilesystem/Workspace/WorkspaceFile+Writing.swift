import Glibc
import PodModel
import PodStore
import Synchronization

/// How much a copy between two files of the mount moves at most in one request.
private let copyLimit: Int64 = 128 << 20
private let copyStep = 1 << 20

/// How large a file can be on any disk; a larger one must not be larger than the disk of the store.
///
/// What is larger is a hole, mostly by mistake, and sealing reads it all.
private let sizeLimit: Int64 = 64 << 30

extension WorkspaceFile {
  /// Notes a handle that may write, after emptying the file if `truncating`.
  func open(_ handle: HandleNumber, truncating: Bool) throws(FilesystemError) {
    try enter(writer: handle)
    do throws(FilesystemError) {
      if truncating { try empty() } else { try hold() }
    } catch {
      release(handle)
      throw error
    }
  }

  /// Notes a handle that only reads.
  func open() throws(FilesystemError) {
    try enter(writer: nil)
    do throws(FilesystemError) {
      try hold()
    } catch {
      release()
      throw error
    }
  }

  private func enter(writer: HandleNumber?) throws(FilesystemError) {
    try state.withLock { state throws(FilesystemError) in
      // The caller came by a name that means something else by now; the kernel looks again.
      if state.binding == .superseded { throw .superseded }
      state.handles += 1
      if let writer { state.writers[writer] = Writer() }
    }
  }

  private func empty() throws(FilesystemError) {
    try changes.withLock { _ throws(FilesystemError) in
      let wasEmpty = changeBytes { state in
        guard state.bytes.count > 0 else { return true }
        state.bytes = .none
        state.times.noteWrite()
        if state.dirt != .written { state.dirt = .emptied }
        return false
      }
      if wasEmpty { try touch() }
    }
  }

  /// Takes a lease of the version that is shown, so that it can be read until the file is closed.
  private func hold() throws(FilesystemError) {
    guard case .prefix(of: let version, count: _, under: nil) = state.withLock({ $0.bytes }) else {
      return
    }
    let lease: Lease
    do {
      lease = try backing.lease(version)
    } catch .store(.podNotFound) {
      // It was replaced and collected since the caller found it; the kernel looks again.
      throw .superseded
    }
    state.withLock { state in
      if case .prefix(of: let now, let count, under: nil) = state.bytes, now.id == version.id {
        state.bytes = .prefix(of: version, count: count, under: lease)
      }
    }
  }

  /// Writes `bytes` at `offset` and returns how many were written; behind the end, zeros fill the
  /// gap.
  func write(
    _ bytes: Span<UInt8>, at offset: Int64, by handle: HandleNumber
  ) throws(FilesystemError) -> Int {
    try allowSize(of: Int64(bytes.count), at: offset)
    return try changes.withLock { _ throws(FilesystemError) in
      let staging: StagingFile
      let written: Int
      do throws(FilesystemError) {
        staging = try stage(state.withLock { $0.bytes.count })
        written = try staging.write(bytes, at: offset)
      } catch {
        state.withLock { $0.writers[handle]?.failure = error }
        throw error
      }
      noteChange(by: handle) { state in
        state.bytes = .staged(staging, count: max(state.bytes.count, offset + Int64(written)))
      }
      return written
    }
  }

  /// Cuts the file, or lets it grow with zeros; without a handle, the change is sealed at once.
  func resize(to size: Int64, by handle: HandleNumber?) throws(FilesystemError) {
    guard size >= 0 else { throw .invalid }
    try allowSize(of: size, at: 0)
    try changes.withLock { _ throws(FilesystemError) in
      let (old, isSuperseded) = state.withLock { state in
        (state.bytes, state.binding == .superseded)
      }
      if isSuperseded, handle == nil { throw .superseded }
      guard size != old.count else { return try touch() }
      let new: Bytes
      switch old {
      case _ where size == 0: new = .none
      case .prefix(of: let version, let count, let lease) where size < count:
        new = .prefix(of: version, count: size, under: lease)
      case .none, .prefix, .staged:
        let staging = try stage(min(size, old.count))
        try staging.truncate(to: size)
        new = .staged(staging, count: size)
      }
      noteChange(by: handle) { $0.bytes = new }
      if handle == nil, state.withLock({ $0.writers.isEmpty }) { try sealOrRevert() }
    }
  }

  /// Reserves room for a range, or makes it zeros; the file grows to the end of it, unless `mode`
  /// keeps its size.
  func allocate(
    _ count: Int64, at offset: Int64, _ mode: AllocationMode, by handle: HandleNumber
  ) throws(FilesystemError) {
    guard offset >= 0, count > 0 else { throw .invalid }
    try allowSize(of: count, at: offset)
    try changes.withLock { _ throws(FilesystemError) in
      let staging = try stage(state.withLock { $0.bytes.count })
      try staging.allocate(count, at: offset, mode)
      noteChange(by: handle) { state in
        let end = mode.contains(.keepingSize) ? 0 : offset + count
        state.bytes = .staged(staging, count: max(state.bytes.count, end))
      }
    }
  }

  /// Makes `version` the bytes of the file without reading it, if that is what the copy of the
  /// range comes to; false if bytes must be copied.
  ///
  /// The kernel asks for large files piece by piece, so a piece may continue the one before.
  func take(
    _ version: Version, at offset: Int64, to target: Int64, count: Int64, by handle: HandleNumber
  ) -> Bool {
    guard offset == target else { return false }
    return changes.withLock { _ in
      let bytes = state.withLock { $0.bytes }
      var lease: Lease?
      switch bytes {
      case .none where offset == 0: break
      case .prefix(of: let begun, count: offset, under: let held) where begun.id == version.id:
        lease = held
      case .none, .prefix, .staged: return false
      }
      // A small part is better staged than sealed as a part of a version nobody asked for.
      guard offset > 0 || count >= min(version.summary.size, copyLimit) else { return false }
      if lease == nil {
        // What cannot be held is copied, as far as it can be read.
        do { lease = try backing.lease(version) } catch { return false }
      }
      let end = offset + min(count, version.summary.size - offset)
      noteChange(by: handle) { $0.bytes = .prefix(of: version, count: end, under: lease) }
      return true
    }
  }

  /// Copies bytes that `read` gives, and returns how many there were.
  func copy(
    at offset: Int64, to target: Int64, count: Int64, by handle: HandleNumber,
    read: (Int64, Int) throws(FilesystemError) -> [UInt8]
  ) throws(FilesystemError) -> Int64 {
    guard target <= Int64.max - copyLimit, offset <= Int64.max - copyLimit else { throw .tooLarge }
    let count = min(count, copyLimit)
    var copied: Int64 = 0
    while copied < count {
      let bytes = try read(offset + copied, Int(min(Int64(copyStep), count - copied)))
      if bytes.isEmpty { break }
      let written = try write(bytes.span, at: target + copied, by: handle)
      copied += Int64(written)
      if written < bytes.count { break }
    }
    return copied
  }

  /// Throws if a file may not be so large that it has this range.
  private func allowSize(of count: Int64, at offset: Int64) throws(FilesystemError) {
    guard offset >= 0, offset <= Int64.max - count else { throw .tooLarge }
    guard offset + count > sizeLimit else { return }
    let disk = try DiskSpace(of: backing.store.path)
    let (size, isHuge) = disk.blocks.multipliedReportingOverflow(by: disk.blockSize)
    guard isHuge || offset + count <= size else { throw .tooLarge }
  }

  /// Returns the staging file, with the first `kept` bytes of the file in it.
  ///
  /// Called under `changes`.
  func stage(_ kept: Int64) throws(FilesystemError) -> StagingFile {
    let bytes = state.withLock { $0.bytes }
    if case .staged(let file, count: _) = bytes { return file }
    let file = try StagingFile(in: backing.store.directory, .staging)
    guard case .prefix(of: let version, count: _, under: let lease) = bytes else { return file }
    var done: Int64 = 0
    while done < kept {
      let step = Int(min(Int64(copyStep), kept - done))
      let piece = try backing.bytes(of: version, under: lease, at: done, count: step)
      guard !piece.isEmpty else { break }
      guard try file.write(piece.span, at: done) == piece.count else {
        throw .staging(ENOSPC)
      }
      done += Int64(piece.count)
    }
    return file
  }

  private func noteChange(by handle: HandleNumber?, _ change: (inout State) -> Void) {
    changeBytes { state in
      change(&state)
      state.dirt = .written
      state.abandoned = false
      state.times.noteWrite()
      if let handle { state.writers[handle] = Writer(wrote: true, closed: false) }
    }
  }
}
