import PodModel
import PodPickle
import Synchronization

/// What each session was captured as last, by the fingerprints of what its pickler wrote.
///
/// The same streams and buffers are the same objects: a namespace that did not change at all costs
/// its fingerprints and no scan.
final class LastCaptures: Sendable {
  /// The fingerprints of a pickled namespace.
  struct Prints: Equatable {
    private struct Part: Equatable {
      let name: VariableName
      let stream: Fingerprint
      let buffers: [Fingerprint]
    }

    private let parts: [Part]

    init(of variables: [CapturedVariable]) {
      parts = variables.map { variable in
        Part(
          name: variable.name, stream: Fingerprint(of: variable.part.stream),
          buffers: variable.part.buffers.map { Fingerprint(of: $0) })
      }
    }
  }

  private let captures = Mutex<[SessionID: (prints: Prints, coVariables: [NewCoVariable])]>([:])

  /// The co-variables that a namespace with these fingerprints was saved as, if it was the last one.
  func coVariables(for prints: Prints, in session: SessionID) -> [NewCoVariable]? {
    captures.withLock { captures in
      captures[session].flatMap { $0.prints == prints ? $0.coVariables : nil }
    }
  }

  /// Forgets all of them.
  func removeAll() { captures.withLock { $0.removeAll() } }

  /// Notes what was saved.
  func note(_ coVariables: [NewCoVariable], for prints: Prints, in session: SessionID) {
    captures.withLock { $0[session] = (prints, coVariables) }
  }
}
