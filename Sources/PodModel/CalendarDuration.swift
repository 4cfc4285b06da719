/// A length of time in the units of the calendar, such as `2y5m7d3h`.
public struct CalendarDuration: Hashable, Sendable {
  /// The number of years.
  public var years = 0
  /// The number of months.
  public var months = 0
  /// The number of days.
  public var days = 0
  /// The number of hours.
  public var hours = 0

  /// What no count may exceed, so that no sum of them can overflow.
  private static let countLimit = 1_000_000

  /// Reads counts with their units, each at most once: `y`, `m` for months, `d` and `h`.
  public init?(parsing text: String) {
    let units: [Character: WritableKeyPath<Self, Int>] = [
      "y": \.years, "m": \.months, "d": \.days, "h": \.hours,
    ]
    var seen: Set<Character> = []
    var digits = ""
    for character in text {
      if let unit = units[character], seen.insert(character).inserted,
        let count = Int(digits), count <= Self.countLimit
      {
        self[keyPath: unit] = count
        digits = ""
      } else if character.isASCII, character.isWholeNumber {
        digits.append(character)
      } else {
        return nil
      }
    }
    if seen.isEmpty || !digits.isEmpty { return nil }
  }
}

extension CalendarDuration: CustomStringConvertible {
  /// The counts that are not 0 with their units, the largest unit first.
  public var description: String {
    let parts = [(years, "y"), (months, "m"), (days, "d"), (hours, "h")].filter { $0.0 != 0 }
    return parts.isEmpty ? "0h" : parts.map { "\($0)\($1)" }.joined()
  }
}
