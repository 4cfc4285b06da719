import PodModel
import PodPickle
import Synchronization

/// What an index pod of a blob names, and where those pods were when it was read.
///
/// To read a stretch of a blob is then to read packs: the database is asked once for all pods of an
/// index, and a pod is hashed when it is read for the first time. What compaction has moved is found
/// by its name, and hashed again.
final class BlobIndex: Sendable {
  /// The bytes of memory for each part, about.
  static let entrySize = MemoryLayout<Blob>.stride + MemoryLayout<Place?>.stride

  let parts: [Blob]
  private let places: Mutex<[Place?]>

  /// Where a pod is, and whether its bytes there were found to be those of its name.
  private struct Place {
    let location: PodLocation
    var isChecked = false
  }

  init(_ parts: [Blob], in engine: Engine) throws(StoreError) {
    self.parts = parts
    let locations = try engine.read { connection throws(StoreError) in
      try connection.locations(of: parts.map(\.pod))
    }
    places = Mutex(locations.map { $0.map { Place(location: $0) } })
  }

  /// Whether a part holds bytes rather than names: the first byte of a pod says what it is, so one
  /// that holds data has one more than the part.
  func isData(_ number: Int) -> Bool {
    places.withLock { $0[number].map { $0.location.count == parts[number].count + 1 } ?? false }
  }

  /// Appends `range` of a part that is data and is where it was; false if it is not, with nothing
  /// appended.
  func append(
    _ range: Range<Int>, ofPart number: Int, to buffer: inout ReadBuffer, in engine: Engine
  ) throws(StoreError) -> Bool {
    let part = parts[number]
    guard let place = places.withLock({ $0[number] }), isData(number),
      (0...PodLimits.byteLimit).contains(place.location.storedCount)
    else { return false }
    if place.isChecked, place.location.codec == .raw {
      return try engine.append(range, of: place.location, to: &buffer)
    }
    let before = buffer.count
    if range.count == part.count {
      guard try engine.append(part.pod, at: place.location, place.isChecked, to: &buffer) else {
        return false
      }
    } else {
      let bytes = try ReadBuffer.bytes(capacity: part.count + 1) { whole throws(StoreError) in
        whole.append([0].span)
        _ = try engine.append(part.pod, at: place.location, place.isChecked, to: &whole)
      }
      guard bytes.count == part.count + 1 else { return false }
      buffer.append(bytes[(1 + range.lowerBound)..<(1 + range.upperBound)].span)
    }
    precondition(buffer.count == before + range.count, "a pod has the length that it says")
    if !place.isChecked { places.withLock { $0[number]?.isChecked = true } }
    return true
  }
}

extension Engine {
  /// Appends a range of what the data pod at `location` holds; false if it is not there any more.
  fileprivate func append(
    _ range: Range<Int>, of location: PodLocation, to buffer: inout ReadBuffer
  ) throws(StoreError) -> Bool {
    guard let pack = try pack(of: location) else { return false }
    let before = buffer.count
    try buffer.append(upTo: range.count) { bytes throws(StoreError) in
      try pack.file.read(into: &bytes, at: location.position + 1 + Int64(range.lowerBound))
    }
    if buffer.count == before + range.count { return true }
    buffer.cut(to: before)
    return false
  }

  /// Appends what the data pod `id` holds, if it is at `location`; it is hashed unless `isChecked`.
  fileprivate func append(
    _ id: PodID, at location: PodLocation, _ isChecked: Bool, to buffer: inout ReadBuffer
  ) throws(StoreError) -> Bool {
    guard let pack = try pack(of: location) else { return false }
    return try buffer.appendRest(of: location.count) { bytes throws(StoreError) in
      switch location.codec {
      case .raw:
        guard try pack.file.read(into: &bytes, at: location.position) == location.count else {
          return false
        }
      case .zlib:
        let stored = try pack.file.read(location.storedCount, at: location.position)
        guard Inflater.decompress(stored, into: &bytes) else { return false }
      case .delta: return false
      }
      return bytes.bytes.byte(at: 0) == PodFormat.dataKind
        && (isChecked || Digest()(bytes.bytes) == id)
    }
  }

  private func pack(of location: PodLocation) throws(StoreError) -> ReadablePack? {
    try packFiles.open(location.pack) { () throws(StoreError) in
      try withReader { connection throws(StoreError) in try connection.packName(location.pack) }
    }
  }
}
