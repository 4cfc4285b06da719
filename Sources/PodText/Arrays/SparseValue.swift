import PodPickle

/// A sparse matrix or array of scipy: a line for each element that is stored, in the order of rows
/// and columns, with those that are stored twice both.
struct SparseValue: LinedValue {
  /// Where the elements are.
  enum Layout {
    /// For each row where its elements end, and their columns.
    case rows(ends: ElementColumn, columns: ElementColumn)
    /// For each column where its elements end, and their rows.
    case columns(ends: ElementColumn, rows: ElementColumn)
    /// The indexes of each element, a list for each dimension.
    case coordinates([ElementColumn])
    /// As rows, of blocks of a height and a width.
    case blocks(ends: ElementColumn, columns: ElementColumn, height: Int, width: Int)
    /// For each diagonal how far right of the main one it begins; each has so many values.
    case diagonals(offsets: ElementColumn, length: Int)
  }

  /// An element, by its indexes and the number of its value.
  struct Entry {
    var row: Int64
    var column: Int64
    var rest: [Int64] = []
    var value: Int
  }

  let heading: String
  let shape: [Int]
  let layout: Layout
  let values: ArrayElements

  /// Others than those in rows are put in order, if they are not more than so many.
  static let sortLimit = 1 << 21
  private static let batchLimit = 1 << 16

  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError) {
    guard case .rows(let ends, let columns) = layout else {
      let entries = try entries().sorted(by: Self.precedes)
      let bytes = try values.bytes(of: 0..<values.count)
      return append(entries, bytes, first: 0, indentation, to: &output)
    }
    var row = 0
    var start = 0
    while row < shape[0] {
      let known = try ends.integers(in: (row + 1)..<(min(row + 4096, shape[0]) + 1))
      // As many rows as have few elements together; of one that has more than can be sorted, a part.
      let first = start
      var taken: [(row: Int, range: Range<Int>)] = []
      for end in known {
        let end = min(max(start, Int(clamping: end)), values.count)
        if !taken.isEmpty, end - first > Self.batchLimit { break }
        let part = min(end, start + Self.sortLimit)
        taken.append((row, start..<part))
        start = part
        guard part == end else { break }
        row += 1
      }
      let places = try columns.integers(in: first..<start)
      var entries: [Entry] = []
      for (row, range) in taken {
        let line = range.map { Entry(row: Int64(row), column: places[$0 - first], value: $0) }
        entries += line.sorted(by: Self.precedes)
      }
      let bytes = try values.bytes(of: first..<start)
      append(entries, bytes, first: first, indentation, to: &output)
    }
  }

  private func append(
    _ entries: [Entry], _ bytes: [UInt8], first: Int, _ indentation: Int,
    to output: inout TextOutput
  ) {
    let margin = [UInt8](repeating: UInt8(ascii: " "), count: indentation)
    var lines: [UInt8] = []
    for entry in entries {
      lines += margin
      lines.append(place: entry, dimensions: shape.count)
      lines.append(values.type, of: bytes, at: (entry.value - first) * values.type.width)
      lines.append(UInt8(ascii: "\n"))
      if lines.count > 64 << 10 {
        output.append(lines: lines)
        lines.removeAll(keepingCapacity: true)
      }
    }
    output.append(lines: lines)
  }

  static func precedes(_ first: Entry, _ second: Entry) -> Bool {
    if first.row != second.row { return first.row < second.row }
    if first.column != second.column { return first.column < second.column }
    for (left, right) in zip(first.rest, second.rest) where left != right { return left < right }
    return first.value < second.value
  }

  // MARK: Layouts

  /// All elements, as they are stored.
  private func entries() throws(BlobError) -> [Entry] {
    switch layout {
    case .rows(let ends, let columns):
      return try runs(ends, columns).map { Entry(row: $0, column: $1, value: $2) }
    case .columns(let ends, let rows):
      return try runs(ends, rows).map { Entry(row: $1, column: $0, value: $2) }
    case .coordinates(let indexes):
      let all = try indexes.map { column throws(BlobError) in
        try column.integers(in: 0..<values.count)
      }
      return (0..<values.count).map { value in
        Entry(
          row: all[0][value], column: all.count > 1 ? all[1][value] : 0,
          rest: all.dropFirst(2).map { $0[value] }, value: value)
      }
    case .blocks(let ends, let columns, let height, let width):
      return try runs(ends, columns).flatMap { row, column, block in
        (0..<(height * width)).map { place in
          Entry(
            row: row &* Int64(height) &+ Int64(place / width),
            column: column &* Int64(width) &+ Int64(place % width),
            value: block * height * width + place)
        }
      }
    case .diagonals(let offsets, let length):
      var entries: [Entry] = []
      for (diagonal, offset) in try offsets.integers(in: 0..<offsets.count).enumerated() {
        for place in 0..<min(length, shape[1]) {
          let row = Int64(place) &- offset
          guard row >= 0, row < shape[0] else { continue }
          entries.append(
            Entry(row: row, column: Int64(place), value: diagonal * length + place))
        }
      }
      return entries
    }
  }

  /// The elements of runs, of which it is known where each ends: the number of the run, the index in
  /// it, and the number of the value.
  private func runs(
    _ ends: ElementColumn, _ indexes: ElementColumn
  ) throws(BlobError) -> [(Int64, Int64, Int)] {
    let places = try indexes.integers(in: 0..<indexes.count)
    var runs: [(Int64, Int64, Int)] = []
    var start = 0
    for (run, end) in try ends.integers(in: 0..<ends.count).dropFirst().enumerated() {
      let end = min(max(start, Int(clamping: end)), places.count)
      for value in start..<end { runs.append((Int64(run), places[value], value)) }
      start = end
    }
    return runs
  }
}

extension [UInt8] {
  /// Appends the indexes of an element and two spaces.
  mutating func append(place entry: SparseValue.Entry, dimensions: Int) {
    append(UInt8(ascii: "("))
    append(decimal: entry.row)
    if dimensions > 1 {
      self += ", ".utf8
      append(decimal: entry.column)
    }
    for index in entry.rest {
      self += ", ".utf8
      append(decimal: index)
    }
    self += (dimensions == 1 ? ",)  " : ")  ").utf8
  }
}
