import PodPickle

/// Which rows of two tables stand for each other.
///
/// Rows have the label that the index gives them. Where labels are only numbers in a row, as pandas
/// gives them by itself, and there are not as many, rows with the same cells stand for each other.
struct FrameRows {
  /// Rows of both tables by turns: those with equal places stand for each other.
  private(set) var before: [Int] = []
  private(set) var after: [Int] = []
  private(set) var removed: [Int] = []
  private(set) var added: [Int] = []
  /// Whether rows that stand for each other stand in another order.
  private(set) var isReordered = false
  /// Whether each row stands for the one in the same place, and none was added or removed.
  private(set) var isIdentity = false

  init(
    _ one: FrameValue, _ other: FrameValue, columns: [(FrameColumn, FrameColumn)]
  ) throws(BlobError) {
    if one.rowCount == other.rowCount, Self.areEqual(one.index, other.index) {
      isIdentity = true
      return
    }
    let seed = UInt64.random(in: 0...UInt64.max)
    let labels = one.index.map(\.values) + other.index.map(\.values)
    if labels.allSatisfy({ $0 is RangeColumn }) {
      let cells = (
        try one.hashes(of: columns.map(\.0), seed: seed),
        try other.hashes(of: columns.map(\.1), seed: seed)
      )
      align(cells.0, cells.1)
      return
    }
    let hashes = (
      try one.hashes(of: one.index, seed: seed), try other.hashes(of: other.index, seed: seed)
    )
    if hashes.0 == hashes.1 {
      isIdentity = true
    } else if let places = Self.places(hashes.1), Self.places(hashes.0) != nil {
      match(hashes.0, hashes.1, places)
    } else {
      align(hashes.0, hashes.1)
    }
  }

  /// Whether the levels of two indexes are known to be equal, unread.
  private static func areEqual(_ one: [FrameColumn], _ other: [FrameColumn]) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { $0.isKnown(toEqual: $1) }
  }

  /// The place of each label; nil if one stands in two places.
  private static func places(_ labels: [UInt64]) -> [UInt64: Int]? {
    var places: [UInt64: Int] = [:]
    places.reserveCapacity(labels.count)
    for (row, label) in labels.enumerated() {
      guard places.updateValue(row, forKey: label) == nil else { return nil }
    }
    return places
  }

  private mutating func match(
    _ labels: [UInt64], _ others: [UInt64], _ places: [UInt64: Int]
  ) {
    var isTaken = [Bool](repeating: false, count: others.count)
    for (row, label) in labels.enumerated() {
      guard let place = places[label] else {
        removed.append(row)
        continue
      }
      isTaken[place] = true
      if let last = after.last, last > place { isReordered = true }
      before.append(row)
      after.append(place)
    }
    added = others.indices.filter { !isTaken[$0] }
  }

  private mutating func align(_ hashes: [UInt64], _ others: [UInt64]) {
    var row = 0
    let end = SequenceDifference.Change(
      before: hashes.count..<hashes.count, after: others.count..<others.count)
    for change in SequenceDifference(from: hashes, to: others).changes + [end] {
      let equal = row..<change.before.lowerBound
      before += equal
      after += (change.after.lowerBound - equal.count)..<change.after.lowerBound
      if change.before.count == change.after.count {
        before += change.before
        after += change.after
      } else {
        removed += change.before
        added += change.after
      }
      row = change.before.upperBound
    }
  }
}

extension FrameColumn {
  /// Whether the values are known to be those of `other`, unread.
  func isKnown(toEqual other: FrameColumn) -> Bool {
    guard dtype == other.dtype, values.count == other.values.count else { return false }
    if let range = values as? RangeColumn, let otherRange = other.values as? RangeColumn {
      return range.start == otherRange.start && range.step == otherRange.step
    }
    let (extents, others) = (extents, other.extents)
    return !extents.isEmpty && extents.count == others.count
      && zip(extents, others).allSatisfy { $0.isKnown(toEqual: $1) }
  }

  /// The text of the value in `row`.
  func text(in row: Int) throws(BlobError) -> String {
    var text: [UInt8] = []
    try cells(in: row..<(row + 1)).append(row, to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}

extension ColumnExtent {
  fileprivate func isKnown(toEqual other: ColumnExtent) -> Bool {
    guard case .stored(let blob, _) = memory, case .stored(let otherBlob, _) = other.memory else {
      return false
    }
    return blob == otherBlob && offset == other.offset && stride == other.stride
      && width == other.width && count == other.count
  }
}

extension FrameValue {
  /// So many rows are read at once to be compared.
  static let comparedRows = 1 << 13

  /// A hash of the cells of each row, of some columns.
  func hashes(of columns: [FrameColumn], seed: UInt64) throws(BlobError) -> [UInt64] {
    var hashes: [UInt64] = []
    hashes.reserveCapacity(rowCount)
    for start in stride(from: 0, to: rowCount, by: Self.comparedRows) {
      let rows = start..<min(rowCount, start + Self.comparedRows)
      var cells: [any ColumnCells] = []
      for column in columns { cells.append(try column.cells(in: rows)) }
      var lines: [UInt8] = []
      for row in rows {
        for cell in cells {
          cell.append(row, to: &lines)
          lines.append(UInt8(ascii: ","))
        }
        // No cell has one: it would not stay on its line.
        lines.append(UInt8(ascii: "\n"))
      }
      hashes += ByteSource(lines).lines(seed: seed).hashes
    }
    return hashes
  }
}
