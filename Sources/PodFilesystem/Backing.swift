import PodModel
import PodStore
import Synchronization

/// The store as the filesystem uses it: with its errors, and with what was read lately at hand.
final class Backing: Sendable {
  let store: Store
  let options: FilesystemOptions
  /// Gets one line about each fault of the store or the disk, since an errno says too little.
  let report: @Sendable (String) -> Void
  private let state: Mutex<State>

  private struct State {
    var versions: Generations<VersionID, Version>
    var contents: Generations<VersionID, OnDemand<Content>>
    var sessions: [SessionID: Session] = [:]
    /// The number of removals when the sessions were read.
    var removals: Int64 = 0

    /// Takes five eighths of the limit; the rest is for texts.
    init(cacheLimit: Int) {
      versions = Generations(limit: cacheLimit / 8)
      contents = Generations(limit: cacheLimit / 2)
    }
  }

  init(
    store: Store, options: FilesystemOptions, report: @escaping @Sendable (String) -> Void
  ) {
    self.store = store
    self.options = options
    state = Mutex(State(cacheLimit: options.cacheLimit))
    self.report = report
  }

  /// The number of kept contents and their total size.
  var keptContents: (count: Int, byteCount: Int) { state.withLock { $0.contents.size } }

  /// Runs `body` on the store and makes its error one of the filesystem's.
  @discardableResult
  func run<Result>(
    _ body: (Store) throws(StoreError) -> Result
  ) throws(FilesystemError) -> Result {
    do {
      return try body(store)
    } catch { throw fault(error) }
  }

  /// Returns an error of the store as one of the filesystem, after a report of one that is a fault.
  private func fault(_ error: StoreError) -> FilesystemError {
    let error = FilesystemError.store(error)
    guard error.isFault else { return error }
    let cause = cause(of: error)
    report(cause.description)
    return cause
  }

  /// Returns why the store failed with `error`: one that was removed looks damaged.
  private func cause(of error: FilesystemError) -> FilesystemError {
    do { _ = try store.dataVersion() } catch .storeRemoved(let path) {
      return .store(.storeRemoved(path: path))
    } catch {}
    return error
  }

  /// Returns the row of a session, which never changes, but can go.
  func session(_ id: SessionID) throws(FilesystemError) -> Session {
    let removals = try run { store throws(StoreError) in try store.removals() }
    state.withLock { state in
      if state.removals != removals { state.sessions = [:] }
      state.removals = removals
    }
    if let known = state.withLock({ $0.sessions[id] }) { return known }
    let all = try run { store throws(StoreError) in try store.sessions() }
    return try state.withLock { state throws(FilesystemError) in
      for session in all { state.sessions[session.id] = session }
      guard let session = state.sessions[id] else { throw .notFound }
      return session
    }
  }

  /// Returns the row of a version.
  func version(_ id: VersionID) throws(FilesystemError) -> Version {
    if let known = state.withLock({ $0.versions.value(of: id) }) { return known }
    guard let version = try run({ store throws(StoreError) in try store.version(id) }) else {
      throw .notFound
    }
    remember(version)
    return version
  }

  /// Keeps the row of a version at hand, if it can no longer change.
  func remember(_ version: Version) {
    guard version.commit != nil else { return }
    state.withLock { $0.versions.keep(version, of: version.id, pointee: version.summary.pointee) }
  }

  /// Keeps the value of a version readable, though nothing binds it any more.
  ///
  /// What was removed and collected since the caller found it is superseded: the kernel looks again.
  func lease(_ version: Version) throws(FilesystemError) -> Lease {
    do {
      return try store.lease(version)
    } catch {
      if case .podNotFound = error,
        try run({ store throws(StoreError) in try store.version(version.id) }) == nil
      {
        throw .superseded
      }
      throw fault(error)
    }
  }

  /// Returns up to `count` bytes of the file of a version from `offset`; fewer only at the end.
  func bytes(
    of version: Version, under lease: Lease? = nil, at offset: Int64, count: Int
  ) throws(FilesystemError) -> [UInt8] {
    try ReadBuffer.bytes(capacity: count) { buffer throws(FilesystemError) in
      try read(version, under: lease, at: offset, count: count, into: &buffer)
    }
  }

  /// Appends up to `count` bytes of the file of a version from `offset`; fewer only at the end.
  ///
  /// - Parameter lease: what keeps the version readable though its commits be removed, if anything
  ///   does.
  func read(
    _ version: Version, under lease: Lease? = nil, at offset: Int64, count: Int,
    into buffer: inout ReadBuffer
  ) throws(FilesystemError) {
    let (slot, isNew) = state.withLock { state in
      if let slot = state.contents.value(of: version.id) { return (slot, false) }
      let slot = OnDemand<Content>()
      state.contents.keep(slot, of: version.id, pointee: OnDemand<Content>.footprint)
      return (slot, true)
    }
    let content = try slot.value { () throws(FilesystemError) in
      try run { store throws(StoreError) in
        let lease = if let lease { lease } else { try store.lease(version) }
        return store.open(version, under: lease)
      }
    }
    let before = content.memoryFootprint
    do throws(StoreError) {
      try content.read(at: offset, count: count, into: &buffer)
    } catch { throw fault(error) }
    let after = content.memoryFootprint
    if isNew || after != before {
      let pointee = after + OnDemand<Content>.footprint
      state.withLock { $0.contents.keep(slot, of: version.id, pointee: pointee) }
    }
  }
}

extension ValueSummary {
  /// How many bytes are allocated for it, about.
  fileprivate var pointee: Int {
    func bytes(_ text: String) -> Int { text.utf8.count < 16 ? 0 : 32 + text.utf8.count }
    return bytes(type) + (dtype.map(bytes) ?? 0) + (shape.map { 32 + 8 * $0.count } ?? 0)
  }
}
