import PodPickle

/// Reads frames and series.
extension ValueReader {
  /// Tables with more cells than that, and no memory to match, are not shown as such: a range needs
  /// no memory for its rows.
  private static let cellLimit = 1 << 26

  /// Values of pandas.
  static let pandas: Recognizer = { object, reader throws(BlobError) in
    switch reader.pandasName(object) {
    case "DataFrame": try reader.frame(object, isSeries: false).map { .lined($0) }
    case "Series": try reader.frame(object, isSeries: true).map { .lined($0) }
    case let name?: try reader.pandasValue(object, named: name)
    case nil: nil
    }
  }

  private func pandasValue(_ object: MadeObject, named name: String) throws(BlobError) -> Value? {
    if name == "RangeIndex" {
      let levels = try indexLevels(object)
      guard let range = levels?.first, let bounds = object.argument(1).map({ entries($0) }),
        let start = integer(bounds["start"]), let stop = integer(bounds["stop"]),
        let step = integer(bounds["step"])
      else { return nil }
      return .line(
        Array("pandas.RangeIndex(start=\(start), stop=\(stop), step=\(step)".utf8)
          + nameText(range.name) + Array(")".utf8))
    }
    if name.hasSuffix("Index"), let levels = try indexLevels(object), let first = levels.first {
      let count = first.values.count
      let named = levels.count == 1 ? nameText(first.name) : []
      let heading =
        "pandas.\(name)(shape=(\(count),)\(String(decoding: named, as: UTF8.self)))"
      return alone(heading, levels, count).map { .lined($0) }
    }
    guard name.hasSuffix("Array") || name == "Categorical" || name == "StringArrayNumpySemantics",
      let block = try columnBlock(of: object.node), block.columns.count == 1
    else { return try pandasScalar(object, named: name) }
    let column = FrameColumn(name: [], dtype: block.dtype, values: block.columns[0])
    return alone("pandas.\(name)(shape=(\(block.rowCount),))", [column], block.rowCount)
      .map { .lined($0) }
  }

  private func nameText(_ name: [UInt8]) -> [UInt8] {
    name.isEmpty ? [] : Array(", name=".utf8) + name
  }

  /// Values that have no index.
  private func alone(_ heading: String, _ columns: [FrameColumn], _ count: Int) -> FrameValue? {
    guard isPossible(columns, rowCount: count) else { return nil }
    return FrameValue(heading: heading, index: [], columns: columns, rowCount: count, isAlone: true)
  }

  private func frame(_ object: MadeObject, isSeries: Bool) throws(BlobError) -> FrameValue? {
    guard let state = object.states.last else { return nil }
    let entries = entries(state)
    guard
      let manager = (entries["_mgr"] ?? entries["_data"]).flatMap({ MadeObject($0, in: graph) }),
      let parts = managerParts(manager), let rows = parts.axes.last,
      let index = try indexLevels(of: rows), let first = index.first
    else { return nil }
    let count = first.values.count
    var columns: [FrameColumn] = []
    var details: [[UInt8]] = []
    if isSeries {
      guard parts.axes.count == 1, parts.blocks.count == 1,
        let block = try columnBlock(of: parts.blocks[0].values), block.columns.count == 1
      else { return nil }
      let name = try labelText(of: entries["_name"] ?? entries["name"])
      columns = [
        FrameColumn(
          name: name.isEmpty ? [UInt8(ascii: "0")] : name, dtype: block.dtype,
          values: block.columns[0])
      ]
    } else {
      guard parts.axes.count == 2, let labels = try indexLevels(of: parts.axes[0]),
        let placed = try placedColumns(parts.blocks, labels: labels)
      else { return nil }
      columns = placed
      let names = labels.map(\.name)
      if names.contains(where: { !$0.isEmpty }) {
        details.append(Array("columns are ".utf8) + names.joined(separator: [UInt8(ascii: "/")]))
      }
    }
    guard columns.allSatisfy({ $0.values.count == count }),
      isPossible(index + columns, rowCount: count)
    else { return nil }
    details += try self.details(entries)
    let name = isSeries ? "Series" : "DataFrame"
    let shape = isSeries ? [count] : [count, columns.count]
    return FrameValue(
      heading: "pandas.\(name)(shape=\(shapeText(shape)))", details: details, index: index,
      columns: columns, rowCount: count)
  }

  /// Whether the rows are not many more than memory holds.
  private func isPossible(_ columns: [FrameColumn], rowCount: Int) -> Bool {
    let (cells, overflow) = rowCount.multipliedReportingOverflow(by: columns.count)
    return !overflow
      && (cells <= Self.cellLimit
        || columns.contains { $0.values is ElementColumn && rowCount > 0 }
          && cells / 64 <= columns.reduce(0) { $0 + ($1.extents.first?.memory.count ?? 0) })
  }

  /// Attributes and flags, where there are any.
  private func details(_ entries: [String: Node]) throws(BlobError) -> [[UInt8]] {
    var details: [[UInt8]] = []
    if let attributes = entries["attrs"], !graph.children(of: attributes).isEmpty {
      var text = Array("attrs: ".utf8)
      try appendCell(of: attributes, isAlone: false, to: &text)
      details.append(text)
    }
    let flags = self.entries(entries["_flags"])
    if let allowed = flags["allows_duplicate_labels"], graph.scalar(of: allowed) == .bool(false) {
      details.append(Array("flags: allows_duplicate_labels=False".utf8))
    }
    return details
  }

  // MARK: Managers

  private typealias Block = (values: Node, placement: Node?)

  /// The axes and blocks of a manager, in either form: `BlockManager(blocks, axes)`, or the state
  /// `(axes, values, items, {'0.14.1': {'axes': …, 'blocks': [{'values': …, 'mgr_locs': …}]}})`.
  private func managerParts(_ manager: MadeObject) -> (axes: [Node], blocks: [Block])? {
    guard pandasName(manager)?.hasSuffix("BlockManager") ?? false else { return nil }
    if let state = manager.states.last {
      guard let parts = elements(state), parts.count >= 4,
        let inner = value(inDict: parts[parts.startIndex + 3], "0.14.1"),
        let axes = elements(value(inDict: inner, "axes")),
        let blocks = elements(value(inDict: inner, "blocks"))
      else { return nil }
      var pairs: [Block] = []
      for block in blocks {
        guard let values = value(inDict: block, "values") else { return nil }
        pairs.append((values, value(inDict: block, "mgr_locs")))
      }
      return (Array(axes), pairs)
    }
    guard let blocks = elements(manager.argument(0)), let axes = elements(manager.argument(1))
    else { return nil }
    var pairs: [Block] = []
    for block in blocks {
      guard let object = MadeObject(block, in: graph),
        object.makerName?.hasSuffix("_unpickle_block") ?? false
          || object.makerName?.hasSuffix(".new_block") ?? false,
        let values = object.argument(0)
      else { return nil }
      pairs.append((values, object.argument(1)))
    }
    return (Array(axes), pairs)
  }

  /// The columns of blocks in the order of their labels; nil unless each label has one.
  private func placedColumns(
    _ parts: [Block], labels levels: [FrameColumn]
  ) throws(BlobError) -> [FrameColumn]? {
    var blocks: [(block: ColumnBlock, placement: Node?)] = []
    for (values, placement) in parts {
      guard let block = try columnBlock(of: values) else { return nil }
      blocks.append((block, placement))
    }
    // A range has any number of labels, and costs nothing.
    let count = blocks.reduce(0) { $0 + $1.block.columns.count }
    guard levels.first?.values.count == count else { return nil }
    let labels = try labels(levels)
    var columns = [FrameColumn?](repeating: nil, count: count)
    for (block, placement) in blocks {
      guard let places = try places(placement, count: block.columns.count) else { return nil }
      for (place, values) in zip(places, block.columns) {
        guard columns.indices.contains(place), columns[place] == nil else { return nil }
        columns[place] = FrameColumn(name: labels[place], dtype: block.dtype, values: values)
      }
    }
    let found = columns.compactMap { $0 }
    return found.count == count ? found : nil
  }

  /// Which columns of the frame those of a block are: a slice, or an array of numbers.
  private func places(_ node: Node?, count: Int) throws(BlobError) -> [Int]? {
    guard let node, var object = MadeObject(node, in: graph) else { return nil }
    if object.makerName?.hasSuffix("BlockPlacement") ?? false, let inner = object.argument(0),
      let slice = MadeObject(inner, in: graph)
    {
      object = slice
    }
    if object.makerName == "builtins.slice" {
      guard let start = integer(object.argument(0)), let stop = integer(object.argument(1)),
        let range = RangeColumn(
          start: Int64(start), stop: Int64(stop), step: Int64(integer(object.argument(2)) ?? 1)),
        range.count == count
      else { return nil }
      return (0..<count).map { Int(range.start &+ Int64($0) &* range.step) }
    }
    guard let array = numpyArray(object), case .signed = array.type.kind,
      let column = columnBlock(array)?.columns.first as? ElementColumn, column.count == count
    else { return nil }
    return try column.integers(in: 0..<count).map { Int($0) }
  }
}
