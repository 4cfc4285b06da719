import PodModel
import PodStore
import PodText
import Synchronization

/// The texts of versions that are open or were lately.
final class TextCache: Sendable {
  let sizes: TextSizes
  let form: TextForm
  private let backing: Backing
  private let state: Mutex<State>
  private let isStopped = Atomic(false)

  private typealias Slot = OnDemand<[UInt8]>

  private struct State {
    var texts: Generations<VersionID, Slot>
    /// What is open, however much that is: it is there only once.
    var open: [VersionID: (slot: Slot, users: Int)] = [:]

    /// Returns where a text is, or is to be.
    mutating func slot(of version: VersionID) -> Slot {
      if let slot = open[version]?.slot ?? texts.value(of: version) { return slot }
      let slot = Slot()
      texts.keep(slot, of: version)
      return slot
    }
  }

  /// A text that somebody has open.
  final class Use: Sendable {
    let bytes: [UInt8]
    /// Whether the size that was shown before may be another one.
    let correctsSize: Bool
    private let version: VersionID
    private let cache: TextCache

    /// Renders the text, unless it is at hand.
    fileprivate init(_ version: Version, in cache: TextCache) throws(FilesystemError) {
      self.version = version.id
      self.cache = cache
      let slot = cache.take(version.id)
      do {
        (bytes, correctsSize) = try cache.text(of: version, in: slot)
      } catch {
        cache.giveBack(version.id)
        throw error
      }
    }

    deinit { cache.giveBack(version) }
  }

  init(backing: Backing) {
    self.backing = backing
    form = TextForm(
      renderer: textFormVersion, limit: Int64(backing.options.textLimit))
    sizes = TextSizes(backing: backing, form: form)
    state = Mutex(State(texts: Generations(limit: backing.options.cacheLimit / 4)))
  }

  /// Opens the text of a version, which stays as it is until the answer goes.
  func open(_ version: Version) throws(FilesystemError) -> Use { try Use(version, in: self) }

  /// Returns the text of a version.
  func text(of version: Version) throws(FilesystemError) -> [UInt8] {
    try text(of: version, in: state.withLock { $0.slot(of: version.id) }).bytes
  }

  /// Renders the text of a version that nobody asked for, and returns its size.
  func measure(_ version: Version) throws(FilesystemError) -> Int {
    let slot = state.withLock { $0.slot(of: version.id) }
    return try text(of: version, in: slot, isMeasuring: true).bytes.count
  }

  /// Ends what ``measure(_:)`` does, for good.
  func stopMeasuring() { isStopped.store(true, ordering: .relaxed) }

  private func take(_ version: VersionID) -> Slot {
    state.withLock { state in
      let slot = state.slot(of: version)
      state.open[version] = (slot, (state.open[version]?.users ?? 0) + 1)
      return slot
    }
  }

  private func giveBack(_ version: VersionID) {
    // It goes behind the lock.
    _ = state.withLock { state -> Slot? in
      state.open[version]?.users -= 1
      guard let open = state.open[version], open.users == 0 else { return nil }
      state.open[version] = nil
      return open.slot
    }
  }

  private func text(
    of version: Version, in slot: Slot, isMeasuring: Bool = false
  ) throws(FilesystemError) -> (bytes: [UInt8], correctsSize: Bool) {
    var correctsSize = false
    let bytes = try slot.value { () throws(FilesystemError) in
      // What is kept is looked at first: if it is wrong, those who saw it must be told.
      _ = try sizes.size(of: version.id)
      let bytes = try isMeasuring ? measured(version) : read(version)
      state.withLock { $0.texts.keep(slot, of: version.id, pointee: bytes.count) }
      correctsSize = sizes.note(Int64(bytes.count), of: version.id)
      return bytes
    }
    return (bytes, correctsSize)
  }

  private func read(_ version: Version) throws(FilesystemError) -> [UInt8] {
    try backing.run { store throws(StoreError) in
      try versionText(of: version, in: store, limit: backing.options.textLimit)
    }
  }

  /// What goes wrong is for those to hear who read it.
  private func measured(_ version: Version) throws(FilesystemError) -> [UInt8] {
    let blobs = StoredBlobs(backing.store) { !self.isStopped.load(ordering: .relaxed) }
    do {
      return try versionText(
        of: version, in: backing.store, limit: backing.options.textLimit, blobs)
    } catch { throw .store(error) }
  }
}
