import PodModel
import PodPickle

/// Arrays: how many elements differ, where, and the first of them.
extension ValueDiffer {
  /// How many bytes of an array are compared at once.
  private static let chunkBytes = 1 << 20
  /// More rows are not aligned: those between the ones that are equal at both ends are replaced.
  private static let alignedRows = 1 << 20

  mutating func compare(arrays one: ArrayValue, _ other: ArrayValue) throws(BlobError) {
    if one.heading != other.heading {
      add(.changed) {
        Difference(path: $0.path(), kind: .changed, before: one.heading, after: other.heading)
      }
    }
    // The values of different types are written differently, and so are those of masked ones.
    guard one.type.name == other.type.name, one.type.width == other.type.width,
      one.type.width > 0, (one.mask == nil) == (other.mask == nil)
    else { return }
    if one.shape == other.shape {
      try compareElements(one, other)
    } else if !one.shape.isEmpty, one.shape.dropFirst() == other.shape.dropFirst() {
      try compareRows(one, other)
    }
  }

  /// How many differences there is room for, and one to be sure that there is any.
  private var room: Int { max(1, differences.limit - differences.first.count) }

  // MARK: Elements

  private mutating func compareElements(
    _ one: ArrayValue, _ other: ArrayValue
  ) throws(BlobError) {
    var found = DifferingElements(shape: one.shape)
    let step = max(1, Self.chunkBytes / one.type.width)
    for range in try Self.ranges(one, other) {
      var start = range.lowerBound
      while start < range.upperBound {
        let chunk = start..<min(range.upperBound, start + step)
        try found.compare(chunk, one, other, keeping: room)
        if isBrief && found.count > 0 { return differences.add(.changed, nil) }
        start = chunk.upperBound
      }
    }
    guard found.count > 0 else { return }
    if !one.shape.isEmpty {
      let what = "\(found.count.grouped) of \(one.elements.count.grouped) elements"
      differences.add(heading: note("\(what) differ, in \(found.box)"))
    }
    for index in found.first where differences.hasRoom {
      let place = path() + DifferingElements.place(of: index, in: one.shape)
      let texts = (try one.text(of: index..<(index + 1)), try other.text(of: index..<(index + 1)))
      differences.add(
        .changed, Difference(path: place, kind: .changed, before: texts.0, after: texts.1))
      found.tell()
    }
    differences.add(.changed, count: found.untold, nil)
  }

  /// The ranges of elements, in the order in which they are shown, that may differ.
  private static func ranges(
    _ one: ArrayValue, _ other: ArrayValue
  ) throws(BlobError) -> [Range<Int>] {
    let (elements, others) = (one.elements, other.elements)
    guard one.mask == nil, elements.isContiguous, others.isContiguous,
      elements.offset == others.offset
    else { return [0..<elements.count] }
    let width = elements.type.width
    var ranges: [Range<Int>] = []
    let end = elements.offset + elements.count * width
    for range in try Self.ranges(elements.memory, others.memory, upTo: end) {
      let low = max(0, range.lowerBound - elements.offset) / width
      let high = (max(0, range.upperBound - elements.offset) + width - 1) / width
      // Two ranges of bytes may meet in one element.
      let first = max(low, ranges.last?.upperBound ?? 0)
      if first < min(high, elements.count) { ranges.append(first..<min(high, elements.count)) }
    }
    return ranges
  }

  // MARK: Rows

  /// Compares arrays of different lengths by the items of their first dimension.
  private mutating func compareRows(_ one: ArrayValue, _ other: ArrayValue) throws(BlobError) {
    let rows = (ArrayRows(one), ArrayRows(other))
    guard rows.0.width > 0, one.mask == nil else { return }
    let start = try rows.0.equalCount(with: rows.1, upTo: min(rows.0.count, rows.1.count))
    let end = try rows.0.equalCount(
      with: rows.1, upTo: min(rows.0.count, rows.1.count) - start, fromEnd: true)
    let ranges = (start..<(rows.0.count - end), start..<(rows.1.count - end))
    var changes = [SequenceDifference.Change(before: ranges.0, after: ranges.1)]
    if max(ranges.0.count, ranges.1.count) <= Self.alignedRows {
      let seed = UInt64.random(in: 0...UInt64.max)
      changes = SequenceDifference(
        from: try rows.0.hashes(of: ranges.0, seed: seed),
        to: try rows.1.hashes(of: ranges.1, seed: seed)
      ).changes.map { $0.moved(by: start, start) }
    }
    for change in changes { try replace(change, rows.0, rows.1) }
  }

  /// Tells of rows in the place of others: of as many, one by one.
  private mutating func replace(
    _ change: SequenceDifference.Change, _ rows: ArrayRows, _ otherRows: ArrayRows
  ) throws(BlobError) {
    let isPaired = change.before.count == change.after.count
    var told = 0
    for row in isPaired ? 0..<0 : change.before where differences.hasRoom {
      let text = try rows.text(of: row)
      differences.add(
        .removed, Difference(path: "\(path())[\(row)]", kind: .removed, before: text))
      told += 1
    }
    if !isPaired { differences.add(.removed, count: change.before.count - told, nil) }
    told = 0
    for (offset, row) in change.after.enumerated() where differences.hasRoom {
      let place = "\(path())[\(row)]"
      let text = try otherRows.text(of: row)
      let former = isPaired ? try rows.text(of: change.before.lowerBound + offset) : nil
      let kind: Difference.Kind = isPaired ? .changed : .added
      differences.add(kind, Difference(path: place, kind: kind, before: former, after: text))
      told += 1
    }
    differences.add(isPaired ? .changed : .added, count: change.after.count - told, nil)
  }
}

/// The items of the first dimension of an array.
struct ArrayRows {
  private let array: ArrayValue
  /// The number of elements in a row.
  private let length: Int
  let count: Int
  /// The number of bytes in a row.
  let width: Int

  private static let chunkBytes = 1 << 20
  /// Of longer rows the first elements are shown.
  private static let shownCount = 6

  init(_ array: ArrayValue) {
    self.array = array
    count = array.shape.first ?? 0
    length = array.shape.dropFirst().reduce(1, *)
    width = length * array.type.width
  }

  private func bytes(of rows: Range<Int>) throws(BlobError) -> [UInt8] {
    try array.elements.bytes(of: (rows.lowerBound * length)..<(rows.upperBound * length))
  }

  /// How many of the first `limit` rows, or of the last, are equal to those of `other`.
  func equalCount(
    with other: ArrayRows, upTo limit: Int, fromEnd: Bool = false
  ) throws(BlobError) -> Int {
    let step = max(1, Self.chunkBytes / width)
    var equal = 0
    while equal < limit {
      let size = min(step, limit - equal)
      func range(_ rows: ArrayRows) -> Range<Int> {
        let start = fromEnd ? rows.count - equal - size : equal
        return start..<(start + size)
      }
      let (bytes, others) = (try bytes(of: range(self)), try other.bytes(of: range(other)))
      var differing: (first: Int, last: Int)?
      forEachDifferingRecord(bytes, others, width: width) { row in
        differing = (differing?.first ?? row, row)
      }
      if let differing { return equal + (fromEnd ? size - 1 - differing.last : differing.first) }
      equal += size
    }
    return equal
  }

  func hashes(of rows: Range<Int>, seed: UInt64) throws(BlobError) -> [UInt64] {
    var hashes: [UInt64] = []
    let step = max(1, Self.chunkBytes / width)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
      let bytes = try bytes(of: start..<min(rows.upperBound, start + step))
      hashes += ByteSource(bytes).recordHashes(width: width, seed: seed)
    }
    return hashes
  }

  func text(of row: Int) throws(BlobError) -> String {
    let start = row * length
    if array.shape.count == 1 { return try array.text(of: start..<(start + 1)) }
    let shown = min(length, Self.shownCount)
    let text = try array.text(of: start..<(start + shown))
    return "[\(text)\(shown < length ? ", …" : "")]"
  }
}

extension ArrayValue {
  /// The texts of some elements.
  func text(of range: Range<Int>) throws(BlobError) -> String {
    var text: [UInt8] = []
    try forEachElement(in: range, &text) { index, text in
      if index + 1 < range.upperBound { text += ", ".utf8 }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
