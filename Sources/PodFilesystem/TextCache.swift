import PodModel
import PodStore
import Synchronization

/// The texts of versions that were opened lately, and the sizes of those that were before.
///
/// How long a text is only rendering it tells, so `stat` shows 0 before the first open. The
/// kernel asks again behind the size it knows, so every reader comes to the true end.
final class TextCache: Sendable {
  private let backing: Backing
  private let state: Mutex<State>

  private struct State {
    var texts: Generations<VersionID, OnDemand<[UInt8]>>
    var sizes: Generations<VersionID, Int64>
    var names: Generations<VersionID, VariableName>

    /// Takes three eighths of the limit.
    init(cacheLimit: Int) {
      texts = Generations(limit: cacheLimit / 4)
      sizes = Generations(limit: cacheLimit / 16)
      names = Generations(limit: cacheLimit / 16)
    }
  }

  init(backing: Backing) {
    self.backing = backing
    state = Mutex(State(cacheLimit: backing.options.cacheLimit))
  }

  /// Notes what a version is called where its text was found.
  func note(_ name: VariableName, of version: VersionID) {
    state.withLock { $0.names.keep(name, of: version, pointee: 32 + name.text.utf8.count) }
  }

  /// Returns what a version is called where its text was found last, if that is known.
  func name(of version: VersionID) -> VariableName? {
    state.withLock { $0.names.value(of: version) }
  }

  /// Returns the number of bytes of a text, if it is known.
  func size(of version: VersionID) -> Int64? { state.withLock { $0.sizes.value(of: version) } }

  /// Returns the text of a version.
  func text(of version: Version) throws(FilesystemError) -> [UInt8] {
    let id = version.id
    let (slot, name) = try state.withLock { state throws(FilesystemError) in
      // A number that was never looked up leads nowhere, so its text has no name to begin with.
      guard let name = state.names.value(of: id) else { throw .superseded }
      if let slot = state.texts.value(of: id) { return (slot, name) }
      let slot = OnDemand<[UInt8]>()
      state.texts.keep(slot, of: id)
      return (slot, name)
    }
    return try slot.value { () throws(FilesystemError) in
      let text = try backing.run { store throws(StoreError) in
        try versionText(
          of: version, named: name, in: store, limit: backing.options.textLimit)
      }
      state.withLock { state in
        state.texts.keep(slot, of: id, pointee: text.count)
        state.sizes.keep(Int64(text.count), of: id)
      }
      return text
    }
  }
}
