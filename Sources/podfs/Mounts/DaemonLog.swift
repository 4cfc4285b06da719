import PodModel
import Synchronization

/// STORE/log, where the daemons of a store write what they have to tell later: it is their standard
/// error.
///
/// When it has grown over ``limit`` it becomes STORE/log.old, in place of the last one, and a new
/// one begins. So the faults of years take no more of the disk than twice that.
final class DaemonLog: Sendable {
  /// The number of bytes after which a new log is begun.
  static let limit: Int64 = 4 << 20

  private let path: String
  /// Held while a line is written, so that no two threads begin a new log.
  private let turn = Mutex<Void>(())

  /// Takes the log of a store, which is this process's standard error already.
  init(of store: String) { path = Self.path(of: store) }

  /// The path of a store's log.
  static func path(of store: String) -> String { store + "/log" }

  /// Writes a line, with the time.
  func write(_ line: String) {
    turn.withLock { _ in
      makeRoom()
      tellError("\(Timestamp.now): \(line)")
    }
  }

  private func makeRoom() {
    guard let now = StandardError.state else { return }
    guard let there = StandardError.state(at: path) else {
      // The store is gone, so nobody but this process has the file.
      if now.size > Self.limit { StandardError.empty() }
      return
    }
    if there.identity != now.identity {
      // Another daemon began a new one.
      StandardError.open(path)
    } else if there.size > Self.limit, StandardError.lock() {
      do { try Path.rename(path, to: path + ".old") } catch { return StandardError.empty() }
      StandardError.open(path)
    }
  }
}
