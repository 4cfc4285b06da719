import PodPickle

/// The integers of a range.
struct RangeColumn: ColumnValues, ColumnCells {
  let start: Int64
  let step: Int64
  let count: Int

  /// Takes what `range` would.
  init?(start: Int64, stop: Int64, step: Int64) {
    let (span, overflow) = stop.subtractingReportingOverflow(start)
    guard step != 0, step != .min, !overflow else { return nil }
    self.start = start
    self.step = step
    let isEmpty = span == 0 || (span < 0) != (step < 0)
    count = isEmpty ? 0 : Int((span.magnitude - 1) / step.magnitude) + 1
  }

  var extents: [ColumnExtent] { [] }

  func cells(in rows: Range<Int>) -> any ColumnCells { self }

  func append(_ row: Int, to output: inout [UInt8]) {
    output.append(decimal: start &+ Int64(row) &* step)
  }
}

/// Numbers of which a mask says that some are missing.
struct MaskedColumn: ColumnValues {
  let values: ElementColumn
  let mask: ElementColumn

  var count: Int { values.count }
  var extents: [ColumnExtent] { values.extents + mask.extents }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    Cells(
      values: try values.cells(in: rows), mask: try mask.integers(in: rows).map { $0 != 0 },
      first: rows.lowerBound)
  }

  private struct Cells: ColumnCells {
    let values: any ColumnCells
    let mask: [Bool]
    let first: Int

    func append(_ row: Int, to output: inout [UInt8]) {
      if mask[row - first] { output += "<NA>".utf8 } else { values.append(row, to: &output) }
    }
  }
}

/// Intervals, by their ends.
struct IntervalColumn: ColumnValues {
  let lower: any ColumnValues
  let upper: any ColumnValues
  let closed: String

  var count: Int { lower.count }
  var extents: [ColumnExtent] { lower.extents + upper.extents }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    Cells(
      lower: try lower.cells(in: rows), upper: try upper.cells(in: rows),
      isLowerIn: closed == "left" || closed == "both",
      isUpperIn: closed == "right" || closed == "both")
  }

  private struct Cells: ColumnCells {
    let lower: any ColumnCells
    let upper: any ColumnCells
    let isLowerIn: Bool
    let isUpperIn: Bool

    func append(_ row: Int, to output: inout [UInt8]) {
      var text: [UInt8] = []
      lower.append(row, to: &text)
      if text.elementsEqual("NaN".utf8) || text.elementsEqual("NaT".utf8) {
        output += "NaN".utf8
        return
      }
      output += (isLowerIn ? "\"[" : "\"(").utf8
      output += text
      output += ", ".utf8
      upper.append(row, to: &output)
      output += (isUpperIn ? "]\"" : ")\"").utf8
    }
  }
}
