/// The number of a commit within its session: from 1, in the order of making.
///
/// A number is never used twice, so numbers have gaps where commits were removed.
public struct CommitNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number itself, 1 or more.
  public let value: Int64

  /// Creates a number, or returns nil for less than 1.
  public init?(_ value: Int64) {
    guard value >= 1 else { return nil }
    self.value = value
  }

  /// The number in decimal.
  public var description: String { String(value) }

  /// Orders by number, which is the order of making.
  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// The key of a session's row.
public struct SessionID: Hashable, Sendable {
  /// The row's key.
  public let row: Int64
  /// Wraps a row's key.
  public init(row: Int64) { self.row = row }
}

/// An immutable point in a session's history, without its variables.
public struct Commit: Hashable, Sendable {
  /// The commit's number in its session.
  public let number: CommitNumber
  /// The digest over parents, time, message and changes; any unique prefix of it is a revision.
  public let digest: PodID
  /// The commits it was made on: none for the first, two or more for a merge.
  ///
  /// In place of one that was removed, the nearest of its forerunners that is left.
  public let parents: [CommitNumber]
  /// When it was made.
  public let time: Timestamp
  /// What the person said of it; may be empty.
  public let message: String

  /// Creates a commit from its parts.
  public init(
    number: CommitNumber, digest: PodID, parents: [CommitNumber], time: Timestamp, message: String
  ) {
    self.number = number
    self.digest = digest
    self.parents = parents
    self.time = time
    self.message = message
  }
}

/// The code whose run made a commit, and what came of it.
public struct Cell: Hashable, Sendable {
  /// The code as it was typed.
  public var source: String
  /// The notebook's number of the run, if it has one.
  public var executionCount: Int64?
  /// Seconds that it ran, if known.
  public var duration: Double?
  /// What it printed; empty if it was not captured.
  public var standardOutput: String
  /// The error that ended it, if one did.
  public var error: String?
  /// The variables that it refers to; nil if that is not known.
  public var reads: CellReads?

  /// Creates a cell from its parts.
  public init(
    source: String, executionCount: Int64? = nil, duration: Double? = nil,
    standardOutput: String = "", error: String? = nil, reads: CellReads? = nil
  ) {
    self.source = source
    self.executionCount = executionCount
    self.duration = duration
    self.standardOutput = standardOutput
    self.error = error
    self.reads = reads
  }
}

/// A variable that a commit could not keep, and why.
public struct Unsaved: Hashable, Sendable {
  /// The variable's name; any text, since a bad name may be the reason.
  public let name: String
  /// The Python type of its value, such as `_thread.lock`.
  public let type: String
  /// Why it was left out, in one line.
  public let reason: String

  /// Creates an entry from its parts.
  public init(name: String, type: String, reason: String) {
    self.name = name
    self.type = type
    self.reason = reason
  }
}
