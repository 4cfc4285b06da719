import PodModel
import PodPickle
import Synchronization

/// The pods that this process put last, by their sites: what later pods may be kept as differences
/// from.
///
/// What is not known here is kept whole, so nothing is lost when the process ends but some space.
final class DeltaBases: Sendable {
  /// A pod that is kept as a difference from one that is kept as a difference… and so on, at most
  /// as often: reading it reads all of them.
  static let depthLimit = 8

  private static let limit = 1 << 17

  /// A pod that may be a base.
  struct Base: Sendable {
    let id: PodID
    /// How many pods must be read before it.
    let depth: Int
    /// The first of these, which is kept whole; the pod itself if there are none.
    let whole: PodID

    /// A pod that is kept whole.
    init(whole id: PodID) {
      self.id = id
      depth = 0
      whole = id
    }

    /// A pod that is kept as the difference from `base`.
    init(_ id: PodID, from base: Base) {
      self.id = id
      depth = base.depth + 1
      whole = base.whole
    }
  }

  private let bases = Mutex<[PodSite: Base]>([:])

  /// The last pod at `site`; the whole one that it goes back to, if too many must be read before it.
  func base(at site: PodSite) -> Base? {
    guard let base = bases.withLock({ $0[site] }) else { return nil }
    return base.depth < Self.depthLimit ? base : Base(whole: base.whole)
  }

  /// Forgets all of them.
  func removeAll() { bases.withLock { $0.removeAll() } }

  /// Notes pods that are in the index now.
  func note(_ pods: [(site: PodSite, base: Base)]) {
    bases.withLock { bases in
      if bases.count + pods.count > Self.limit { bases.removeAll() }
      for pod in pods { bases[pod.site] = pod.base }
    }
  }
}
