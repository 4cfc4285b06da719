public import PodModel
import Synchronization

/// The contents that this process has open: collection keeps their pods, though nothing binds them
/// any more, as a disk keeps a file that was removed while it was open.
///
///     leases/NAME = pod:32*       the root pod of a content that is open; zeros where none is
///
/// Each process has a file of its own, made when it is first needed and locked as long as the
/// process lives. One that is not locked was left by a process that died. Nothing here outlives a
/// power cut, so nothing is flushed.
final class Leases: Sendable {
  private struct State: ~Copyable {
    var file: File?
    var free: [Int] = []
    var count = 0
  }

  private let directory: StorePath
  private let state = Mutex(State())

  init(directory: StorePath) { self.directory = directory }

  /// Notes that the pods below `root` are needed, and returns where; nil if that cannot be written.
  ///
  /// A store that cannot be written can be read, and a full disk too; so that is no error.
  func take(_ root: PodID) -> Int? {
    state.withLock { state in
      do throws(StoreError) {
        let file = if let file = state.file.take() { file } else { try create() }
        let slot = state.free.popLast() ?? state.count
        do throws(StoreError) {
          try write(root.bytes, at: slot, of: file)
        } catch {
          state.file = consume file
          throw error
        }
        state.file = consume file
        state.count = max(state.count, slot + 1)
        return slot
      } catch { return nil }
    }
  }

  /// Forgets what was noted at `slot`.
  func giveBack(_ slot: Int) {
    state.withLock { state in
      guard let file = state.file.take() else { return }
      // What cannot be cleared is kept until this process ends.
      do throws(StoreError) {
        try write([UInt8](repeating: 0, count: PodID.byteCount), at: slot, of: file)
        state.free.append(slot)
      } catch {}
      state.file = consume file
    }
  }

  private func write(
    _ bytes: [UInt8], at slot: Int, of file: borrowing File
  ) throws(StoreError) {
    try bytes.withSpan { bytes throws(StoreError) in
      try file.write(bytes, at: Int64(slot * PodID.byteCount))
    }
  }

  private func create() throws(StoreError) -> File {
    try Directory.make(directory)
    return try File.createLocked(in: directory, suffix: "")
  }

  /// Returns the contents that any process has open, and removes what dead ones left.
  static func read(in directory: StorePath) throws(StoreError) -> [PodID] {
    guard try Directory.contains(directory) else { return [] }
    var open: [PodID] = []
    for name in try Directory.names(in: directory) {
      let path = directory / name
      guard let file = try File.ifThere(path) else { continue }
      // Nothing is removed that a process cannot have left.
      if name.utf8.count == File.randomNameCount, try file.tryLock() {
        try Directory.remove(path)
        continue
      }
      let bytes = try file.read(Int(try file.size()), at: 0)
      for start in stride(from: 0, through: bytes.count - PodID.byteCount, by: PodID.byteCount) {
        guard let pod = PodID(bytes: Array(bytes[start..<start + PodID.byteCount])) else {
          continue
        }
        if pod.words != .zero { open.append(pod) }
      }
    }
    return open
  }
}

/// Keeps the pods of one content from being collected, until nobody has it any more.
public final class Lease: Sendable {
  /// What rows told of each root of the content.
  public let roots: [ValueSummary]
  private let engine: Engine
  private let slot: Int?
  private let process = CurrentProcess.id

  /// Notes first that the content is needed, and looks for its row then: collection removes the row
  /// first, and reads what is needed then.
  fileprivate init(_ content: ContentID, in store: Store) throws(StoreError) {
    engine = store.engine
    slot = engine.leases.take(content.pod)
    do throws(StoreError) {
      roots = try store.summaries(of: content)
    } catch {
      if let slot { engine.leases.giveBack(slot) }
      throw error
    }
  }

  /// The most bytes that all roots of the content take as files, and the value around them.
  var limit: Int { ValueSummary.limit(of: roots) }

  // A forked child has a copy of this, but not the lease.
  deinit {
    if let slot, process == CurrentProcess.id { engine.leases.giveBack(slot) }
  }
}

extension Store {
  /// Keeps the value of a version readable until the lease goes, though its commits be removed.
  ///
  /// - Throws: ``StoreError/podNotFound(_:)`` if it is gone already.
  public func lease(_ version: Version) throws(StoreError) -> Lease {
    if version.isLost { throw .valueLost }
    return try Lease(version.content, in: self)
  }
}
