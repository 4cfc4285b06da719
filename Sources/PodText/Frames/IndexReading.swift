import PodPickle

/// Reads indexes.
extension ValueReader {
  /// The levels of an index; nil if it is not of a kind that is known.
  func indexLevels(of node: Node, depth: Int = 0) throws(BlobError) -> [FrameColumn]? {
    guard let object = MadeObject(node, in: graph) else { return nil }
    return try indexLevels(object, depth: depth)
  }

  func indexLevels(_ object: MadeObject, depth: Int = 0) throws(BlobError) -> [FrameColumn]? {
    guard depth < 4, let name = pandasName(object), name.hasSuffix("Index"),
      let argument = object.argument(1), graph.kind(of: argument) == .dict
    else { return nil }
    let entries = entries(argument)
    func level(_ dtype: String, _ values: any ColumnValues) throws(BlobError) -> [FrameColumn] {
      [FrameColumn(name: try labelText(of: entries["name"]), dtype: dtype, values: values)]
    }
    switch name {
    case "RangeIndex":
      guard let start = integer(entries["start"]), let stop = integer(entries["stop"]),
        let step = integer(entries["step"]),
        let range = RangeColumn(start: Int64(start), stop: Int64(stop), step: Int64(step))
      else { return nil }
      return try level("range(\(start), \(stop), \(step))", range)
    case "MultiIndex": return try multiIndex(entries, depth: depth)
    case "IntervalIndex" where entries["left"] != nil:
      let block = try intervals(
        entries["left"], entries["right"], closed: shortString(entries["closed"]) ?? "right",
        depth: depth)
      guard let block else { return nil }
      return try level(block.dtype, block.columns[0])
    default:
      guard let data = entries["data"], let block = try columnBlock(of: data, depth: depth + 1),
        block.columns.count == 1
      else { return nil }
      let frequency = depth == 0 ? frequencyText(entries, data) : ""
      return try level(block.dtype + frequency, block.columns[0])
    }
  }

  /// How often the times of an index are, if it says so.
  private func frequencyText(_ entries: [String: Node], _ data: Node) -> String {
    var frequency = entries["freq"]
    if frequency == nil, let object = MadeObject(data, in: graph), let state = object.states.last {
      for part in elements(state) ?? graph.children(of: state).prefix(0) {
        frequency = frequency ?? self.entries(part)["_freq"]
      }
    }
    guard let frequency, let object = MadeObject(frequency, in: graph),
      let name = pandasName(object)
    else { return "" }
    let count = integer(object.argument(0)) ?? 1
    return ", freq \(count == 1 ? "" : "\(count) * ")\(PythonText.name(name))"
  }

  private func multiIndex(
    _ entries: [String: Node], depth: Int
  ) throws(BlobError) -> [FrameColumn]? {
    guard let levels = elements(entries["levels"]), let codes = elements(entries["codes"]),
      levels.count == codes.count, !levels.isEmpty
    else { return nil }
    let names = elements(entries["names"])
    var columns: [FrameColumn] = []
    for (number, (level, code)) in zip(levels, codes).enumerated() {
      guard let labels = try indexLevels(of: level, depth: depth + 1), labels.count == 1,
        let places = columnBlock(ofCodes: code)
      else { return nil }
      let name = names.flatMap { number < $0.count ? $0[$0.startIndex + number] : nil }
      let values = CodedColumn(
        codes: places, labels: labels[0].values, missing: Array("NaN".utf8))
      columns.append(
        FrameColumn(name: try labelText(of: name), dtype: labels[0].dtype, values: values))
    }
    guard columns.allSatisfy({ $0.values.count == columns[0].values.count }) else { return nil }
    return columns
  }

  private func columnBlock(ofCodes node: Node) -> ElementColumn? {
    guard let array = numpyArray(of: node), case .signed = array.type.kind,
      array.shape.count == 1, let block = columnBlock(array)
    else { return nil }
    return block.columns.first as? ElementColumn
  }

  /// A name of a column or of a level as it stands in CSV; nothing for None.
  func labelText(of node: Node?) throws(BlobError) -> [UInt8] {
    guard let node, !isNone(node) else { return [] }
    var text: [UInt8] = []
    try appendCell(of: node, isAlone: false, to: &text)
    return text
  }

  /// The labels of columns as they stand in CSV; those of several levels with slashes between them.
  func labels(_ levels: [FrameColumn]) throws(BlobError) -> [[UInt8]] {
    let count = levels.first?.values.count ?? 0
    var labels = [[UInt8]](repeating: [], count: count)
    let cells = try levels.map { level throws(BlobError) in try level.values.cells(in: 0..<count) }
    for label in 0..<count {
      var text: [UInt8] = []
      for (number, level) in cells.enumerated() {
        if number > 0 { text.append(UInt8(ascii: "/")) }
        var part: [UInt8] = []
        level.append(label, to: &part)
        text += levels.count == 1 ? part : part.withoutQuotes
      }
      if levels.count == 1 { labels[label] = text } else { labels[label].append(csv: text) }
    }
    return labels
  }
}

extension [UInt8] {
  /// What `append(csv:)` has put in quotes.
  fileprivate var withoutQuotes: [UInt8] {
    guard count >= 2, first == UInt8(ascii: "\""), last == first else { return self }
    var text: [UInt8] = []
    var isSecond = false
    for byte in dropFirst().dropLast() {
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      if !isSecond { text.append(byte) }
    }
    return text
  }
}
