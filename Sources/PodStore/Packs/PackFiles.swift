import PodModel
import Synchronization

/// The packs that a process has open for reading: the last few that were read.
final class PackFiles: Sendable {
  private struct Entry {
    let pack: Int64
    let file: ReadablePack
  }

  private let directory: StorePath
  private let recent = Mutex<[Entry]>([])

  private static let limit = 32

  init(directory: StorePath) { self.directory = directory }

  /// Returns the stored bytes at a location; nil if there is no such pack.
  ///
  /// - Parameter name: returns the name of the pack; it is asked when the pack is not open yet.
  func bytes(
    at location: PodLocation, name: () throws(StoreError) -> String?
  ) throws(StoreError) -> [UInt8]? {
    let pack = try open(location.pack, name: name)
    return try pack?.file.read(location.storedCount, at: location.position)
  }

  /// Closes the packs that were removed, so that the disk has their room.
  func closeRemoved() throws(StoreError) {
    for entry in recent.withLock({ $0 }) where try !entry.file.file.isLinked() {
      recent.withLock { $0.removeAll { $0.pack == entry.pack } }
    }
  }

  /// Returns a pack that is open; nil if there is none.
  func open(
    _ pack: Int64, name: () throws(StoreError) -> String?
  ) throws(StoreError) -> ReadablePack? {
    let known = recent.withLock { recent -> ReadablePack? in
      guard let index = recent.lastIndex(where: { $0.pack == pack }) else { return nil }
      let entry = recent.remove(at: index)
      recent.append(entry)
      return entry.file
    }
    if let known { return known }
    guard let name = try name(),
      let opened = try ReadablePack(OpenPack.path(of: name, in: directory))
    else { return nil }
    try closeRemoved()
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

  /// Opens the file at `path`; nil if there is none.
  init?(_ path: StorePath) throws(StoreError) {
    guard let file = try File.ifThere(path) else { return nil }
    self.file = file
  }
}
