import PodModel
import PodStore
import Synchronization

/// The `log` of every session: one line per commit, oldest first.
///
/// It only grows, unless commits are removed; then it is written anew.
final class HistoryLog: Sendable {
  private let backing: Backing
  private let logs = Mutex<[SessionID: Log]>([:])

  private struct Log {
    var last: CommitNumber?
    var text: [UInt8] = []
    var modified: Timestamp?
    /// The number of removals from the store before it was read.
    let removals: Int64

    mutating func append(_ commit: Commit) {
      if let last, commit.number <= last { return }
      let summary = commit.message.prefix { !$0.isNewline }
      text += "\(commit.number)\t\(commit.time)\t\(summary)\n".utf8
      last = commit.number
      modified = commit.time
    }
  }

  init(backing: Backing) { self.backing = backing }

  /// Returns the number of bytes now, and the time of the last commit.
  func size(of session: SessionID) throws(FilesystemError) -> (size: Int64, modified: Timestamp?) {
    try update(session)
    return logs.withLock { logs in
      (Int64(logs[session]?.text.count ?? 0), logs[session]?.modified)
    }
  }

  /// Returns up to `count` bytes from `offset`.
  func read(
    _ session: SessionID, at offset: Int64, count: Int
  ) throws(FilesystemError) -> [UInt8] {
    try update(session)
    return logs.withLock { logs in
      (logs[session]?.text ?? []).piece(at: offset, count: count)
    }
  }

  private func update(_ session: SessionID) throws(FilesystemError) {
    let removals = try backing.run { store throws(StoreError) in try store.removals() }
    let last = logs.withLock { logs in
      if logs[session]?.removals != removals { logs[session] = Log(removals: removals) }
      return logs[session]?.last
    }
    let commits = try backing.run { store throws(StoreError) in
      try store.commits(of: session, after: last)
    }
    guard !commits.isEmpty else { return }
    logs.withLock { logs in
      // Another thread may have been first.
      for commit in commits where logs[session]?.removals == removals {
        logs[session]?.append(commit)
      }
    }
  }
}
