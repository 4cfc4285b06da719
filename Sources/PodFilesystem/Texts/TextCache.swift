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

  /// The memory of a text beside its bytes: a slot, and the header of an array.
  private static let overhead = Slot.footprint + 48

  private struct State {
    var texts: Generations<VersionID, Slot>
    /// What is open, however much that is: it is there only once.
    var open: [VersionID: (slot: Slot, users: Int)] = [:]

    /// Returns where a text is, or is to be.
    mutating func slot(of version: VersionID) -> Slot {
      if let slot = open[version]?.slot ?? texts.value(of: version) { return slot }
      let slot = Slot()
      texts.keep(slot, of: version, pointee: TextCache.overhead)
      return slot
    }
  }

  /// A text that somebody has open: it stays readable though its commits be removed.
  ///
  /// It is rendered when it is read: what the kernel has read before, it does not ask for again.
  final class Use: Sendable {
    fileprivate let version: Version
    fileprivate let name: VariableName?
    fileprivate let lease: Lease
    private let slot: Slot
    private let cache: TextCache

    fileprivate init(_ version: Version, in cache: TextCache) throws(FilesystemError) {
      lease = try cache.backing.lease(version)
      name = try cache.backing.run { store throws(StoreError) in
        try store.originalName(of: version.id)
      }
      self.version = version
      self.cache = cache
      slot = cache.take(version.id)
    }

    deinit { cache.giveBack(version.id) }

    /// Returns the text, and whether the size that was shown before may be another one.
    func text() throws(FilesystemError) -> (bytes: [UInt8], correctsSize: Bool) {
      try cache.text(of: self, in: slot) { () throws(FilesystemError) in try cache.read(self) }
    }

    /// Renders the text though nobody reads it, and returns its size.
    func measure() throws(FilesystemError) -> Int {
      try cache.text(of: self, in: slot) { () throws(FilesystemError) in try cache.measured(self) }
        .bytes.count
    }
  }

  init(backing: Backing) {
    self.backing = backing
    form = TextForm(
      renderer: textFormVersion, limit: Int64(backing.options.textLimit))
    sizes = TextSizes(backing: backing, form: form)
    state = Mutex(State(texts: Generations(limit: backing.options.cacheLimit / 4)))
  }

  /// Opens the text of a version.
  func open(_ version: Version) throws(FilesystemError) -> Use { try Use(version, in: self) }

  /// Ends what ``Use/measure()`` does, for good.
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
    of use: Use, in slot: Slot, render: () throws(FilesystemError) -> [UInt8]
  ) throws(FilesystemError) -> (bytes: [UInt8], correctsSize: Bool) {
    var correctsSize = false
    let version = use.version.id
    let bytes = try slot.value { () throws(FilesystemError) in
      // What is kept is looked at first: if it is wrong, those who saw it must be told.
      _ = try sizes.size(of: version)
      let bytes = try render()
      let pointee = bytes.capacity + Self.overhead
      state.withLock { $0.texts.keep(slot, of: version, pointee: pointee) }
      correctsSize = sizes.note(Int64(bytes.count), of: version)
      return bytes
    }
    return (bytes, correctsSize)
  }

  private func read(_ use: Use) throws(FilesystemError) -> [UInt8] {
    try backing.run { store throws(StoreError) in try rendered(use, StoredBlobs(store)) }
  }

  /// What goes wrong is for those to hear who read it.
  private func measured(_ use: Use) throws(FilesystemError) -> [UInt8] {
    let blobs = StoredBlobs(backing.store) { !self.isStopped.load(ordering: .relaxed) }
    do { return try rendered(use, blobs) } catch { throw .store(error) }
  }

  private func rendered(_ use: Use, _ blobs: StoredBlobs) throws(StoreError) -> [UInt8] {
    try versionText(
      of: use.version, named: use.name?.text ?? "", in: backing.store, under: use.lease,
      limit: backing.options.textLimit, blobs)
  }
}
