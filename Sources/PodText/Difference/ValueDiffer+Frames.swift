import PodModel
import PodPickle

/// Tables: columns by their names, rows by their labels, and the cells that both have.
extension ValueDiffer {
  /// Of a longer row, label or cell the beginning is shown.
  private static let textLimit = 72

  mutating func compare(frames one: FrameValue, _ other: FrameValue) throws(BlobError) {
    if one.typeName != other.typeName {
      add(.changed) {
        Difference(path: $0.path(), kind: .changed, before: one.heading, after: other.heading)
      }
    }
    if one.details != other.details {
      let texts = (Self.text(of: one.details), Self.text(of: other.details))
      add(.changed) {
        Difference(path: $0.path(), kind: .changed, before: texts.0, after: texts.1)
      }
    }
    let columns = try columns(one, other)
    compareIndex(one, other)
    let rows = try FrameRows(one, other, columns: columns)
    try compare(rows, one, other)
    for (column, otherColumn) in columns {
      try compare(column, otherColumn, rows, one, other)
      if isBrief && differences.count > 0 { return }
    }
  }

  private static func text(of details: [[UInt8]]) -> String {
    String(decoding: Array(details.joined(separator: Array("; ".utf8))), as: UTF8.self)
  }

  private func column(_ column: FrameColumn, of frame: FrameValue) -> String {
    frame.isTable ? path() + "[\(Self.label(column.name))]" : path()
  }

  /// A label as Python would write it, as far as its text tells.
  private static func label(_ text: [UInt8]) -> String {
    let isNumber = text.first.map { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ?? false
    let isQuoted = text.first == UInt8(ascii: "'") || text.first == UInt8(ascii: "\"")
    if isNumber || isQuoted { return cut(String(decoding: text, as: UTF8.self)) }
    return cut(String(decoding: PythonText.text(of: .string(text)), as: UTF8.self))
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count > textLimit ? text.prefix(textLimit) + "…" : text
  }

  // MARK: Columns

  /// Tells what became of columns; returns those that both have.
  private mutating func columns(
    _ one: FrameValue, _ other: FrameValue
  ) throws(BlobError) -> [(FrameColumn, FrameColumn)] {
    guard one.isTable, other.isTable else {
      let pairs = Array(zip(one.columns, other.columns))
      for (column, otherColumn) in pairs {
        tellTypes(of: column, otherColumn, other)
        guard column.name != otherColumn.name else { continue }
        add(.changed) {
          Difference(
            path: $0.path() + ".name", kind: .changed, before: Self.label(column.name),
            after: Self.label(otherColumn.name))
        }
      }
      return pairs
    }
    var places: [[UInt8]: [Int]] = [:]
    for (place, column) in other.columns.enumerated().reversed() {
      places[column.name, default: []].append(place)
    }
    var pairs: [(FrameColumn, FrameColumn)] = []
    var removed: [FrameColumn] = []
    var taken: Set<Int> = []
    var last = -1
    var isReordered = false
    for column in one.columns {
      guard let place = places[column.name]?.popLast() else {
        removed.append(column)
        continue
      }
      isReordered = isReordered || place < last
      last = place
      taken.insert(place)
      pairs.append((column, other.columns[place]))
    }
    var added = other.columns.indices.filter { !taken.contains($0) }.map { other.columns[$0] }
    try tellRenamed(&removed, &added, one, other)
    for column in removed {
      add(.removed) {
        Difference(path: $0.column(column, of: one), kind: .removed, before: "column")
      }
    }
    for column in added {
      add(.added) {
        Difference(path: $0.column(column, of: other), kind: .added, after: "column")
      }
    }
    if isReordered { add(.changed) { $0.note("has its columns in another order") } }
    for (column, otherColumn) in pairs { tellTypes(of: column, otherColumn, other) }
    return pairs
  }

  private mutating func tellTypes(
    of column: FrameColumn, _ otherColumn: FrameColumn, _ other: FrameValue
  ) {
    guard column.dtype != otherColumn.dtype else { return }
    add(.changed) {
      Difference(
        path: $0.column(otherColumn, of: other) + ".dtype", kind: .changed,
        before: column.dtype, after: otherColumn.dtype)
    }
  }

  /// Tells of columns that have another name, and takes them out.
  private mutating func tellRenamed(
    _ removed: inout [FrameColumn], _ added: inout [FrameColumn], _ one: FrameValue,
    _ other: FrameValue
  ) throws(BlobError) {
    guard !removed.isEmpty, !added.isEmpty, one.rowCount == other.rowCount else { return }
    let seed = UInt64.random(in: 0...UInt64.max)
    var left: [FrameColumn] = []
    for column in removed {
      let hashes = try one.hashes(of: [column], seed: seed)
      var found: Int?
      for (place, candidate) in added.enumerated() where found == nil {
        guard candidate.dtype == column.dtype else { continue }
        var isSame = column.isKnown(toEqual: candidate)
        if !isSame { isSame = try other.hashes(of: [candidate], seed: seed) == hashes }
        if isSame { found = place }
      }
      guard let found else {
        left.append(column)
        continue
      }
      let name = added.remove(at: found).name
      add(.changed) { differ in
        differ.note("column \(Self.label(column.name)) is called \(Self.label(name)) now")
      }
    }
    removed = left
  }

  // MARK: Rows

  private mutating func compareIndex(_ one: FrameValue, _ other: FrameValue) {
    let types = (one.index.map(\.declarationText), other.index.map(\.declarationText))
    guard types.0 != types.1 else { return }
    add(.changed) {
      Difference(
        path: $0.path() + ".index", kind: .changed, before: types.0.joined(separator: ", "),
        after: types.1.joined(separator: ", "))
    }
  }

  private mutating func compare(
    _ rows: FrameRows, _ one: FrameValue, _ other: FrameValue
  ) throws(BlobError) {
    if rows.isReordered { add(.changed) { $0.note("has its rows in another order") } }
    for row in rows.removed {
      try add(.removed) { differ throws(BlobError) in
        Difference(
          path: try differ.place(of: row, nil, in: one), kind: .removed,
          before: try Self.text(of: row, in: one))
      }
    }
    for row in rows.added {
      try add(.added) { differ throws(BlobError) in
        Difference(
          path: try differ.place(of: row, nil, in: other), kind: .added,
          after: try Self.text(of: row, in: other))
      }
    }
  }

  private static func text(of row: Int, in frame: FrameValue) throws(BlobError) -> String {
    var texts: [String] = []
    for column in frame.columns {
      texts.append(try column.text(in: row))
      if texts.count > 20 { break }
    }
    return cut(texts.joined(separator: ","))
  }

  /// `df.loc[7, 'price']`; `df.loc[7]` for a row.
  private func place(
    of row: Int, _ column: FrameColumn?, in frame: FrameValue
  ) throws(BlobError) -> String {
    if frame.index.isEmpty { return "\(path())[\(row)]" }
    var labels: [String] = []
    for level in frame.index {
      var text: [UInt8] = []
      try level.cells(in: row..<(row + 1)).append(row, to: &text)
      labels.append(Self.label(text))
    }
    var label = labels.joined(separator: ", ")
    if labels.count > 1 { label = "(\(label))" }
    if let column, frame.isTable { label += ", \(Self.label(column.name))" }
    return "\(path()).loc[\(label)]"
  }

  // MARK: Cells

  private mutating func compare(
    _ column: FrameColumn, _ otherColumn: FrameColumn, _ rows: FrameRows, _ one: FrameValue,
    _ other: FrameValue
  ) throws(BlobError) {
    if !rows.isIdentity {
      let seed = UInt64.random(in: 0...UInt64.max)
      let hashes = (
        try one.hashes(of: [column], seed: seed), try other.hashes(of: [otherColumn], seed: seed)
      )
      for (row, otherRow) in zip(rows.before, rows.after)
      where hashes.0[row] != hashes.1[otherRow] {
        try tell(column, row, otherColumn, otherRow, other)
      }
      return
    }
    if column.isKnown(toEqual: otherColumn) { return }
    for range in try Self.rows(column, otherColumn, count: one.rowCount) {
      for start in stride(
        from: range.lowerBound, to: range.upperBound, by: FrameValue.comparedRows)
      {
        let chunk = start..<min(range.upperBound, start + FrameValue.comparedRows)
        let cells = (try column.cells(in: chunk), try otherColumn.cells(in: chunk))
        for row in chunk {
          var texts: (one: [UInt8], other: [UInt8]) = ([], [])
          cells.0.append(row, to: &texts.one)
          cells.1.append(row, to: &texts.other)
          if texts.one != texts.other { try tell(column, row, otherColumn, row, other) }
        }
      }
    }
  }

  private mutating func tell(
    _ column: FrameColumn, _ row: Int, _ otherColumn: FrameColumn, _ otherRow: Int,
    _ other: FrameValue
  ) throws(BlobError) {
    let hasRoom = differences.hasRoom
    // Of another type, the same number has another text.
    let isSame = column.dtype == otherColumn.dtype
    guard hasRoom || !isSame else { return differences.add(.changed, nil) }
    let texts = (try column.text(in: row), try otherColumn.text(in: otherRow))
    if !isSame, texts.0 + ".0" == texts.1 || texts.0 == texts.1 + ".0" { return }
    try add(.changed) { differ throws(BlobError) in
      Difference(
        path: try differ.place(of: otherRow, otherColumn, in: other), kind: .changed,
        before: Self.cut(texts.0), after: Self.cut(texts.1))
    }
  }

  /// The rows in which two columns may differ, as far as the pods tell that they lie in.
  private static func rows(
    _ column: FrameColumn, _ other: FrameColumn, count: Int
  ) throws(BlobError) -> [Range<Int>] {
    let all = [0..<count]
    guard let extent = column.extents.first, let otherExtent = other.extents.first,
      column.extents.count == 1, other.extents.count == 1, column.dtype == other.dtype,
      extent.offset == otherExtent.offset, extent.stride == otherExtent.stride,
      extent.width == otherExtent.width, extent.stride > 0, extent.width > 0, count > 0
    else { return all }
    let end = extent.offset + (count - 1) * extent.stride + extent.width
    guard end <= min(extent.memory.count, otherExtent.memory.count) else { return all }
    var rows: [Range<Int>] = []
    for range in try ranges(extent.memory, otherExtent.memory, upTo: end) {
      let low = max(0, range.lowerBound - extent.offset - extent.width + extent.stride)
      let first = max(low / extent.stride, rows.last?.upperBound ?? 0)
      let high = max(0, range.upperBound - extent.offset + extent.stride - 1) / extent.stride
      if first < min(high, count) { rows.append(first..<min(high, count)) }
    }
    return rows
  }
}

extension FrameValue {
  /// What it is, without its shape: `pandas.DataFrame`.
  fileprivate var typeName: Substring { heading.prefix { $0 != "(" } }

  /// Whether its columns have names, as those of a Series have not.
  fileprivate var isTable: Bool { typeName == "pandas.DataFrame" }
}

extension FrameColumn {
  /// What is said of a level of an index: its name and type.
  fileprivate var declarationText: String {
    (name.isEmpty ? "" : String(decoding: name, as: UTF8.self) + ": ") + dtype
  }
}
