/// Times as numpy and pandas write them, straight into a buffer.
extension [UInt8] {
  /// What stands for no time at all.
  static var noTime: Int64 { .min }

  /// Appends a point in time as numpy does: in ISO 8601, as far as the unit says it.
  mutating func append(time ticks: Int64, _ unit: TimeUnit) {
    guard ticks != Self.noTime else { return self += "NaT".utf8 }
    let (value, overflow) = ticks.multipliedReportingOverflow(by: unit.multiple)
    guard !overflow else { return append(decimal: ticks) }
    switch unit.base {
    case .generic: append(decimal: value)
    case .year: append(year: 1970, plus: value)
    case .month:
      let (years, months) = value.divided(floor: 12)
      append(year: 1970, plus: years)
      append(UInt8(ascii: "-"))
      append(decimal: UInt64(months + 1), width: 2)
    case .week:
      let (days, overflow) = value.multipliedReportingOverflow(by: 7)
      guard !overflow else { return append(decimal: ticks) }
      append(day: days)
    case .day: append(day: value)
    case .hour:
      let (days, hours) = value.divided(floor: 24)
      append(day: days)
      append(UInt8(ascii: "T"))
      append(decimal: UInt64(hours), width: 2)
    case .minute:
      let (days, minutes) = value.divided(floor: 1440)
      append(day: days)
      append(UInt8(ascii: "T"))
      append(clock: minutes * 60)
      removeLast(3)
    default:
      append(instant: value, unit, separator: UInt8(ascii: "T"), isFull: true)
    }
  }

  /// Appends a date and the time of the day.
  ///
  /// - Parameter isFull: see ``append(fraction:digits:isFull:)``.
  mutating func append(instant ticks: Int64, _ unit: TimeUnit, separator: UInt8, isFull: Bool) {
    guard let (perSecond, digits) = unit.fraction else { return append(decimal: ticks) }
    let (seconds, fraction) = ticks.divided(floor: perSecond)
    let (days, clock) = seconds.divided(floor: 86_400)
    append(day: days)
    append(separator)
    append(clock: clock)
    append(fraction: UInt64(fraction), digits: digits, isFull: isFull)
  }

  /// Appends the hour, minute and second.
  mutating func append(clock seconds: Int64) {
    append(decimal: UInt64(seconds / 3600), width: 2)
    append(UInt8(ascii: ":"))
    append(decimal: UInt64(seconds / 60 % 60), width: 2)
    append(UInt8(ascii: ":"))
    append(decimal: UInt64(seconds % 60), width: 2)
  }

  /// Appends the fraction of a second, of which `value` has so many digits.
  ///
  /// - Parameter isFull: whether all digits are written; if not, none where it is 0, and else six,
  ///   or nine where there are nanoseconds.
  mutating func append(fraction value: UInt64, digits: Int, isFull: Bool) {
    guard digits > 0, isFull || value > 0 else { return }
    append(UInt8(ascii: "."))
    if !isFull, digits == 9, value % 1000 == 0 { return append(decimal: value / 1000, width: 6) }
    append(decimal: value, width: digits)
    if !isFull, digits < 6 {
      append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 6 - digits))
    }
  }

  /// Appends the date of a day, counted from 1970-01-01.
  ///
  /// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years, and
  /// years that begin in March.
  mutating func append(day: Int64) {
    // Days since 0000-03-01; what is too far off for that is too far off for a calendar.
    let (shifted, overflow) = day.addingReportingOverflow(719_468)
    guard !overflow else { return append(decimal: day) }
    let (era, dayOfEra) = shifted.divided(floor: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    append(year: yearOfEra + era * 400, plus: month < 10 ? 0 : 1)
    append(UInt8(ascii: "-"))
    append(decimal: UInt64(month < 10 ? month + 3 : month - 9), width: 2)
    append(UInt8(ascii: "-"))
    append(decimal: UInt64(dayOfYear - (153 * month + 2) / 5 + 1), width: 2)
  }

  mutating func append(year: Int64, plus years: Int64) {
    let (sum, overflow) = year.addingReportingOverflow(years)
    if sum < 0 || overflow { append(UInt8(ascii: "-")) }
    append(decimal: sum.magnitude, width: 4)
  }

  /// Appends a span of time as pandas does: `1 days 02:03:04.005000`.
  mutating func append(span ticks: Int64, _ unit: TimeUnit) {
    guard ticks != Self.noTime else { return self += "NaT".utf8 }
    guard let (perSecond, digits) = unit.fraction, unit.multiple == 1 else {
      return append(decimal: ticks)
    }
    let (seconds, fraction) = ticks.divided(floor: perSecond)
    let (days, clock) = seconds.divided(floor: 86_400)
    append(decimal: days)
    self += " days ".utf8
    if days < 0 { append(UInt8(ascii: "+")) }
    append(clock: clock)
    append(fraction: UInt64(fraction), digits: digits, isFull: false)
  }

  /// Appends a point in time as pandas does: `2020-01-02 03:04:05+02:00`.
  ///
  /// - Parameter zone: what the zone is ahead of UTC, in seconds; nil for times without a zone.
  mutating func append(timestamp ticks: Int64, _ unit: TimeUnit, zone: Int64?) {
    guard ticks != Self.noTime else { return self += "NaT".utf8 }
    guard let (perSecond, _) = unit.fraction, unit.multiple == 1 else {
      return append(time: ticks, unit)
    }
    let (ahead, isFar) = (zone ?? 0).multipliedReportingOverflow(by: perSecond)
    let (local, overflow) = ticks.addingReportingOverflow(ahead)
    guard !isFar, !overflow else { return append(decimal: ticks) }
    append(instant: local, unit, separator: UInt8(ascii: " "), isFull: false)
    if let zone { append(zone: zone) }
  }

  /// Appends what a zone is ahead of UTC, in seconds.
  mutating func append(zone: Int64) {
    append(zone < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    let minutes = zone.magnitude / 60
    append(decimal: minutes / 60, width: 2)
    append(UInt8(ascii: ":"))
    append(decimal: minutes % 60, width: 2)
    if zone.magnitude % 60 != 0 {
      append(UInt8(ascii: ":"))
      append(decimal: zone.magnitude % 60, width: 2)
    }
  }
}

extension Int64 {
  /// The quotient, rounded down, and what is left over.
  func divided(floor divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
