import PodPickle
import PodText
import Testing

@Suite struct UnifiedTextTests {
  private func text(_ before: String, _ after: String) -> String {
    var lines: [String] = []
    let text = UnifiedText(
      from: ByteSource(Array(before.utf8)), to: ByteSource(Array(after.utf8)))
    text.write { lines.append(String(decoding: $0, as: UTF8.self)) }
    return lines.joined(separator: "\n")
  }

  private func numbers(_ range: ClosedRange<Int>, _ others: [Int: String] = [:]) -> String {
    range.map { others[$0] ?? "\($0)\n" }.joined()
  }

  @Test("Equal texts have no difference")
  func equal() {
    #expect(text("a\nb", "a\nb") == "")
    #expect(text("", "") == "")
  }

  @Test("A change stands between three equal lines before and behind it")
  func context() {
    #expect(
      text(numbers(1...9), numbers(1...9, [5: "x\n"])) == """
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +x
         6
         7
         8
        """)
  }

  @Test("Changes with up to six equal lines between them stand under one head")
  func groups() {
    let near = text(numbers(1...30), numbers(1...30, [5: "x\n", 12: ""]))
    #expect(near.split(separator: "\n").filter { $0.hasPrefix("@@") } == ["@@ -2,14 +2,13 @@"])
    let far = text(numbers(1...30), numbers(1...30, [5: "x\n", 13: ""]))
    #expect(
      far.split(separator: "\n").filter { $0.hasPrefix("@@") }
        == ["@@ -2,7 +2,7 @@", "@@ -10,7 +10,6 @@"])
  }

  @Test("Texts that were empty, or become so, begin at line 0")
  func empty() {
    #expect(text("", "a\n") == "@@ -0,0 +1 @@\n+a")
    #expect(text("a\nb\n", "") == "@@ -1,2 +0,0 @@\n-a\n-b")
  }

  @Test("A last line without an end differs from one with an end, and says so")
  func newline() {
    #expect(text("a\nb", "a\nb\n") == "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b")
    #expect(
      text("x\nb", "y\nb")
        == "@@ -1,2 +1,2 @@\n-x\n+y\n b\n\\ No newline at end of file")
  }
}
