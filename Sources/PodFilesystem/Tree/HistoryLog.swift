import PodModel
import PodStore
import Synchronization

/// The `log` of every session: one line per commit, oldest first.
///
/// It only grows, unless commits are removed; then it is written anew. Kept is only where every so
/// many lines begin: what is read is written again from the rows.
final class HistoryLog: Sendable {
  /// The number of lines of a part whose beginning is kept.
  private static let partLength = 256

  private let backing: Backing
  private let logs = Mutex<[SessionID: Log]>([:])

  /// What is known of a log.
  private struct Log {
    /// The store's number for the moment.
    var dataVersion: Int64
    /// The number of removals from the store before it was read.
    let removals: Int64
    var size: Int64 = 0
    var count = 0
    var last: CommitNumber?
    var modified: Timestamp?
    /// Where each part begins, and the commit before it.
    var parts: [(offset: Int64, before: CommitNumber?)] = []

    mutating func append(_ commit: Commit) {
      if count % HistoryLog.partLength == 0 { parts.append((size, last)) }
      size += Int64(HistoryLog.line(of: commit).utf8.count)
      count += 1
      last = commit.number
      modified = commit.time
    }
  }

  init(backing: Backing) { self.backing = backing }

  private static func line(of commit: Commit) -> String {
    "\(commit.number)\t\(commit.time)\t\(commit.message.prefix { !$0.isNewline })\n"
  }

  /// Returns the number of bytes now, and the time of the last commit.
  func size(of session: SessionID) throws(FilesystemError) -> (size: Int64, modified: Timestamp?) {
    let log = try current(session)
    return (log.size, log.modified)
  }

  /// Returns up to `count` bytes from `offset`; fewer only at the end.
  func read(
    _ session: SessionID, at offset: Int64, count: Int
  ) throws(FilesystemError) -> [UInt8] {
    let log = try current(session)
    guard 0..<log.size ~= offset, count > 0,
      let first = log.parts.lastIndex(where: { $0.offset <= offset })
    else { return [] }
    let start = log.parts[first].offset
    var text: [UInt8] = []
    var last = log.parts[first].before
    while last != log.last, Int64(text.count) < offset - start + Int64(count) {
      let commits = try commits(of: session, after: last, limit: Self.partLength)
      for commit in commits where commit.number <= log.last ?? commit.number {
        text += Self.line(of: commit).utf8
        last = commit.number
      }
      // They were removed meanwhile.
      if commits.isEmpty { break }
    }
    return text.piece(at: offset - start, count: count)
  }

  private func commits(
    of session: SessionID, after last: CommitNumber?, limit: Int
  ) throws(FilesystemError) -> [Commit] {
    try backing.run { store throws(StoreError) in
      try store.commits(of: session, after: last, limit: limit)
    }
  }

  /// Returns what is known of a log, after reading what is new.
  private func current(_ session: SessionID) throws(FilesystemError) -> Log {
    let now = try backing.run { store throws(StoreError) in try store.dataVersion() }
    let known = logs.withLock { $0[session] }
    if let known, known.dataVersion == now { return known }
    let removals = try backing.run { store throws(StoreError) in try store.removals() }
    var log = Log(dataVersion: now, removals: removals)
    if let known, known.removals == removals { log = known }
    log.dataVersion = now
    while true {
      let commits = try commits(of: session, after: log.last, limit: 1 << 12)
      for commit in commits { log.append(commit) }
      if commits.count < 1 << 12 { break }
    }
    logs.withLock { logs in
      // Another thread may have been ahead.
      if let other = logs[session], other.removals == removals, other.count > log.count { return }
      logs[session] = log
    }
    return log
  }
}
