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
