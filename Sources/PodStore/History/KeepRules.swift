public import PodModel

/// Which commits of a session a prune keeps: those that any of the rules asks for.
///
/// Hours, days and weeks are those of UTC, and a week is one of ISO 8601, from Monday on. Commits
/// are taken by their times, the newest first.
public struct KeepRules: Hashable, Sendable {
  /// How many of the newest commits.
  public var last = 0
  /// Of how many of the last hours that have a commit, the newest one.
  public var hourly = 0
  /// Of how many of the last days that have a commit, the newest one.
  public var daily = 0
  /// Of how many of the last weeks that have a commit, the newest one.
  public var weekly = 0
  /// Whether those with tags, which are kept anyway: a rule for when no other one is wanted.
  public var tagged = false
  /// Those that were made after this long before the newest one.
  public var within: CalendarDuration?

  /// Creates rules that ask for nothing.
  public init() {}

  /// Whether there is no rule.
  public var isEmpty: Bool { self == KeepRules() }
}

/// Why a prune keeps a commit.
public enum KeepReason: Hashable, Sendable {
  /// The session has it checked out.
  case head
  /// A branch leads to it.
  case branch(ReferenceName)
  /// A tag names it.
  case tag(ReferenceName)
  /// It has the highest number, which must not be given to another commit.
  case highest
  /// ``KeepRules/last``.
  case last
  /// ``KeepRules/hourly``.
  case hourly
  /// ``KeepRules/daily``.
  case daily
  /// ``KeepRules/weekly``.
  case weekly
  /// ``KeepRules/within``.
  case within
}

extension KeepReason: CustomStringConvertible {
  /// The reason for a person, in a word or two.
  public var description: String {
    switch self {
    case .head: "HEAD"
    case .branch(let name): "branch \(name)"
    case .tag(let name): "tag \(name)"
    case .highest: "highest number"
    case .last: "last"
    case .hourly: "hourly"
    case .daily: "daily"
    case .weekly: "weekly"
    case .within: "within"
    }
  }
}

extension KeepRules {
  /// Returns the commits that the rules ask for, each with its reasons.
  func reasons(for commits: [Commit]) -> [CommitNumber: [KeepReason]] {
    let newestFirst = commits.sorted { ($0.time, $0.number) > ($1.time, $1.number) }
    var reasons: [CommitNumber: [KeepReason]] = [:]
    for commit in newestFirst.prefix(last) { reasons[commit.number, default: []].append(.last) }
    let periods: [(Int, KeepReason, (Timestamp) -> Int64)] = [
      (hourly, .hourly, \.hours), (daily, .daily, \.days), (weekly, .weekly, \.weeks),
    ]
    for (count, reason, period) in periods {
      var left = count
      var latest: Int64?
      for commit in newestFirst where left > 0 && period(commit.time) != latest {
        latest = period(commit.time)
        left -= 1
        reasons[commit.number, default: []].append(reason)
      }
    }
    if let within, let newest = newestFirst.first {
      let start = newest.time.before(within)
      for commit in newestFirst.prefix(while: { $0.time > start }) {
        reasons[commit.number, default: []].append(.within)
      }
    }
    return reasons
  }
}

extension Timestamp {
  /// Hours since 1970 began, rounded down.
  fileprivate var hours: Int64 { (seconds >= 0 ? seconds : seconds - 3599) / 3600 }

  /// Weeks, from Monday on, since the one in which 1970 began, rounded down.
  fileprivate var weeks: Int64 {
    let fromMonday = days + 3
    return (fromMonday >= 0 ? fromMonday : fromMonday - 6) / 7
  }
}
