public import PodModel
public import PodPickle

/// What a pod may be.
public enum PodLimits {
  /// The largest number of bytes in a pod.
  public static let byteLimit = 64 << 20
}

/// The right to add pods to a store, for as long as the body of ``Store/withWriter(_:)`` runs.
///
/// Each writer has a pack of its own, so writers do not wait for each other.
///
/// ## Invariants
///
/// 1. A pod becomes part of the store in the transaction of the `save` or `seal` that follows its
///    `put` in the same writer; its bytes are on the disk before. Without one it is dropped.
/// 2. A pod is not written if the index has it or this writer put it. Two writers may write the
///    same pod at once: the first row stays, the other bytes are garbage.
/// 3. What the writer took for stored is stored in the transaction that relies on it, though
///    collection may have run meanwhile; else the transaction fails with `podsCollected`.
public struct PodWriter: ~Copyable {
  private let engine: Engine
  private let digest = Digest()
  private var appender: PodAppender
  /// The names of the pods that were put since the last transaction.
  private var names: Set<PodID> = []
  /// The pods that may be bases once they are in the index.
  private var sites: [(site: PodSite, base: DeltaBases.Base)] = []
  private let reliance: Reliance
  /// How much may be put.
  let limits: StoreLimits
  /// How many collections there had been when the writer began.
  private var collections: Int64
  /// The pods that were found in the index since.
  private var hits: [PodID] = []
  /// How the pods that were looked up together are kept; nil for those that are not in the index.
  private var lookedUp: [PodID: Codec?] = [:]
  /// Whether something was taken for stored without looking at all of its pods.
  private var reliedOnMemory = false
  /// Why the writer can do no more: what it put may be lost.
  private var failure: StoreError?

  /// What a writer takes for stored, and does not write.
  enum Reliance {
    /// What the process remembers to have stored, whatever it needs.
    case memory
    /// What is in the index, pod by pod.
    case index
    /// Nothing: collection cannot take away what it relies on.
    case nothing

    /// What is left to try when collection was in the way.
    var next: Reliance? {
      switch self {
      case .memory: .index
      case .index: .nothing
      case .nothing: nil
      }
    }
  }

  init(engine: Engine, reliance: Reliance, collections: Int64, limits: StoreLimits) {
    self.engine = engine
    self.limits = limits
    self.reliance = reliance
    self.collections = collections
    appender = PodAppender(engine: engine)
  }

  /// Tells whether a pod may be taken for stored with all that it needs, as this process did once.
  mutating func relies(on pod: PodID) throws(StoreError) -> Bool {
    guard reliance == .memory else { return false }
    let isStored = try engine.withReader { connection throws(StoreError) in
      try connection.contains(pod)
    }
    if isStored { reliedOnMemory = true }
    return isStored
  }

  /// Tells whether what this process stored before may be taken for stored, without a look at it.
  mutating func reliesOnMemory() -> Bool {
    if reliance == .memory { reliedOnMemory = true }
    return reliance == .memory
  }

  /// Adds a pod and returns its name, reading the bytes in place.
  ///
  /// A pod that is already there is not written again. One that is like the pod put last at the same
  /// site may be kept as its difference from that.
  public mutating func put(
    _ bytes: RawSpan, at site: PodSite? = nil
  ) throws(StoreError) -> PodID {
    guard bytes.byteCount <= PodLimits.byteLimit else { throw .podTooLarge(bytes.byteCount) }
    let id = digest(bytes)
    let sites = site.map { [$0] } ?? []
    if try !isKnown(id, at: sites) { try append(id, bytes, at: sites) }
    return id
  }

  /// Adds a data pod whose name was computed elsewhere, and returns that.
  mutating func putData(
    _ pod: [UInt8], named id: PodID, at sites: [PodSite]
  ) throws(StoreError) -> PodID {
    guard pod.count <= PodLimits.byteLimit else { throw .podTooLarge(pod.count) }
    if try isKnown(id, at: sites) { return id }
    try pod.withSpan { pod throws(StoreError) in try append(id, pod, at: sites) }
    return id
  }

  /// Looks up pods that are about to be put, in a third of the time that it takes one by one.
  mutating func lookUp(_ ids: [PodID]) throws(StoreError) {
    guard reliance != .nothing, !ids.isEmpty else { return }
    let codecs = try engine.read { connection throws(StoreError) in
      try connection.codecs(of: ids)
    }
    lookedUp = Dictionary(zip(ids, codecs)) { first, _ in first }
  }

  /// Whether a pod is in the index or was put by this writer; it may be a base at its sites then.
  private mutating func isKnown(_ id: PodID, at sites: [PodSite]) throws(StoreError) -> Bool {
    if names.contains(id) { return true }
    guard reliance != .nothing else { return false }
    let codec =
      if let found = lookedUp[id] { found } else {
        try engine.withReader { connection throws(StoreError) in try connection.codec(of: id) }
      }
    guard let codec else { return false }
    hits.append(id)
    // How deep a delta lies is not known, so it is no base.
    if codec != .delta { note(DeltaBases.Base(whole: id), at: sites) }
    return true
  }

  private mutating func append(
    _ id: PodID, _ bytes: RawSpan, at sites: [PodSite]
  ) throws(StoreError) {
    let base =
      reliance == .nothing
      ? nil : sites.lazy.compactMap { [engine] in engine.deltaBases.base(at: $0) }.first
    let readBase = base.flatMap { read($0.id) }
    let isDelta = try appending { appender throws(StoreError) in
      try appender.append(id, bytes, base: readBase)
    }
    names.insert(id)
    if let room = limits.room, appender.pendingBytes > room {
      throw .storeFull(limit: limits.largestStore ?? 0)
    }
    if isDelta, let base {
      note(DeltaBases.Base(id, from: base), at: sites)
    } else {
      note(DeltaBases.Base(whole: id), at: sites)
    }
  }

  /// Runs `body`, and takes back what it put if that is more than the store may hold.
  mutating func putting<Result>(
    _ body: (inout PodWriter) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let (mark, sites) = (appender.mark, sites.count)
    do throws(StoreError) {
      return try body(&self)
    } catch {
      guard case .storeFull = error else { throw error }
      let failure = error
      for name in try appending({ appender throws(StoreError) in
        try appender.takeBack(to: mark)
      }) {
        names.remove(name)
      }
      self.sites.removeSubrange(sites...)
      throw failure
    }
  }

  private mutating func note(_ base: DeltaBases.Base, at sites: [PodSite]) {
    for site in sites { self.sites.append((site, base)) }
  }

  /// Adds a pod and returns its name.
  ///
  /// A pod that is already there is not written again.
  public mutating func put(
    _ bytes: [UInt8], at site: PodSite? = nil
  ) throws(StoreError) -> PodID {
    try bytes.withSpan { bytes throws(StoreError) in try put(bytes, at: site) }
  }

  /// A pod as a base; nil if it cannot be read, which is no fault of the pod that is put.
  private func read(_ id: PodID) -> DeltaBase? {
    do throws(StoreError) {
      return DeltaBase(id: id, bytes: try engine.bytes(of: id))
    } catch { return nil }
  }

  /// Commits a namespace that was captured elsewhere, in one durable transaction.
  ///
  /// The namespace is merged with what HEAD has become since its base: where the namespace differs
  /// from the base it is right, elsewhere HEAD is. Uncommitted changes of the workspace are
  /// committed by themselves before. A co-variable with the names, content and roots that it has in
  /// HEAD keeps its versions.
  public mutating func save(
    _ namespace: NewCommit, in session: SessionID
  ) throws(StoreError) -> SavedCommit {
    let engine = engine
    let (saved, changes) = try commit { connection throws(StoreError) in
      try connection.save(namespace, in: session, cache: engine.manifests)
    }
    if let changes { engine.remember(changes, of: saved.commit, in: session) }
    return saved
  }

  /// Binds a variable of the workspace to root 0 of `content`, in one durable transaction.
  ///
  /// If the variable has that value, or had it in the checked-out commit, it keeps that version.
  public mutating func seal(
    _ content: NewContent, as name: VariableName, in session: SessionID, with file: NewFile? = nil
  ) throws(StoreError) -> Version {
    let engine = engine
    return try commit { connection throws(StoreError) in
      try connection.seal(
        content, as: name, in: session, with: file, cache: engine.manifests)
    }
  }

  /// Flushes the pods, and adds them to the index in the transaction of `body`.
  private mutating func commit<Result: Sendable>(
    _ body: @Sendable (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let packs = try appending { appender throws(StoreError) in try appender.flush() }
    let pods = appender.pending
    let (hits, collections, reliedOnMemory) = (hits, collections, reliedOnMemory)
    let (result, seen) = try engine.change { connection throws(StoreError) in
      let seen = try connection.collections()
      if seen != collections {
        guard !reliedOnMemory, try connection.hasAll(hits, andBasesOf: pods) else {
          throw .podsCollected
        }
      }
      if !pods.isEmpty { try connection.insert(pods, in: packs) }
      return (try body(connection), seen)
    }
    self.collections = seen
    self.hits.removeAll()
    lookedUp.removeAll()
    self.reliedOnMemory = false
    appender.clear()
    names.removeAll()
    engine.deltaBases.note(sites)
    sites.removeAll()
    return result
  }

  private mutating func appending<Result>(
    _ body: (inout PodAppender) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    if let failure { throw failure }
    do throws(StoreError) {
      return try body(&appender)
    } catch {
      failure = error
      throw error
    }
  }

  /// Drops the pods that no transaction has added, and gives the pack to the next writer.
  consuming func finish() { appender.finish() }
}
