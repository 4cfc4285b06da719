import PodModel
import PodPickle
import Synchronization

/// What each session was captured as last, by fingerprints.
///
/// The same streams and buffers are the same objects: a namespace that did not change at all costs
/// its fingerprints and no scan. Of one that changed, a co-variable whose variables consist of what
/// they did is not split again. That is sound, since
///
/// 1. the graph and the co-variables are found anew, by a scan of all that the pickler wrote, so an
///    object that two variables share now and did not before shows;
/// 2. the fingerprint of a co-variable is of its whole graph, as ``ObjectGraph/writeForms`` tells:
///    what is equal in it is split into equal pods, whatever else changed, and wherever the memo
///    of the pickler stood;
/// 3. the co-variable must have the same names in the same order.
final class LastCaptures: Sendable {
  /// The fingerprints of a pickled namespace.
  struct Prints: Equatable {
    /// Of all streams and buffers, in the order in which a scan numbers them.
    let sources: [Fingerprint]
    /// How many buffers each stream has.
    private let counts: [Int]
    private let isTuple: Bool

    init(of namespace: CapturedNamespace, seen sights: BufferSights) {
      var sources: [Fingerprint] = []
      for part in namespace.parts {
        sources.append(Fingerprint(of: part.stream))
        for buffer in part.buffers { sources.append(sights.print(of: buffer)) }
      }
      self.sources = sources
      counts = namespace.parts.map { $0.buffers.count }
      isTuple = namespace.isTuple
    }
  }

  /// A namespace as it was captured.
  struct Capture {
    let names: [VariableName]
    let prints: Prints
    let groups: [Group]
    /// The commit that binds all of the namespace and nothing else, if there is one.
    var commit: Commit?
  }

  /// A co-variable: the positions of its variables, the fingerprint of its form, and what it became.
  struct Group {
    let positions: [Int]
    let form: Fingerprint
    let coVariable: NewCoVariable
  }

  private struct State {
    var captures: [SessionID: Capture] = [:]
    /// The names that each session's namespace had last, by the fingerprint of their bytes.
    var names: [SessionID: (print: Fingerprint, names: [VariableName])] = [:]
  }

  private let state = Mutex(State())

  /// What the session was captured as last.
  func last(of session: SessionID) -> Capture? { state.withLock { $0.captures[session] } }

  /// Forgets all of them.
  func removeAll() { state.withLock { $0.captures.removeAll() } }

  /// Forgets what a session was captured as.
  func forget(_ session: SessionID) { state.withLock { $0.captures[session] = nil } }

  /// Notes what was saved.
  func note(_ capture: Capture, of session: SessionID) {
    state.withLock { $0.captures[session] = capture }
  }

  /// The names in a block of bytes with a NUL between each two; those that the session had last need
  /// no check again.
  func names(in block: ByteSource, of session: SessionID) throws(NameError) -> [VariableName] {
    let print = Fingerprint(of: block)
    let known = state.withLock { $0.names[session] }
    if let known, known.print == print { return known.names }
    guard block.count > 0 else { return [] }
    let bytes = block.bytes(in: 0..<block.count)
    let names = try bytes.split(separator: 0, omittingEmptySubsequences: false)
      .map { name throws(NameError) in try VariableName(String(decoding: name, as: UTF8.self)) }
    state.withLock { $0.names[session] = (print, names) }
    return names
  }
}
