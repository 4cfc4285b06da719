import PodModel
import Synchronization

/// The packs that a process has open for reading: the last few that were read.
final class PackFiles: Sendable {
  private struct Entry {
    let pack: Int64
    let file: ReadablePack
  }

  private let directory: String
  private let recent = Mutex<[Entry]>([])

  private static let limit = 32

  init(directory: String) { self.directory = directory }

  /// Returns the stored bytes at a location; `name` is asked for when the pack is not open yet.
  func bytes(
    at location: PodLocation, name: () throws(StoreError) -> String
  ) throws(StoreError) -> [UInt8] {
    let pack = try open(location.pack, name: name)
    return try pack.file.read(location.storedCount, at: location.position)
  }

  private func open(
    _ pack: Int64, name: () throws(StoreError) -> String
  ) throws(StoreError) -> ReadablePack {
    let known = recent.withLock { recent -> ReadablePack? in
      guard let index = recent.lastIndex(where: { $0.pack == pack }) else { return nil }
      let entry = recent.remove(at: index)
      recent.append(entry)
      return entry.file
    }
    if let known { return known }
    let opened = try ReadablePack(OpenPack.path(of: try name(), in: directory))
    recent.withLock { recent in
      if recent.count == Self.limit { recent.removeFirst() }
      recent.append(Entry(pack: pack, file: opened))
    }
    return opened
  }
}

/// A pack that is open for reading, closed when nobody reads it any more.
final class ReadablePack: Sendable {
  let file: File

  init(_ path: String) throws(StoreError) { file = try File(path, .reading) }
}
