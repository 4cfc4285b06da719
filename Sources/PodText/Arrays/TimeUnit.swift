/// The unit in which numpy counts time: so many of a unit, since 1970 or from one event to another.
struct TimeUnit: Equatable, Sendable {
  enum Base: String, Sendable {
    case year = "Y"
    case month = "M"
    case week = "W"
    case day = "D"
    case hour = "h"
    case minute = "m"
    case second = "s"
    case millisecond = "ms"
    case microsecond = "us"
    case nanosecond = "ns"
    case picosecond = "ps"
    case femtosecond = "fs"
    case attosecond = "as"
    case generic
  }

  var base: Base
  var multiple: Int64

  /// The unit of one thousand millionth of a second, which pandas counts in.
  static let nanosecond = TimeUnit(base: .nanosecond, multiple: 1)

  init(base: Base, multiple: Int64) {
    self.base = base
    self.multiple = multiple
  }

  /// Reads a unit of a dtype.
  init?(name: [UInt8], multiple: Int64) {
    guard let base = Base(rawValue: String(decoding: name, as: UTF8.self)), multiple > 0 else {
      return nil
    }
    self.init(base: base, multiple: multiple)
  }

  /// The unit within the name of a dtype.
  var name: String { multiple == 1 ? base.rawValue : "\(multiple)\(base.rawValue)" }

  /// How many of the unit are a second, and how many digits that takes; nil for longer ones.
  var fraction: (perSecond: Int64, digits: Int)? {
    switch base {
    case .second: (1, 0)
    case .millisecond: (1000, 3)
    case .microsecond: (1_000_000, 6)
    case .nanosecond: (1_000_000_000, 9)
    case .picosecond: (1_000_000_000_000, 12)
    case .femtosecond: (1_000_000_000_000_000, 15)
    case .attosecond: (1_000_000_000_000_000_000, 18)
    default: nil
    }
  }

  /// The word for so many of the unit.
  var word: String {
    switch base {
    case .year: "years"
    case .month: "months"
    case .week: "weeks"
    case .day: "days"
    case .hour: "hours"
    case .minute: "minutes"
    case .second: "seconds"
    case .millisecond: "milliseconds"
    case .microsecond: "microseconds"
    case .nanosecond: "nanoseconds"
    case .picosecond: "picoseconds"
    case .femtosecond: "femtoseconds"
    case .attosecond: "attoseconds"
    case .generic: "generic time units"
    }
  }
}
