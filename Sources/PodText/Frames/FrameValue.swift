import PodPickle

/// A table of pandas: a DataFrame, a Series, or an index or array that stands alone.
///
/// It is shown as a heading, a line for each column with its type, and CSV with the index: a row a
/// line and no padding, so that a wider value changes no other line. docs/text.md says how what is
/// missing is told from texts that look like it.
///
/// The differ asks for the columns and compares their extents first: where these are equal, the
/// columns are, unread. Cells are read some rows at a time, by ``FrameColumn/cells(in:)``.
struct FrameValue: LinedValue {
  /// What it is, such as `pandas.DataFrame(shape=(3, 2))`.
  let heading: String
  /// What is said of it besides its columns: names, attributes, flags.
  var details: [[UInt8]] = []
  /// The levels of the index; none where the values are an index or array themselves.
  let index: [FrameColumn]
  let columns: [FrameColumn]
  let rowCount: Int
  /// Whether it is no frame, but an index or array of which no line names the columns.
  var isAlone = false

  /// Cells of so many bytes, about, are in memory at once.
  private static let chunkLimit = 4 << 20
  private static let rowLimit = 1 << 14

  /// The number of rows that are read at once.
  private var chunkLength: Int {
    let cells = max(1, index.count + columns.count)
    return max(1, min(Self.rowLimit, Self.chunkLimit / 16 / cells))
  }

  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError) {
    let margin = [UInt8](repeating: UInt8(ascii: " "), count: indentation)
    let all = index + columns
    for level in index { output.append(lines: margin + level.declaration(after: "index")) }
    for column in columns { output.append(lines: margin + column.declaration(after: "")) }
    for detail in details { output.append(lines: margin + detail + [UInt8(ascii: "\n")]) }
    if !isAlone {
      let names = all.map(\.name).joined(separator: [UInt8(ascii: ",")])
      output.append(lines: margin + names + [UInt8(ascii: "\n")])
    }
    var start = 0
    while start < rowCount {
      let rows = start..<min(rowCount, start + chunkLength)
      try append(rows, of: all, margin, to: &output)
      start = rows.upperBound
    }
  }

  private func append(
    _ rows: Range<Int>, of columns: [FrameColumn], _ margin: [UInt8], to output: inout TextOutput
  ) throws(BlobError) {
    var cells: [any ColumnCells] = []
    cells.reserveCapacity(columns.count)
    for column in columns { cells.append(try column.values.cells(in: rows)) }
    var lines: [UInt8] = []
    for row in rows {
      lines += margin
      for index in cells.indices {
        if index > 0 { lines.append(UInt8(ascii: ",")) }
        cells[index].append(row, to: &lines)
      }
      lines.append(UInt8(ascii: "\n"))
      if lines.count > 64 << 10 {
        output.append(lines: lines)
        lines.removeAll(keepingCapacity: true)
      }
    }
    output.append(lines: lines)
  }
}

/// A column of a table, or a level of its index.
struct FrameColumn {
  /// Its label as it stands in CSV; of columns with several levels, the labels with slashes between
  /// them.
  let name: [UInt8]
  /// The type of the values under pandas' name.
  let dtype: String
  let values: any ColumnValues

  /// The line that says the type.
  fileprivate func declaration(after word: String) -> [UInt8] {
    let word = word.isEmpty && name.isEmpty ? "dtype" : word
    let space = word.isEmpty || name.isEmpty ? "" : " "
    return Array("\(word)\(space)".utf8) + name + Array(": \(dtype)\n".utf8)
  }

  /// Where the values are in memory or in pods.
  var extents: [ColumnExtent] { values.extents }

  /// Reads the values of some rows, whose texts can then be appended to a buffer.
  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    try values.cells(in: rows)
  }
}

/// The values of a column, one a row, which are read some rows at a time.
protocol ColumnValues {
  /// The number of rows.
  var count: Int { get }
  /// Where the values are.
  ///
  /// Columns of one type whose extents are equal one by one have the same values. None where values
  /// are objects: these have to be compared one by one.
  var extents: [ColumnExtent] { get }
  /// Reads the values of `rows`, which are rows of the column.
  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells
}

/// Values of some rows, in memory.
protocol ColumnCells {
  /// Appends the text of the value in `row`, which is one of those that were read, as it stands in
  /// CSV.
  func append(_ row: Int, to output: inout [UInt8])
}

/// Where values of a column lie: one every `stride` bytes of `memory` from `offset` on.
///
/// A column of an array in which the rows lie together has a stride of all columns' widths. Rows
/// whose bytes lie in equal pods are equal.
struct ColumnExtent {
  let memory: Payload
  let offset: Int
  let stride: Int
  /// The number of bytes of a value; 0 where they are many, such as text.
  let width: Int
  let count: Int
}
