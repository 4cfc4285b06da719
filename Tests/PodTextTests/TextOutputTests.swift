import PodTesting
import Testing

@testable import PodText

@Suite struct TextOutputTests {
  /// The lines of a text that was written line by line.
  private func written(_ lines: [String], limit: Int) -> [Substring] {
    var output = TextOutput(limit: limit) { MemoryBlobs().digest(of: $0) }
    for line in lines { output.line(line) }
    return String(decoding: output.finish(), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  private let numbers = (0..<20_000).map { "line \($0)" }

  @Test("Up to the limit a text is as it was written")
  func short() {
    let size = numbers.reduce(0) { $0 + $1.utf8.count + 1 }
    let found = written(numbers, limit: size)
    #expect(found.dropLast().elementsEqual(numbers, by: ==))
  }

  @Test("Of a longer one the beginning, the end, and digests of all between stay")
  func long() {
    let found = written(numbers, limit: 16 << 10)
    let digests = found.filter { $0.hasPrefix("…") }
    #expect(found.first == "line 0" && found.dropLast().last == "line 19999")
    #expect(digests.count > 20)
    let left = digests.compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +)
    #expect(left + found.count - 1 - digests.count == 20_000)
    #expect(found.joined(separator: "\n").utf8.count < 2 * 16 << 10)
  }

  @Test("A line that comes in changes the digest of its block, and the lines at the borders")
  func insertion() {
    var changed = numbers
    changed.insert("something else", at: 10_000)
    let before = written(numbers, limit: 16 << 10)
    let after = written(changed, limit: 16 << 10)
    let difference = after.difference(from: before)
    #expect((1...4).contains(difference.insertions.count))
  }

  @Test("Lines that are written together are kept as if they came one by one")
  func together() {
    var output = TextOutput(limit: 16 << 10) { MemoryBlobs().digest(of: $0) }
    for start in stride(from: 0, to: numbers.count, by: 999) {
      let some = numbers[start..<min(numbers.count, start + 999)]
      output.append(lines: Array((some.joined(separator: "\n") + "\n").utf8))
    }
    let text = String(decoding: output.finish(), as: UTF8.self)
    #expect(text == written(numbers, limit: 16 << 10).joined(separator: "\n"))
  }
}
