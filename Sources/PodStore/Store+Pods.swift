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
  /// Pods that are put and not followed by a `save` or `seal` of the writer are dropped.
  public func withWriter<Result>(
    _ body: (inout PodWriter) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    var writer = PodWriter(engine: engine)
    do throws(StoreError) {
      let result = try body(&writer)
      writer.finish()
      return result
    } catch {
      writer.finish()
      throw error
    }
  }
}

extension Engine {
  /// Returns the bytes of the pod named `id`, checked against the name.
  func bytes(of id: PodID) throws(StoreError) -> [UInt8] {
    let location = try withReader { connection throws(StoreError) in
      try connection.location(of: id)
    }
    guard let location else { throw .podNotFound(id) }
    let counts = 0...PodLimits.byteLimit
    guard counts.contains(location.count), counts.contains(location.storedCount) else {
      throw .podDamaged(id)
    }
    let stored = try storedBytes(of: id, at: location)
    guard stored.count == location.storedCount else { throw .podDamaged(id) }
    let bytes =
      switch location.codec {
      case .raw: stored
      case .zlib: Inflater.decompress(stored, count: location.count)
      }
    guard let bytes, bytes.withSpan({ Digest()($0) }) == id else { throw .podDamaged(id) }
    return bytes
  }

  private func storedBytes(
    of id: PodID, at location: PodLocation
  ) throws(StoreError) -> [UInt8] {
    do throws(StoreError) {
      return try packFiles.bytes(at: location) { () throws(StoreError) in
        let name = try withReader { connection throws(StoreError) in
          try connection.packName(location.pack)
        }
        guard let name else { throw .podDamaged(id) }
        return name
      }
    } catch {
      throw error.isMissingFile ? .podDamaged(id) : error
    }
  }
}
