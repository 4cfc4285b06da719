/// Rows of cells, each column as wide as its widest cell, two spaces between columns.
struct Table {
  /// How the cells of a column are set.
  enum Alignment {
    /// For words.
    case left
    /// For numbers.
    case right
  }

  private var rows: [[String]] = []
  private let alignments: [Alignment]

  /// Starts a table; columns without an alignment are set left.
  init(_ alignments: [Alignment] = []) { self.alignments = alignments }

  /// Adds a row; control characters in its cells are escaped.
  mutating func add(_ cells: String...) { add(cells) }

  /// Adds a row; control characters in its cells are escaped.
  mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }

  /// The lines, without spaces at their ends.
  var lines: [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].columnCount : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.columnCount)
        let right = column < alignments.count && alignments[column] == .right
        return right ? space + cell : cell + space
      }
      return cells.joined(separator: "  ").trimmed
    }
  }
}

extension String {
  /// The text without spaces at its end.
  var trimmed: String {
    guard utf8.last == UInt8(ascii: " ") else { return self }
    return lastIndex { $0 != " " }.map { String(self[...$0]) } ?? ""
  }

  /// The number of columns that it takes on a terminal.
  var columnCount: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return reduce(0) { $0 + $1.columnCount }
  }

  /// The text cut to a number of columns, with "…" for what is left out.
  func cut(toColumns limit: Int) -> String {
    if columnCount <= limit { return self }
    var kept = ""
    var used = 0
    for character in self {
      used += character.columnCount
      if used > limit - 1 { break }
      kept.append(character)
    }
    return kept + "…"
  }
}

extension Character {
  /// The ranges of characters that take two columns: East Asian ones and pictures.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
    0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd,
  ]

  /// The number of columns that it takes on a terminal.
  fileprivate var columnCount: Int {
    guard let first = unicodeScalars.first else { return 0 }
    return first.value >= 0x1100 && Self.wide.contains { $0.contains(first.value) } ? 2 : 1
  }
}
