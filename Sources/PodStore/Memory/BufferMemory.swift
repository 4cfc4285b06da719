import PodPickle
import Synchronization

/// What this process knows of the long buffers that it captured, by where they are in memory.
///
/// Where the kernel proves that no page of a buffer was written since its fingerprint was taken, it
/// is not read again; of one that was written, only the segments and pieces with such pages. Nothing
/// here is about objects: who owned the bytes, and how they came there, does not matter.
///
/// ## Invariants
///
/// 1. What is remembered of a page was read in the round it is remembered with, or later: after the
///    page was protected in that round. So a write that came later shows.
/// 2. Bytes that share their page with something else are compared at each capture; their
///    fingerprint is taken before what is remembered with it.
/// 3. A child of a fork knows nothing.
final class BufferMemory: Sendable {
  /// Shorter buffers are read at each capture.
  static let minimumCount = 1 << 20

  /// What this process knows.
  static var current: BufferMemory { first.here }
  private static let first = BufferMemory()

  private let mark = ProcessMark()
  private let process = CurrentProcess.id
  private let child = AtomicLazyReference<BufferMemory>()
  private let state = Mutex(BufferTable())

  /// That of this process: the same one, unless this is a forked child.
  private var here: BufferMemory {
    let isHere =
      switch mark {
      case .some(let mark): mark.isHere
      case .none: process == CurrentProcess.id
      }
    return isHere ? self : child.storeIfNil(BufferMemory()).here
  }

  /// What was done so far.
  var counts: BufferCounts {
    state.withLock { state in
      var counts = state.counts
      switch state.pages {
      case .some(let pages): counts.watched = pages.byteCount
      case .none: break
      }
      return counts
    }
  }

  /// Takes the fingerprints of long buffers.
  ///
  /// It begins a round for all of them, which are read in it only as far as they may have changed.
  func look(at sources: [ByteSource]) -> [BufferKey: BufferSight] {
    guard !sources.isEmpty else { return [:] }
    return state.withLock { state in
      state.prepare()
      let buffers = Dictionary(
        sources.map { (BufferKey(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
      state.watch(buffers.keys)
      state.forget()
      return buffers.reduce(into: [:]) { seen, buffer in
        seen[buffer.key] = state.see(buffer.value, buffer.key)
      }
    }
  }

  /// Whether the bytes of a buffer are still what `sight` saw, up to this moment.
  ///
  /// Of a copy this knows nothing: where it stands, another buffer may be remembered, whose pages no
  /// round has looked at since.
  func isUnchanged(_ source: ByteSource, since sight: BufferSight) -> Bool {
    let key = BufferKey(of: source)
    guard key == sight.key else { return false }
    return state.withLock { state in
      guard sight.edges == BufferEdges(of: source, key) else { return false }
      switch state.pages {
      case .some(let pages): return pages.isUnwritten(key.wholePages, since: sight.round)
      case .none: return false
      }
    }
  }

  /// What a buffer was cut into before, and which of its bytes may have changed since; nothing of a
  /// copy.
  func cut(of source: ByteSource, seen sight: BufferSight) -> (CutBuffer, [Range<Int>])? {
    let key = BufferKey(of: source)
    guard key == sight.key else { return nil }
    return state.withLock { state in
      guard sight.isWatched, let cut = state.buffers[key]?.cut,
        let changes = state.changes(of: key, since: cut.round, sight.edges == cut.edges)
      else { return nil }
      return (cut, changes)
    }
  }

  /// Remembers what a buffer was cut into.
  func note(_ stretches: [Blob.Stretch], of blob: Blob, seen sight: BufferSight) {
    state.withLock { state in
      state.note(
        CutBuffer(blob: blob, stretches: stretches, round: sight.round, edges: sight.edges),
        of: sight.key)
    }
  }
}
