import PodPickle

/// Reads the sparse matrices and arrays of scipy.
extension ValueReader {
  /// Sparse values, by the part of their class before `_matrix` or `_array`.
  static let scipy: Recognizer = { object, reader throws(BlobError) in
    guard object.className.hasPrefix("scipy.sparse."),
      let name = object.className.split(separator: ".").last,
      let state = object.states.last
    else { return nil }
    let entries = reader.entries(state)
    guard let shape = (entries["_shape"] ?? entries["shape"]).flatMap({ reader.lengths($0) }),
      (1...8).contains(shape.count)
    else { return nil }
    switch name.prefix(3) {
    case "lil": return try reader.lists(entries, shape, named: name)
    case "dok": return try reader.keys(object, entries, shape, named: name)
    default: return reader.sparse(entries, shape, named: name).map { .lined($0) }
    }
  }

  private func sparseHeading(_ name: Substring, _ shape: [Int], _ type: String, _ count: Int)
    -> String
  {
    "scipy.sparse.\(PythonText.name(String(name)))(shape=\(shapeText(shape)), dtype=\(type), "
      + "stored=\(count))"
  }

  private func sparse(
    _ entries: [String: Node], _ shape: [Int], named name: Substring
  ) -> SparseValue? {
    guard let data = entries["data"], let array = numpyArray(of: data),
      case .memory(let values) = array.elements,
      let (layout, count) = layout(entries, shape, array.shape, of: name.prefix(3))
    else { return nil }
    if case .rows = layout {} else if values.count > SparseValue.sortLimit { return nil }
    return SparseValue(
      heading: sparseHeading(name, shape, array.type.name, count), shape: shape, layout: layout,
      values: values)
  }

  /// The layout that a class of scipy has, and the number of elements, if the arrays fit it.
  private func layout(
    _ entries: [String: Node], _ shape: [Int], _ data: [Int], of format: Substring
  ) -> (SparseValue.Layout, count: Int)? {
    switch format {
    case "csr", "csc":
      let runCount = format == "csr" ? shape[0] : shape.last ?? 0
      guard shape.count == 2, data.count == 1, let ends = indexColumn(entries["indptr"]),
        let indexes = indexColumn(entries["indices"]), ends.count - 1 == runCount,
        indexes.count == data[0]
      else { return nil }
      return format == "csr"
        ? (.rows(ends: ends, columns: indexes), data[0])
        : (.columns(ends: ends, rows: indexes), data[0])
    case "coo":
      let nodes =
        elements(entries["coords"]).map { Array($0) }
        ?? [entries["row"], entries["col"]].compactMap { $0 }
      let columns = nodes.compactMap { indexColumn($0) }
      guard data.count == 1, columns.count == shape.count,
        columns.allSatisfy({ $0.count == data[0] })
      else { return nil }
      return (.coordinates(columns), data[0])
    case "bsr":
      guard shape.count == 2, data.count == 3, data[1] > 0, data[2] > 0,
        let ends = indexColumn(entries["indptr"]), let indexes = indexColumn(entries["indices"]),
        indexes.count == data[0]
      else { return nil }
      let layout = SparseValue.Layout.blocks(
        ends: ends, columns: indexes, height: data[1], width: data[2])
      return (layout, data.reduce(1, *))
    case "dia":
      guard shape.count == 2, data.count == 2, let offsets = indexColumn(entries["offsets"]),
        offsets.count == data[0]
      else { return nil }
      return (.diagonals(offsets: offsets, length: data[1]), data[0] * data[1])
    default: return nil
    }
  }

  private func indexColumn(_ node: Node?) -> ElementColumn? {
    guard let node, let array = numpyArray(of: node), array.shape.count == 1,
      case .memory(let elements) = array.elements, case .signed = array.type.kind
    else { return nil }
    return ElementColumn(elements, row: 0, memory: ColumnMemory(elements.memory))
  }

  // MARK: Lists and keys

  /// A matrix with more elements in lists or under keys is shown as an object.
  private static let listLimit = 1 << 18

  /// A matrix of which each row has a list of columns and one of values.
  private func lists(
    _ entries: [String: Node], _ shape: [Int], named name: Substring
  ) throws(BlobError) -> Value? {
    guard let rowNode = entries["rows"], let dataNode = entries["data"],
      let rows = numpyArray(of: rowNode), let data = numpyArray(of: dataNode),
      case .nodes(let columns) = rows.elements, case .nodes(let values) = data.elements,
      columns.count == values.count, columns.count == shape[0]
    else { return nil }
    var lines: [(SparseValue.Entry, Node)] = []
    for row in 0..<columns.count {
      guard let places = elements(columns[row]), let nodes = elements(values[row]),
        places.count == nodes.count
      else { return nil }
      // One list may stand in every row.
      guard lines.count <= Self.listLimit else { return nil }
      for (place, node) in zip(places, nodes) {
        guard let column = integer(place) else { return nil }
        let entry = SparseValue.Entry(
          row: Int64(row), column: Int64(column), value: lines.count)
        lines.append((entry, node))
      }
    }
    return try listed(lines, shape, named: name, entries["dtype"])
  }

  /// A matrix that is a dict of its elements by their indexes.
  private func keys(
    _ object: MadeObject, _ entries: [String: Node], _ shape: [Int], named name: Substring
  ) throws(BlobError) -> Value? {
    let dict = entries["_dict"] ?? object.argument(0)
    guard let dict, graph.kind(of: dict) == .dict else { return nil }
    let pairs = graph.children(of: dict)
    var lines: [(SparseValue.Entry, Node)] = []
    for index in stride(from: pairs.startIndex, to: pairs.endIndex - 1, by: 2) {
      let places = elements(pairs[index]).map { Array($0) } ?? [pairs[index]]
      let numbers = places.compactMap { scalarInteger($0) }
      guard numbers.count == shape.count, let row = numbers.first else { return nil }
      let entry = SparseValue.Entry(
        row: row, column: numbers.count > 1 ? numbers[1] : 0, rest: Array(numbers.dropFirst(2)),
        value: lines.count)
      lines.append((entry, pairs[index + 1]))
    }
    return try listed(lines, shape, named: name, entries["dtype"])
  }

  /// An int of Python, or of numpy.
  private func scalarInteger(_ node: Node) -> Int64? {
    if let number = integer(node) { return Int64(number) }
    guard let object = MadeObject(node, in: graph), object.className == "numpy.generic",
      let type = object.argument(0).flatMap({ elementType(of: $0) }), case .signed = type.kind,
      let bytes = shortBytes(object.argument(1)), bytes.count == type.width
    else { return nil }
    return bytes.signed(at: 0, type.width, type.isBigEndian)
  }

  private func listed(
    _ lines: [(SparseValue.Entry, Node)], _ shape: [Int], named name: Substring, _ type: Node?
  ) throws(BlobError) -> Value? {
    guard lines.count <= Self.listLimit else { return nil }
    let type = type.flatMap { elementType(of: $0) }?.name ?? "unknown"
    var text: [[UInt8]] = []
    for (entry, node) in lines.sorted(by: { SparseValue.precedes($0.0, $1.0) }) {
      var line: [UInt8] = []
      line.append(place: entry, dimensions: shape.count)
      try appendElement(node, to: &line)
      text.append(line)
    }
    return .lined(
      LinesValue(heading: sparseHeading(name, shape, type, lines.count), lines: text))
  }

  /// Appends a number of Python or of numpy as an array shows it.
  private func appendElement(_ node: Node, to line: inout [UInt8]) throws(BlobError) {
    if let object = MadeObject(node, in: graph), object.className == "numpy.generic",
      let type = object.argument(0).flatMap({ elementType(of: $0) }), !type.isObject,
      let bytes = shortBytes(object.argument(1)), bytes.count == type.width
    {
      return line.append(type, of: bytes, at: 0)
    }
    try appendCell(of: node, isAlone: false, to: &line)
  }
}

/// Lines that are known.
private struct LinesValue: LinedValue {
  let heading: String
  let lines: [[UInt8]]

  func appendLines(indentation: Int, to output: inout TextOutput) {
    for line in lines {
      output.bytes += repeatElement(UInt8(ascii: " "), count: indentation)
      output.bytes += line
      output.endLine()
    }
  }
}
