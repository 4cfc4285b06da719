import PodModel
import Synchronization

/// The symlinks of branches and tags that were seen, since a name does not fit into a number.
final class ReferenceTable: Sendable {
  /// A branch or a tag of a session.
  struct Reference: Hashable, Sendable {
    let session: SessionID
    let isTag: Bool
    let name: ReferenceName
  }

  private let state = Mutex(State())

  private struct State {
    var serials: [Reference: Int64] = [:]
    var references: [Reference] = []
  }

  /// Returns the node of a reference: the same one as long as the mount lives.
  func node(of reference: Reference) -> Node {
    state.withLock { state in
      if let serial = state.serials[reference] { return .reference(serial: serial) }
      let serial = Int64(state.references.count)
      state.references.append(reference)
      state.serials[reference] = serial
      return .reference(serial: serial)
    }
  }

  /// Returns the reference with this serial, or nil.
  func reference(_ serial: Int64) -> Reference? {
    state.withLock { state in
      state.references.indices.contains(Int(serial)) ? state.references[Int(serial)] : nil
    }
  }
}
