import Synchronization

/// The file of a pack, with bytes that a thread writes to it while its owner gathers the next.
final class PackFile: Sendable {
  let file: File

  private struct State {
    var bytes: [UInt8] = []
    var position: Int64 = 0
    var failure: StoreError?
  }

  private let state = Mutex(State())

  init(_ file: consuming File) { self.file = file }

  /// Begins to write `bytes`, and makes them empty; what was begun before must be over.
  ///
  /// The kernel is told to put them on the disk at once, so that a flush need not wait for all.
  func beginWriting(_ bytes: inout [UInt8], at position: Int64) -> ConcurrentWork {
    state.withLock { state in
      swap(&state.bytes, &bytes)
      state.position = position
    }
    bytes.removeAll(keepingCapacity: true)
    return ConcurrentWork {
      self.state.withLock { state in
        do throws(StoreError) {
          try state.bytes.withSpan { bytes throws(StoreError) in
            try self.file.write(bytes, at: state.position)
          }
          self.file.startFlush(of: state.bytes.count, at: state.position)
        } catch { state.failure = error }
      }
    }
  }

  /// Throws what the last writing failed with, once it is over.
  func checkWritten() throws(StoreError) {
    if let failure = state.withLock({ $0.failure.take() }) { throw failure }
  }

  /// Gives back the memory of what was written.
  func releaseMemory() { state.withLock { $0.bytes = [] } }
}
