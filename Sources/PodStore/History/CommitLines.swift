import PodModel

/// Which commits stand on which lines of a session, so that they can be counted without their rows.
///
/// Memory is 8 bytes for each commit.
struct CommitLines: Sendable {
  /// The commits of a line that bind a name alike: those from `start` on, and before `end`.
  struct Span {
    let line: Int64
    let start: Int64
    let end: Int64?
  }

  private struct Line {
    var parent: LinePoint?
    var children: [Int64] = []
    /// The numbers of its commits, ascending.
    var numbers: [Int64] = []
  }

  private var lines: [Int64: Line] = [:]
  private var lastLine: Int64 = 0
  private var lastNumber: Int64 = 0
  private let removals: Int64

  /// Reads the lines of a session; only what is new, if `known` is from after the last removal.
  init(
    of session: SessionID, after known: CommitLines?, on connection: borrowing Connection
  ) throws(StoreError) {
    let removals = try connection.removals()
    if let known, known.removals == removals {
      self = known
    } else {
      self.removals = removals
    }
    try readLines(of: session, connection)
    var select = try connection.prepare(
      "SELECT number, line FROM commit_ WHERE session = ? AND number > ? ORDER BY number",
      session.row, lastNumber)
    while try select.step() {
      lastNumber = select.integer(0)
      lines[select.integer(1)]?.numbers.append(lastNumber)
    }
  }

  private mutating func readLines(
    of session: SessionID, _ connection: borrowing Connection
  ) throws(StoreError) {
    var select = try connection.prepare(
      "SELECT id, parent, parent_number FROM line WHERE id > ? AND session = ? ORDER BY id",
      lastLine, session.row)
    while try select.step() {
      lastLine = select.integer(0)
      var line = Line()
      // A parent is always older, so no damage can make a circle.
      if !select.isNull(1), select.integer(1) < lastLine {
        line.parent = LinePoint(line: select.integer(1), number: try select.commitNumber(2))
        lines[select.integer(1)]?.children.append(lastLine)
      }
      lines[lastLine] = line
    }
  }

  /// The rows of all lines.
  var rows: [Int64] { lines.keys.sorted() }

  /// The number of commits in a span.
  func count(_ span: Span) -> Int {
    guard let numbers = lines[span.line]?.numbers else { return 0 }
    let end = span.end.map { Self.place(of: $0, in: numbers) } ?? numbers.count
    return max(0, end - Self.place(of: span.start, in: numbers))
  }

  /// The commits in a span, ascending.
  func numbers(in span: Span) -> [CommitNumber] {
    guard count(span) > 0, let numbers = lines[span.line]?.numbers else { return [] }
    let start = Self.place(of: span.start, in: numbers)
    return numbers[start..<(start + count(span))].compactMap { CommitNumber($0) }
  }

  /// The first commit in a span.
  func first(_ span: Span) -> CommitNumber? {
    guard count(span) > 0, let numbers = lines[span.line]?.numbers else { return nil }
    return CommitNumber(numbers[Self.place(of: span.start, in: numbers)])
  }

  /// The lines that begin at a commit of a span, whose commits bind the name alike at first.
  func children(of span: Span) -> [Int64] {
    (lines[span.line]?.children ?? []).filter { child in
      guard let number = lines[child]?.parent?.number.value else { return false }
      return number >= span.start && span.end.map { number < $0 } ?? true
    }
  }

  /// The number of numbers below `number`.
  private static func place(of number: Int64, in numbers: [Int64]) -> Int {
    numbers.indices.partitioningIndex { numbers[$0] >= number }
  }
}
