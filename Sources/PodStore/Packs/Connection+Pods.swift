import PodModel

/// The index of pods: where the bytes of each are.
extension Connection {
  /// Returns where the pod is, or nil if it is not in the store.
  func location(of id: PodID) throws(StoreError) -> PodLocation? {
    var select = try prepare(
      "SELECT pack, position, stored, length, codec FROM pod WHERE id = ?", id)
    guard try select.step() else { return nil }
    guard let codec = Codec(rawValue: select.integer(4)) else { throw .unknownCodec(id) }
    return PodLocation(
      pack: select.integer(0), position: select.integer(1),
      storedCount: Int(select.integer(2)), count: Int(select.integer(3)), codec: codec)
  }

  /// Returns where pods are; nil for those that are not in the store or kept in an unknown way.
  func locations(of ids: [PodID]) throws(StoreError) -> [PodLocation?] {
    var locations: [PodLocation?] = []
    locations.reserveCapacity(ids.count)
    for id in ids {
      do throws(StoreError) {
        locations.append(try location(of: id))
      } catch {
        guard case .unknownCodec = error else { throw error }
        locations.append(nil)
      }
    }
    return locations
  }

  /// Returns how the pod is kept, or nil if it is not in the store.
  func codec(of id: PodID) throws(StoreError) -> Codec? {
    var select = try prepare("SELECT codec FROM pod WHERE id = ?", id)
    return try select.step() ? Codec(rawValue: select.integer(0)) : nil
  }

  /// Returns how pods are kept; nil for those that are not in the store.
  func codecs(of ids: [PodID]) throws(StoreError) -> [Codec?] {
    var codecs: [Codec?] = []
    codecs.reserveCapacity(ids.count)
    for id in ids { codecs.append(try codec(of: id)) }
    return codecs
  }

  /// Returns the pods whose names begin with these 64 bits: one, but for chance or malice.
  func pods(beginning prefix: UInt64) throws(StoreError) -> [PodID] {
    let first = PodID(words: SIMD4(prefix, 0, 0, 0))
    let last = PodID(words: SIMD4(prefix, .max, .max, .max))
    var select = try prepare("SELECT id FROM pod WHERE id BETWEEN ? AND ? LIMIT 8", first, last)
    var pods: [PodID] = []
    while try select.step() {
      if let pod = PodID(bytes: select.bytes(0)) { pods.append(pod) }
    }
    return pods
  }

  /// Tells whether the pod is in the store.
  func contains(_ id: PodID) throws(StoreError) -> Bool {
    var select = try prepare("SELECT 1 FROM pod WHERE id = ?", id)
    return try select.step()
  }

  /// How many transactions have removed pods.
  func collections() throws(StoreError) -> Int64 {
    try setting("collections") ?? 0
  }

  /// Tells whether pods are in the store, and those that others are kept as differences from.
  func hasAll(_ ids: [PodID], andBasesOf pods: [PodRow]) throws(StoreError) -> Bool {
    for id in ids where try !contains(id) { return false }
    for pod in pods {
      if let base = pod.base, try self.pods(beginning: base).isEmpty { return false }
    }
    return true
  }

  /// Returns the name of a pack's file.
  func packName(_ pack: Int64) throws(StoreError) -> String? {
    var select = try prepare("SELECT name FROM pack WHERE id = ?", pack)
    return try select.step() ? try select.packName(0) : nil
  }

  /// Adds packs, or notes how long they are now; returns the keys of their rows.
  func insert(_ packs: [WrittenPack]) throws(StoreError) -> [Int64] {
    var rows: [Int64] = []
    for pack in packs {
      let row = try integer(
        """
        INSERT INTO pack (name, bytes) VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes RETURNING id
        """, pack.name, pack.bytes)
      rows.append(row ?? 0)
    }
    return rows
  }

  /// Adds pods to the index; another writer's pods of the same names win.
  func insert(_ pods: [PodRow], in packs: [WrittenPack]) throws(StoreError) {
    let rows = try insert(packs)
    var insert = try prepare(
      """
      INSERT OR IGNORE INTO pod (id, pack, position, stored, length, codec, base, leaf)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """)
    for pod in pods {
      let at = pod.location
      try insert.run(
        pod.id, rows[Int(at.pack)], at.position, Int64(at.storedCount), Int64(at.count),
        at.codec.rawValue, pod.base.map { Int64(bitPattern: $0) },
        pod.isLeaf.map { $0 ? 1 : 0 })
    }
  }
}
