public import PodModel

extension Store {
  /// Returns the bytes of the pod named `id`, checked against the name.
  public func bytes(of id: PodID) throws(StoreError) -> [UInt8] {
    try engine.bytes(of: id)
  }

  /// Tells whether the pod named `id` is in the store.
  public func contains(_ id: PodID) throws(StoreError) -> Bool {
    try engine.withReader { connection throws(StoreError) in try connection.contains(id) }
  }

  /// Runs `body` with a writer of its own.
  ///
  /// Pods that are put and not followed by a `save` or `seal` of the writer are dropped. Where
  /// collection removed a pod that the body took for stored, the body runs again.
  public func withWriter<Result>(
    _ body: (inout PodWriter) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let engine = engine
    var reliance = PodWriter.Reliance.memory
    while true {
      let collections = try engine.withReader { connection throws(StoreError) in
        try connection.collections()
      }
      let limits = try engine.withReader { connection throws(StoreError) in
        try connection.limits()
      }
      if engine.sees(collections: collections) { forgetPods() }
      var writer = PodWriter(
        engine: engine, reliance: reliance, collections: collections, limits: limits)
      do throws(StoreError) {
        let result = try body(&writer)
        writer.finish()
        engine.compaction.wake(engine)
        return result
      } catch {
        writer.finish()
        guard case .podsCollected = error, let next = reliance.next else { throw error }
        reliance = next
      }
    }
  }

  /// Forgets which pods are stored: collection has been there.
  private func forgetPods() {
    knownBlobs.removeAll()
    lastCaptures.removeAll()
    engine.deltaBases.removeAll()
  }
}

extension Engine {
  /// Returns the bytes of the pod named `id`, checked against the name.
  ///
  /// - Parameter depth: how many pods are kept as differences from this one, directly or not, that
  ///   it is read for.
  func bytes(of id: PodID, depth: Int = 0) throws(StoreError) -> [UInt8] {
    if id.words == .zero { throw .valueLost }
    var last: PodLocation?
    var failure = StoreError.podDamaged(id)
    while let location = try location(of: id) {
      // Where it is not any more, compaction has moved it from; where it still is, it is damaged.
      guard location != last else { throw failure }
      do throws(StoreError) {
        return try bytes(of: id, at: location, depth: depth)
      } catch {
        switch error {
        case .podDamaged, .podNotFound: failure = error
        default: throw error
        }
      }
      last = location
    }
    throw .podNotFound(id)
  }

  private func location(of id: PodID) throws(StoreError) -> PodLocation? {
    try withReader { connection throws(StoreError) in try connection.location(of: id) }
  }

  private func bytes(
    of id: PodID, at location: PodLocation, depth: Int
  ) throws(StoreError) -> [UInt8] {
    let counts = 0...PodLimits.byteLimit
    guard counts.contains(location.count), counts.contains(location.storedCount) else {
      throw .podDamaged(id)
    }
    guard let stored = try storedBytes(at: location), stored.count == location.storedCount else {
      throw .podDamaged(id)
    }
    let bytes =
      switch location.codec {
      case .raw: stored
      case .zlib: Inflater.decompress(stored, count: location.count)
      case .delta: try applied(stored, count: location.count, for: id, depth: depth)
      }
    guard let bytes, bytes.withSpan({ Digest()($0) }) == id else { throw .podDamaged(id) }
    return bytes
  }

  /// Returns the bytes of a pod that is kept as a delta.
  private func applied(
    _ stored: [UInt8], count: Int, for id: PodID, depth: Int
  ) throws(StoreError) -> [UInt8]? {
    guard depth < 2 * DeltaBases.depthLimit, let prefix = Delta.base(of: stored) else {
      return nil
    }
    let bases = try withReader { connection throws(StoreError) in
      try connection.pods(beginning: prefix)
    }
    for base in bases where base != id {
      let bytes = try bytes(of: base, depth: depth + 1)
      if let whole = Delta.apply(stored[8...], to: bytes, count: count),
        bases.count == 1 || whole.withSpan({ Digest()($0) }) == id
      {
        return whole
      }
    }
    return nil
  }

  /// Returns the bytes at a location, or fewer at the end of the pack; nil if there is no such pack.
  func storedBytes(at location: PodLocation) throws(StoreError) -> [UInt8]? {
    try packFiles.bytes(at: location) { () throws(StoreError) in
      try withReader { connection throws(StoreError) in try connection.packName(location.pack) }
    }
  }
}
