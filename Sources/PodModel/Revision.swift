/// What a person types to mean a commit: `7`, `HEAD`, `HEAD~2`, a branch, a tag, a digest prefix,
/// a time.
public struct Revision: Hashable, Sendable {
  /// Where to start.
  public enum Base: Hashable, Sendable {
    /// The commit that is checked out.
    case head
    /// The commit with a number.
    case number(CommitNumber)
    /// A branch, a tag or at least four digits of a commit's digest, in this order.
    case name(String)
    /// The last commit made at a time or before it.
    case time(Timestamp)
  }

  /// Where to start.
  public let base: Base
  /// How many first parents to go back from there.
  public let ancestors: Int

  /// Creates a revision from its parts.
  public init(base: Base, ancestors: Int = 0) {
    self.base = base
    self.ancestors = ancestors
  }

  /// Reads a revision such as `7`, `HEAD~2` or `2026-11-21T10:02`.
  public init(parsing text: some StringProtocol) throws(NameError) {
    let parts = text.split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
    let start = String(parts[0])
    if parts.count == 2 {
      guard let count = parts[1].isEmpty ? 1 : Int(parts[1]), count >= 0 else {
        throw .invalidRevision(String(text), reason: "after '~' comes a number of commits")
      }
      ancestors = count
    } else {
      ancestors = 0
    }
    if start == "HEAD" {
      base = .head
    } else if let number = Int64(start) {
      guard let number = CommitNumber(number) else {
        throw .invalidRevision(String(text), reason: "commits are numbered from 1")
      }
      base = .number(number)
    } else if let time = Timestamp(parsing: start) {
      base = .time(time)
    } else if !start.isEmpty {
      base = .name(start)
    } else {
      throw .invalidRevision(String(text), reason: "it is empty")
    }
  }
}

extension Revision: CustomStringConvertible {
  /// The revision as it is typed.
  public var description: String {
    let start =
      switch base {
      case .head: "HEAD"
      case .number(let number): number.description
      case .name(let name): name
      case .time(let time): time.description
      }
    return ancestors == 0 ? start : "\(start)~\(ancestors)"
  }
}

extension Timestamp {
  /// Reads `2026-11-21`, `2026-11-21T10:02` or `2026-11-21T10:02:11Z` in UTC, or returns nil.
  ///
  /// "." may stand for ":". A day means its last second, a minute its last second: a person who
  /// gives a day wants what was there when it ended.
  public init?(parsing text: some StringProtocol) {
    let halves = text.split(separator: "T", omittingEmptySubsequences: false)
    let date = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard halves.count <= 2, halves[0].utf8.count == 10, date.count == 3,
      let year = date[0], let month = date[1], let day = date[2]
    else { return nil }
    var time: [Int?] = [23, 59, 59]
    if halves.count == 2 {
      let clock = halves[1].hasSuffix("Z") ? halves[1].dropLast() : halves[1]
      time = clock.split(omittingEmptySubsequences: false, whereSeparator: { ":.".contains($0) })
        .map { Int($0) }
      if time.count == 2 { time.append(59) }
    }
    guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2] else {
      return nil
    }
    guard
      let whole = Timestamp(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    self.init(microseconds: whole.microseconds + 999_999)
  }
}
