import Glibc
import PodModel
import PodStore
import Synchronization

/// The file `log` in a ``DaemonFolder``, where the daemons of a store write what they have to tell
/// later: it is their standard error.
///
/// When it has grown over ``limit`` it becomes `log.old`, in place of the last one, and a new one
/// begins. So the faults of years take no more of the disk than twice that.
final class DaemonLog: Sendable {
  /// The number of bytes after which a new log is begun.
  static let limit: Int64 = 4 << 20

  private let path: String
  /// The line that was written last, and when; held while one is written, so that no two threads
  /// begin a new log.
  private let last = Mutex<(text: String, time: Int64)>(("", 0))

  /// Takes the log in a folder, which is this process's standard error already.
  init(in folder: String) { path = Self.path(in: folder) }

  /// The path of the log in a folder.
  static func path(in folder: String) -> String { folder + "/log" }

  /// Opens the log at `path` for a new daemon of `store`.
  static func open(_ path: String, of store: Store) throws(CommandError) -> Descriptor {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK
    return try DaemonFolder.use(for: store) { () throws(CommandError) in
      try Descriptor(opening: path, flags, mode: 0o600)
    }
  }

  /// Writes a line, with the time; the same one at most once a second.
  func write(_ line: String) {
    let now = Timestamp.now
    last.withLock { last in
      if last.text == line, last.time == now.seconds { return }
      last = (line, now.seconds)
      makeRoom()
      tellError("\(now): \(line)")
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
