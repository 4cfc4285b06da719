/// Periods, counted from that of 1970-01-01.
struct PeriodColumn: ColumnValues {
  let ordinals: ElementColumn
  let frequency: PeriodFrequency

  var count: Int { ordinals.count }
  var extents: [ColumnExtent] { ordinals.extents }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    Cells(
      ordinals: try ordinals.integers(in: rows), first: rows.lowerBound, frequency: frequency)
  }

  private struct Cells: ColumnCells {
    let ordinals: [Int64]
    let first: Int
    let frequency: PeriodFrequency

    func append(_ row: Int, to output: inout [UInt8]) {
      output.append(period: ordinals[row - first], frequency)
    }
  }
}

/// How long periods are.
enum PeriodFrequency {
  case year, quarter, businessDay
  /// A week that begins so many days after Monday.
  case week(firstDay: Int64)
  case unit(TimeUnit.Base)

  private static let days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

  /// The name of the periods that an offset of pandas of the class `kind` leads through.
  static func name(ofOffset kind: String, weekday: Int?) -> String? {
    switch kind {
    case "YearEnd", "BYearEnd": "Y"
    case "QuarterEnd", "BQuarterEnd": "Q"
    case "MonthEnd", "BusinessMonthEnd": "M"
    case "Week": weekday.flatMap { days.indices.contains($0) ? "W-\(days[$0])" : nil }
    case "BusinessDay": "B"
    case "Day": "D"
    case "Hour": "h"
    case "Minute": "min"
    case "Second": "s"
    case "Milli": "ms"
    case "Micro": "us"
    case "Nano": "ns"
    default: nil
    }
  }

  /// Reads a name of pandas; periods of several such are counted in one.
  init?(_ name: String) {
    let letters = name.drop { $0.isNumber }
    let parts = letters.split(separator: "-", maxSplits: 1)
    switch parts.first {
    case "Y", "A", "YE", "BY": self = .year
    case "Q", "QE", "BQ": self = .quarter
    case "B": self = .businessDay
    case "W":
      guard let last = Self.days.firstIndex(of: parts.count > 1 ? String(parts[1]) : "SUN") else {
        return nil
      }
      self = .week(firstDay: Int64(last + 1) % 7)
    case "M", "ME", "BM": self = .unit(.month)
    case "D", "C": self = .unit(.day)
    case "h", "H": self = .unit(.hour)
    case "min", "T": self = .unit(.minute)
    case "s", "S": self = .unit(.second)
    case "ms", "L": self = .unit(.millisecond)
    case "us", "U": self = .unit(.microsecond)
    case "ns", "N": self = .unit(.nanosecond)
    default: return nil
    }
  }
}

extension [UInt8] {
  /// Appends a period as pandas writes it.
  mutating func append(period ordinal: Int64, _ frequency: PeriodFrequency) {
    guard ordinal != Self.noTime else { return self += "NaT".utf8 }
    // No calendar goes further; so nothing below can overflow.
    guard ordinal.magnitude < 1 << 60 else { return append(decimal: ordinal) }
    switch frequency {
    case .year: append(year: 1970, plus: ordinal)
    case .quarter:
      append(year: 1970, plus: ordinal >> 2)
      append(UInt8(ascii: "Q"))
      append(decimal: (ordinal & 3) + 1 as Int64)
    case .businessDay:
      let (week, day) = (ordinal + 3).divided(floor: 5)
      append(day: week * 7 + day - 3)
    case .week(let firstDay):
      // The week that began on 1969-12-29, a Monday, or up to six days later, is number 1.
      let start = (ordinal - 1) * 7 - 3 + firstDay
      append(day: start)
      append(UInt8(ascii: "/"))
      append(day: start + 6)
    case .unit(let base):
      let start = count
      append(time: ordinal, TimeUnit(base: base, multiple: 1))
      if base == .hour { self += ":00".utf8 }
      // numpy writes the T of ISO 8601, pandas a space.
      if let place = self[start...].firstIndex(of: UInt8(ascii: "T")) {
        self[place] = UInt8(ascii: " ")
      }
    }
  }
}
