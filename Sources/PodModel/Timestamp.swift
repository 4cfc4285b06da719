/// A point in time, in microseconds since 1970 in UTC, without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public let microseconds: Int64

  /// Creates the time that is `microseconds` after 1970-01-01T00:00:00Z.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  public var seconds: Int64 { microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0) }

  /// The microseconds past the whole second, 0 to 999,999.
  public var microsecond: Int64 { ((microseconds % 1_000_000) + 1_000_000) % 1_000_000 }

  /// Orders earlier before later.
  public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}

extension Timestamp {
  /// Creates the time of a day and a time of day in UTC (Gregorian, proleptic), or returns nil.
  public init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
  ) {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    guard Self.date(days: days) == (year, month, day) else { return nil }
    self.init(
      microseconds: Int64(days * 86400 + hour * 3600 + minute * 60 + second) * 1_000_000)
  }

  /// Days since 1970-01-01, by counting years from March so that the leap day is the last.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of ``days(year:month:day:)``.
  private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  /// Days since 1970-01-01, rounded down.
  public var days: Int64 { (seconds >= 0 ? seconds : seconds - 86399) / 86400 }

  /// The time that a duration ago was, on the calendar of UTC.
  ///
  /// A day that a month does not have is counted on from its first, so that a month before
  /// October 31 is October 1.
  public func before(_ duration: CalendarDuration) -> Timestamp {
    let date = Self.date(days: Int(days))
    let months = (date.year - duration.years) * 12 + date.month - 1 - duration.months
    let year = (months >= 0 ? months : months - 11) / 12
    let first = Self.days(year: year, month: months - year * 12 + 1, day: 1)
    let day = Int64(first + date.day - 1 - duration.days)
    let hours = Int64(duration.hours) * 3600
    let (start, isTooLarge) = (day * 86400 - hours).multipliedReportingOverflow(by: 1_000_000)
    let inDay = (seconds - days * 86400) * 1_000_000 + microsecond
    let (sum, isTooSmall) = start.addingReportingOverflow(inDay)
    return Timestamp(microseconds: isTooLarge || isTooSmall ? .min : sum)
  }

  private func text(timeSeparator: Character) -> String {
    let days = days
    let date = Self.date(days: Int(days))
    let inDay = Int(seconds - days * 86400)
    var text = String(date.year)
    if (0...999).contains(date.year) {
      text = String(repeating: "0", count: 4 - text.utf8.count) + text
    }
    let fields: [(Character, Int)] = [
      ("-", date.month), ("-", date.day), ("T", inDay / 3600), (timeSeparator, inDay / 60 % 60),
      (timeSeparator, inDay % 60),
    ]
    for (separator, value) in fields {
      text.append(separator)
      if value < 10 { text.append("0") }
      text += String(value)
    }
    text.append("Z")
    return text
  }

  /// The time as a file name: `2026-11-21T10.02.11Z`, since ":" parts revisions from variables.
  public var fileName: String { text(timeSeparator: ".") }
}

extension Timestamp: CustomStringConvertible {
  /// The time in ISO 8601, to the second: `2026-11-21T10:02:11Z`.
  public var description: String { text(timeSeparator: ":") }
}
