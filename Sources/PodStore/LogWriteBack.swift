import Glibc
import Synchronization

/// Moves what stands in the log of a database into the database, and empties the log.
///
/// A single damaged bit in the log hides every later transaction, so the log is kept short: it is
/// written back once the process has committed nothing for a second, when it grows over a bound,
/// when the store is closed, and before the process ends. Writing back waits for nobody: where
/// another process reads or writes meanwhile, that process does it later.
///
/// An object belongs to the process that made it; a forked child leaves it alone.
final class LogWriteBack: Sendable {
  private static let idleTime = Duration.seconds(1)
  /// A log of this many bytes is written back although the process is busy.
  private static let sizeLimit: Int64 = 16 << 20
  /// The growth between two attempts where readers hold on to an old state.
  private static let retryStep: Int64 = 1 << 20

  private static let open = Mutex<[Entry]>([])
  private static let endsBeforeExit = atexit { LogWriteBack.runAll() } == 0

  private let database: StorePath
  private let process = CurrentProcess.id
  private let state = Mutex(State())

  private struct State {
    var lastChange = ContinuousClock.now
    /// Whether a thread waits for the process to become idle.
    var isWaiting = false
    /// The size of the log at which it is written back without waiting.
    var limit = LogWriteBack.sizeLimit
  }

  private struct Entry {
    weak var object: LogWriteBack?
  }

  init(database: StorePath) {
    self.database = database
    guard Self.endsBeforeExit else { return }
    ForkGate.pass {
      Self.open.withLock { entries in
        entries.removeAll { $0.object == nil }
        entries.append(Entry(object: self))
      }
    }
  }

  /// Notes that a transaction changed the database.
  func noteChange() {
    let isFirst = state.withLock { state in
      state.lastChange = .now
      defer { state.isWaiting = true }
      return !state.isWaiting
    }
    if isFirst {
      let isStarted = Leisure.detach { [weak self] in
        while let rest = self?.timeUntilIdle() { usleep(UInt32(rest / .microseconds(1)) + 1) }
      }
      if !isStarted { state.withLock { $0.isWaiting = false } }
    }
    boundLog()
  }

  /// The time to wait for the process to become idle; nil once it is and the log is written back.
  private func timeUntilIdle() -> Duration? {
    let rest = state.withLock { $0.lastChange + Self.idleTime - .now }
    if rest > .zero { return rest }
    run()
    return state.withLock { state in
      // Another process was busy, or this one again.
      let isOver = logSize == 0 && state.lastChange + Self.idleTime <= .now
      if isOver { state.isWaiting = false }
      return isOver ? nil : Self.idleTime
    }
  }

  private func boundLog() {
    let size = logSize
    guard size > state.withLock({ $0.limit }) else { return }
    run()
    let isEmpty = logSize == 0
    state.withLock { $0.limit = isEmpty ? Self.sizeLimit : size + Self.retryStep }
  }

  /// Writes the log back, unless somebody else uses the database right now.
  func run() {
    guard process == CurrentProcess.id, logSize > 0 else { return }
    do throws(StoreError) {
      // A log whose flush failed is written again before anything builds on it.
      guard try !UnflushedLog(database: database).isMarked() else { return }
      try Connection.open(database, for: .writingBack).emptyLog()
    } catch {
      // The log is as good as it was; the next transaction reports what is wrong with the disk.
    }
  }

  /// The size of the log in bytes, 0 without one.
  private var logSize: Int64 {
    do throws(StoreError) { return try Directory.size(of: database.appending("-wal")) ?? 0 } catch {
      return 0
    }
  }

  private static func runAll() {
    for object in open.withLock({ $0.compactMap(\.object) }) { object.run() }
  }
}
