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
    var serials: [Named: Int64] = [:]
    var named: [Named] = []
  }

  /// Returns the number of what has a name: the same one as long as the mount lives.
  func serial(of named: Named) -> Int64 {
    state.withLock { state in
      if let serial = state.serials[named] { return serial }
      let serial = Int64(state.named.count)
      state.named.append(named)
      state.serials[named] = serial
      return serial
    }
  }

  /// Returns what has this number, or nil.
  func named(_ serial: Int64) -> Named? {
    state.withLock { state in
      state.named.indices.contains(Int(serial)) ? state.named[Int(serial)] : nil
    }
  }
}
