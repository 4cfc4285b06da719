/// A column of which most values are the same, and the others are kept with their rows.
struct SparseColumn: ColumnValues {
  let positions: SparsePositions
  let values: any ColumnValues
  let fill: [UInt8]

  var count: Int { positions.rowCount }

  var extents: [ColumnExtent] {
    let values = values.extents
    return values.isEmpty ? [] : positions.extents + values
  }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    let all = try positions.rows()
    let start = Self.firstIndex(in: all, notBelow: rows.lowerBound)
    let end = max(start, Self.firstIndex(in: all, notBelow: rows.upperBound))
    var places: [Int: Int] = [:]
    for index in start..<end { places[Int(all[index])] = index }
    return Cells(places: places, values: try values.cells(in: start..<end), fill: fill)
  }

  private static func firstIndex(in rows: [Int32], notBelow row: Int) -> Int {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private struct Cells: ColumnCells {
    let places: [Int: Int]
    let values: any ColumnCells
    let fill: [UInt8]

    func append(_ row: Int, to output: inout [UInt8]) {
      if let place = places[row] {
        values.append(place, to: &output)
      } else {
        output += fill
      }
    }
  }
}

/// The rows that have values of their own, read when they are first wanted.
final class SparsePositions {
  private let starts: ElementColumn
  /// How long the runs are that begin at `starts`; nil if each is one row.
  private let lengths: ElementColumn?
  /// The number of values.
  private let count: Int
  let rowCount: Int
  private var known: [Int32]?

  init(starts: ElementColumn, lengths: ElementColumn?, count: Int, rowCount: Int) {
    self.starts = starts
    self.lengths = lengths
    self.count = count
    self.rowCount = rowCount
  }

  var extents: [ColumnExtent] { starts.extents + (lengths?.extents ?? []) }

  /// The rows in order, as many as there are values.
  func rows() throws(BlobError) -> [Int32] {
    if let known { return known }
    var rows: [Int32] = []
    let beginnings = try starts.integers(in: 0..<starts.count)
    let counts = try lengths.map { column throws(BlobError) in
      try column.integers(in: 0..<column.count)
    }
    for (index, start) in beginnings.enumerated() {
      var run: Int64 = 1
      if let counts { run = index < counts.count ? max(0, counts[index]) : 0 }
      if rows.count == count { break }
      for step in 0..<min(run, Int64(count - rows.count)) {
        rows.append(Int32(clamping: start &+ step))
      }
    }
    known = rows
    return rows
  }
}
