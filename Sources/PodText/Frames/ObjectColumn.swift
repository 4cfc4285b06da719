import PodPickle

/// A column whose values are objects.
struct ObjectColumn: ColumnValues {
  let reader: ValueReader
  let elements: NodeElements
  /// The number of the first value among the elements.
  let first: Int
  let count: Int
  /// Whether the column has nothing but str and what is missing.
  let isAlone: Bool

  var extents: [ColumnExtent] { [] }

  /// The node of a value.
  func node(in row: Int) -> ObjectGraph.Node { elements[first + row] }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    if rows.allSatisfy({
      reader.graph.kind(of: node(in: $0)) == .string && !reader.graph.isBlob(node(in: $0))
    }) {
      return StringCells(column: self)
    }
    var texts: [UInt8] = []
    var ends: [Int] = []
    ends.reserveCapacity(rows.count)
    for row in rows {
      try reader.appendCell(of: node(in: row), isAlone: isAlone, to: &texts)
      ends.append(texts.count)
    }
    return WrittenCells(texts: texts, ends: ends, first: rows.lowerBound)
  }
}

/// Texts that are in memory where the pickle has them.
private struct StringCells: ColumnCells {
  let column: ObjectColumn

  func append(_ row: Int, to output: inout [UInt8]) {
    output.append(isAlone: column.isAlone) { output in
      column.reader.graph.appendPayload(of: column.node(in: row), to: &output)
    }
  }
}

/// Texts that were written when they were read.
struct WrittenCells: ColumnCells {
  let texts: [UInt8]
  let ends: [Int]
  let first: Int

  func append(_ row: Int, to output: inout [UInt8]) {
    let index = row - first
    output += texts[(index > 0 ? ends[index - 1] : 0)..<ends[index]]
  }
}

extension ValueReader {
  /// Longer texts in tables are cut.
  private static let cellLimit = 1 << 20
  /// What is shown of a text that is cut.
  private static let cutLength = 1000

  /// Appends what an object is as it stands in a table, on one line.
  func appendCell(
    of node: Node, isAlone: Bool, to output: inout [UInt8]
  ) throws(BlobError) {
    switch graph.kind(of: node) {
    case .string:
      let text = payload(of: node)
      guard text.count > Self.cellLimit else {
        return output.append(cell: try text.bytes(), isAlone: isAlone)
      }
      var beginning = try text.bytes(in: 0..<Self.cutLength)
      while let last = beginning.last, last & 0xc0 == 0x80 { beginning.removeLast() }
      if let last = beginning.last, last >= 0xc0 { beginning.removeLast() }
      let quoted = PythonText.text(of: .string(beginning))
      output.append(csv: quoted + Array("… \(opaqueText(of: node))".utf8))
    case .atom:
      switch graph.scalar(of: node) {
      case .int(let value)?: output.append(decimal: value)
      case .float(let value)?:
        if value.isNaN { output += "NaN".utf8 } else { output.append(float: value) }
      case let scalar?: output += PythonText.text(of: scalar)
      case nil: output += "<int>".utf8
      }
    case .global where graph.globalName(of: node).map({ $0.name == "NA" }) ?? false:
      output += "<NA>".utf8
    default:
      if let text = try shortText(of: node) {
        output.append(csv: text)
      } else {
        output.append(csv: opaqueText(of: node).utf8)
      }
    }
  }

  /// What stands for an object that is too much for a cell: its type, and a hash of all that it
  /// consists of.
  private func opaqueText(of node: Node) -> String {
    let hash = String(memory.contentHash(of: node, in: graph), radix: 16)
    return "<\(PythonText.name(graph.typeName(of: node))) \(hash)>"
  }
}
