import PodPickle

/// Values that are numbers of labels: categories, and the levels of an index.
struct CodedColumn: ColumnValues {
  let codes: ElementColumn
  let labels: any ColumnValues
  /// What stands for a code that is no number of a label.
  let missing: [UInt8]

  /// Where there are more labels, only those that are wanted are read.
  private static let wholeLimit = 1 << 14
  /// So many labels, and bytes of them, are shown with the type.
  private static let shownCount = 24
  private static let shownLength = 200

  var count: Int { codes.count }

  /// Labels that are objects have no extents, so that the codes alone say nothing.
  var extents: [ColumnExtent] {
    let labels = labels.extents
    return labels.isEmpty && self.labels.count > 0 ? [] : codes.extents + labels
  }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    let codes = try codes.integers(in: rows)
    if labels.count <= Self.wholeLimit {
      return Cells(
        codes: codes, first: rows.lowerBound, labels: try labels.cells(in: 0..<labels.count),
        count: labels.count, missing: missing)
    }
    var texts: [UInt8] = []
    var ends: [Int] = []
    for code in codes {
      if let label = Int(exactly: code), (0..<labels.count).contains(label) {
        try labels.cells(in: label..<(label + 1)).append(label, to: &texts)
      } else {
        texts += missing
      }
      ends.append(texts.count)
    }
    return WrittenCells(texts: texts, ends: ends, first: rows.lowerBound)
  }

  private struct Cells: ColumnCells {
    let codes: [Int64]
    let first: Int
    let labels: any ColumnCells
    let count: Int
    let missing: [UInt8]

    func append(_ row: Int, to output: inout [UInt8]) {
      let code = codes[row - first]
      if code >= 0, code < count {
        labels.append(Int(code), to: &output)
      } else {
        output += missing
      }
    }
  }

  /// The labels, if they are few; else how many, and a hash that changes with them.
  func labelText(hash: @autoclosure () -> UInt64) throws(BlobError) -> String {
    if labels.count <= Self.shownCount {
      let cells = try labels.cells(in: 0..<labels.count)
      var text = [UInt8(ascii: "[")]
      for label in 0..<labels.count {
        if label > 0 { text += ", ".utf8 }
        cells.append(label, to: &text)
      }
      if text.count <= Self.shownLength { return String(decoding: text, as: UTF8.self) + "]" }
    }
    return "\(labels.count) labels \(String(hash(), radix: 16))"
  }
}
