import PodModel
import Testing

@Suite struct LocationTests {
  @Test(
    "A location reads back as it is written",
    arguments: [
      "alice", "alice:df", "alice@7", "alice@7:df", "alice@HEAD~2:df", "alice@main:a b:c@d",
      "alice@2026-11-21T10:02:11Z:df",
    ])
  func roundTrip(text: String) throws {
    #expect(try Location(parsing: text).description == text)
  }

  @Test("A time may be followed by a variable, and may leave out the seconds")
  func time() throws {
    let location = try Location(parsing: "alice@2026-11-21T10:02:x")
    #expect(location.variable?.text == "x")
    let base = try #require(Timestamp(year: 2026, month: 11, day: 21, hour: 10, minute: 2))
    #expect(
      location.revision?.base == .time(Timestamp(microseconds: base.microseconds + 59_999_999)))
  }

  @Test(
    "What is no location is refused",
    arguments: [
      "", "@7", "alice@", "alice@0", "alice@HEAD~x", "alice:", "alice:..", "alice:a/b", "-a", ".a",
      "a~b", "7", "HEAD",
    ])
  func refused(text: String) {
    #expect(throws: NameError.self) { try Location(parsing: text) }
  }

  @Test("A name of 255 bytes is one, a name of 256 is none")
  func length() throws {
    #expect(try VariableName(String(repeating: "é", count: 127) + "x").text.utf8.count == 255)
    #expect(throws: NameError.self) { try VariableName(String(repeating: "é", count: 128)) }
  }

  @Test("Two spellings of one character are two names")
  func spelling() throws {
    #expect(try VariableName("\u{e9}") != VariableName("e\u{301}"))
  }
}
