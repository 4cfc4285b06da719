import PodModel
import PodStore
import Synchronization

/// The sizes of texts, which only rendering tells: so they are kept in the store.
final class TextSizes: Sendable {
  private let backing: Backing
  private let form: TextForm
  private let state: Mutex<State>

  private struct State {
    var known: Generations<VersionID, Int64>
    /// What the store was not told yet.
    var pending: [VersionID: Int64] = [:]
  }

  init(backing: Backing, form: TextForm) {
    self.backing = backing
    self.form = form
    state = Mutex(State(known: Generations(limit: backing.options.cacheLimit / 16)))
  }

  /// Returns the size of a text, if it is known.
  func size(of version: VersionID) throws(FilesystemError) -> Int64? {
    try sizes(of: [version])[0]
  }

  /// Returns the size of each text that is known.
  func sizes(of versions: [VersionID]) throws(FilesystemError) -> [Int64?] {
    var sizes = state.withLock { state in versions.map { state.known.value(of: $0) } }
    let unknown = sizes.indices.filter { sizes[$0] == nil }
    guard !unknown.isEmpty else { return sizes }
    let kept = try backing.run { store throws(StoreError) in
      try store.textSizes(of: unknown.map { versions[$0] }, as: form)
    }
    state.withLock { state in
      for (index, size) in zip(unknown, kept) {
        guard let size else { continue }
        // What was rendered meanwhile is what counts.
        sizes[index] = state.known.value(of: versions[index]) ?? size
        state.known.keep(sizes[index] ?? size, of: versions[index])
      }
    }
    return sizes
  }

  /// Notes what rendering told, and returns whether another size may have been shown before.
  func note(_ size: Int64, of version: VersionID) -> Bool {
    state.withLock { state in
      let before = state.known.value(of: version)
      guard before != size else { return false }
      state.known.keep(size, of: version)
      state.pending[version] = size
      return before != nil
    }
  }

  /// The number of sizes that the store was not told yet.
  var pendingCount: Int { state.withLock { $0.pending.count } }

  /// Tells the store.
  func keep() {
    let pending = state.withLock { state in
      defer { state.pending = [:] }
      return state.pending
    }
    guard !pending.isEmpty else { return }
    // A store that cannot be written shows what it has: the next mount renders these again.
    do throws(StoreError) { try backing.store.keepTextSizes(pending, as: form) } catch {}
  }
}
