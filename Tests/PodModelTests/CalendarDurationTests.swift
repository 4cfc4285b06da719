import PodModel
import Testing

@Suite struct CalendarDurationTests {
  @Test(
    "Counts have units, each at most once",
    arguments: [
      ("2y5m7d3h", "2y5m7d3h"), ("36h", "36h"), ("3h10d", "10d3h"), ("0d", "0h"), ("", nil),
      ("7", nil), ("d", nil), ("7w", nil), ("1d1d", nil), ("-1d", nil), ("1 d", nil), ("1d2", nil),
      ("١d", nil), ("99999999999999999999d", nil), ("1000001h", nil),
    ])
  func parsing(text: String, expected: String?) {
    #expect(CalendarDuration(parsing: text)?.description == expected)
  }

  @Test(
    "A time before another one is found on the calendar",
    arguments: [
      ("2026-11-21T10:00:00", "36h", "2026-11-19T22:00:00Z"),
      ("2026-03-01T10:00:00", "1d", "2026-02-28T10:00:00Z"),
      ("2026-01-15T10:00:00", "2m", "2025-11-15T10:00:00Z"),
      ("2026-10-31T10:00:00", "1m", "2026-10-01T10:00:00Z"),
      ("2024-02-29T10:00:00", "1y", "2023-03-01T10:00:00Z"),
      ("1970-01-01T01:00:00", "2y14m1d2h", "1966-10-30T23:00:00Z"),
    ])
  func before(text: String, duration: String, expected: String) throws {
    let time: Timestamp = try #require(Timestamp(parsing: text))
    let duration = try #require(CalendarDuration(parsing: duration))
    #expect(time.before(duration).description == expected)
  }

  @Test("What is before all times is the first of them, and no trap")
  func tooLong() throws {
    let first = Timestamp(microseconds: .min)
    let years = try #require(CalendarDuration(parsing: "1000000y1000000m1000000d1000000h"))
    #expect(Timestamp(microseconds: 0).before(years) == first)
    #expect(first.before(years) == first)
  }
}
