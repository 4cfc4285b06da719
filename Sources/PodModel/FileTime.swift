/// A point in time as a disk keeps it: in nanoseconds, and of any year.
public struct FileTime: Hashable, Comparable, Sendable {
  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  public let seconds: Int64
  /// The nanoseconds past the whole second, 0 to 999,999,999.
  public let nanoseconds: Int64

  /// Creates the time that is this long after 1970-01-01T00:00:00Z.
  public init(seconds: Int64, nanoseconds: Int64) {
    self.seconds = seconds
    self.nanoseconds = min(max(nanoseconds, 0), 999_999_999)
  }

  /// Orders earlier before later.
  public static func < (left: Self, right: Self) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Creates the same time as a timestamp.
  public init(_ time: Timestamp) {
    self.init(seconds: time.seconds, nanoseconds: time.microsecond * 1000)
  }
}

/// The three times that `stat` shows of a file.
public struct FileTimes: Hashable, Sendable {
  /// When it was read, as far as anybody said so.
  public var accessed: FileTime
  /// When its bytes were changed.
  public var modified: FileTime
  /// When its bytes or anything that `stat` shows were changed.
  public var changed: FileTime

  /// Creates the times of a file of which only one is known.
  public init(_ time: FileTime) {
    self.init(accessed: time, modified: time, changed: time)
  }

  /// Creates times from all three.
  public init(accessed: FileTime, modified: FileTime, changed: FileTime) {
    self.accessed = accessed
    self.modified = modified
    self.changed = changed
  }
}
