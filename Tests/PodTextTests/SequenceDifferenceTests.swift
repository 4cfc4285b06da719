import PodTesting
import Testing

@testable import PodText

@Suite struct SequenceDifferenceTests {
  private func changes(_ before: String, _ after: String) -> String {
    let (before, after) = (Array(before), Array(after))
    return SequenceDifference(from: Self.items(before), to: Self.items(after)).changes.map {
      "\($0.before.lowerBound)-\(String(before[$0.before]))+\(String(after[$0.after]))"
    }.joined(separator: " ")
  }

  private static func items(_ text: [Character]) -> [UInt64] {
    text.map { UInt64($0.unicodeScalars.first?.value ?? 0) }
  }

  @Test("What was added, removed and replaced is found, and nothing else")
  func small() {
    #expect(changes("", "") == "")
    #expect(changes("abc", "abc") == "")
    #expect(changes("", "ab") == "0-+ab")
    #expect(changes("ab", "") == "0-ab+")
    #expect(changes("abcd", "abXcd") == "2-+X")
    #expect(changes("abcd", "aXcY") == "1-b+X 3-d+Y")
  }

  @Test("An item that is added behind equal ones is the last of them")
  func slides() {
    #expect(changes("xaay", "xaaay") == "3-+a")
    #expect(changes("xababy", "xaby") == "3-ab+")
  }

  /// The length of the longest common subsequence, by the table.
  private static func commonCount(_ before: [UInt64], _ after: [UInt64]) -> Int {
    var row = [Int](repeating: 0, count: after.count + 1)
    for item in before {
      var diagonal = 0
      for (index, other) in after.enumerated() {
        let above = row[index + 1]
        row[index + 1] = item == other ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row[after.count]
  }

  /// The items that are kept, after checking that they are equal and that all is in order.
  private static func keptCount(
    _ before: [UInt64], _ after: [UInt64], _ changes: [SequenceDifference.Change]
  ) -> Int? {
    var place = (0, 0)
    var kept = 0
    let end = SequenceDifference.Change(
      before: before.count..<before.count, after: after.count..<after.count)
    for change in changes + [end] {
      let equal = change.before.lowerBound - place.0
      guard equal >= 0, equal == change.after.lowerBound - place.1,
        before[place.0..<change.before.lowerBound] == after[place.1..<change.after.lowerBound]
      else { return nil }
      kept += equal
      place = (change.before.upperBound, change.after.upperBound)
    }
    return kept
  }

  @Test("Of short sequences the difference is the shortest", arguments: 1...4)
  func shortest(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let letters = 1 + random.next() % 6
      let before = (0..<(random.next() % 40)).map { _ in random.next() % letters }
      let after = (0..<(random.next() % 40)).map { _ in random.next() % letters }
      let found = SequenceDifference(from: before, to: after)
      #expect(
        Self.keptCount(before, after, found.changes) == Self.commonCount(before, after),
        "\(before) \(after)")
    }
  }

  @Test("Of sequences that differ everywhere, the difference is found in time, and right")
  func hostile() {
    var random = SeededGenerator(seed: 7)
    for letters: UInt64 in [1, 2, 64, 5000] {
      let before = (0..<4000).map { _ in random.next() % letters }
      let after = (0..<3000).map { _ in random.next() % letters }
      let found = SequenceDifference(from: before, to: after)
      let kept = Self.keptCount(before, after, found.changes)
      #expect(kept != nil)
      if letters == 1 { #expect(kept == 3000) }
    }
  }
}
