import PodModel
import Testing

@Suite struct TimestampTests {
  @Test(
    "A time is written in ISO 8601",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_795_255_331, "2026-11-21T10:02:11Z"),
      (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    ])
  func text(seconds: Int64, expected: String) throws {
    #expect(Timestamp(microseconds: seconds * 1_000_000).description == expected)
    let read = try #require(Timestamp(parsing: expected))
    #expect(read.seconds == seconds)
  }

  @Test("A day that is not in the calendar is no time")
  func badDay() {
    #expect(Timestamp(parsing: "2026-02-29") == nil)
    #expect(Timestamp(parsing: "2026-13-01") == nil)
  }
}
