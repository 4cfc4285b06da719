import PodModel

/// Finds pods in the files of packs, whatever the index says of them.
///
/// The records of a pack say how their pods are kept, and the digest of a pod is its name. Where a
/// record is damaged, the next one that the index knows is taken for the next.
struct PackScan {
  private let engine: Engine
  /// Where pods were found that the index does not have.
  private var found: [PodRow] = []
  /// Records of pods that are kept as differences from pods that are not there.
  private var waiting: [PodLocation] = []

  init(engine: Engine) { self.engine = engine }

  /// Looks through the first `end` bytes of the file of a pack.
  mutating func look(
    through file: borrowing File, pack: Int64, to end: Int64, known: [PodLocation]
  ) throws(StoreError) {
    var position = Int64(PackFormat.header.count)
    var known = known[...]
    while position < end {
      var location = try PackFormat.location(ofRecordAt: position, in: file, pack: pack)
      if location.map({ $0.position + Int64($0.storedCount) > end }) ?? true {
        known = known.drop { $0.position < position }
        location = known.popFirst()
      }
      guard let location else { return }
      position = location.position + Int64(location.storedCount)
      try look(at: location, stored: try file.read(location.storedCount, at: location.position))
    }
  }

  private mutating func look(at location: PodLocation, stored: [UInt8]) throws(StoreError) {
    guard stored.count == location.storedCount else { return }
    let base = location.codec == .delta ? Delta.base(of: stored) : nil
    guard let bytes = try bytes(at: location, stored: stored, base: base) else {
      if location.codec == .delta { waiting.append(location) }
      return
    }
    let id = bytes.withSpan { Digest()($0) }
    let isKnown = try engine.withReader { connection throws(StoreError) in
      try connection.contains(id)
    }
    if !isKnown {
      found.append(PodRow(id: id, location: location, base: base, isLeaf: nil))
    }
  }

  private func bytes(
    at location: PodLocation, stored: [UInt8], base: UInt64?
  ) throws(StoreError) -> [UInt8]? {
    switch location.codec {
    case .raw: return stored
    case .zlib: return Inflater.decompress(stored, count: location.count)
    case .delta:
      guard let base else { return nil }
      let bases = try engine.withReader { connection throws(StoreError) in
        try connection.pods(beginning: base)
      }
      guard let base = bases.first else { return nil }
      do throws(StoreError) {
        return Delta.apply(stored[8...], to: try engine.bytes(of: base), count: location.count)
      } catch {
        switch error {
        case .podDamaged, .podNotFound: return nil
        default: throw error
        }
      }
    }
  }

  /// Returns what was found since the last time, for the index.
  mutating func takeFound() -> [PodRow] {
    defer { found = [] }
    return found
  }

  /// Returns the records that waited, since the index may have their bases now.
  mutating func takeWaiting() -> [PodLocation] {
    defer { waiting = [] }
    return waiting
  }

  /// Looks again at a record that waited.
  mutating func look(again location: PodLocation) throws(StoreError) {
    guard let stored = try engine.storedBytes(at: location) else { return }
    try look(at: location, stored: stored)
  }
}
