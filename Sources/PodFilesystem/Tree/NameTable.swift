import PodModel
import PodStore
import Synchronization

/// The nodes that have a name which was seen, since a name does not fit into a number.
final class NameTable: Sendable {
  /// What has a name in a session.
  enum Named: Hashable, Sendable {
    /// A branch or a tag.
    case reference(ReferenceKind, ReferenceName, SessionID)
    /// The directory of a variable's versions.
    case variable(VariableName, SessionID)
    /// A symlink beside `HEAD`, which is to be renamed to it.
    case pending(String, SessionID)
  }

  private let state = Mutex(State())

  private struct State {
    var last: Int64 = -1
    var serials: [Named: Int64] = [:]
    var named: [Int64: Named] = [:]
  }

  /// The number of names.
  var count: Int { state.withLock { $0.named.count } }

  /// Returns the number of what has a name: the same one until it is removed.
  func serial(of named: Named) -> Int64 {
    state.withLock { state in
      if let serial = state.serials[named] { return serial }
      state.last += 1
      state.named[state.last] = named
      state.serials[named] = state.last
      return state.last
    }
  }

  /// Returns what has this number, or nil.
  func named(_ serial: Int64) -> Named? { state.withLock { $0.named[serial] } }

  /// Forgets a name; its number is not used again.
  func remove(_ serial: Int64) {
    state.withLock { state in
      if let named = state.named.removeValue(forKey: serial) { state.serials[named] = nil }
    }
  }
}
