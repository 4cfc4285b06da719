import PodPickle

/// The columns that an array of pandas stands for, and their type.
struct ColumnBlock {
  let dtype: String
  let columns: [any ColumnValues]

  /// The number of rows of each column.
  var rowCount: Int { columns.first?.count ?? 0 }
}

/// Reads arrays as columns.
extension ValueReader {
  /// Arrays within arrays, such as the categories of categories, are read so deep.
  private static let arrayDepth = 6
  /// A frame without rows has this many columns at most.
  private static let emptyColumnLimit = 1 << 20

  /// The columns of a block, or the one of an array; nil if it is not of a kind that is known.
  func columnBlock(of node: Node, depth: Int = 0) throws(BlobError) -> ColumnBlock? {
    guard depth < Self.arrayDepth, let object = MadeObject(node, in: graph) else { return nil }
    if let array = numpyArray(object) { return columnBlock(array) }
    let attributes = attributes(ofArray: object)
    guard let name = pandasName(object) else { return nil }
    switch name {
    case "Categorical": return try categorical(attributes, depth: depth)
    case "DatetimeArray", "TimedeltaArray":
      return zoned(attributes["_dtype"], array: attributes["_ndarray"])
    case "PeriodArray": return period(attributes["_dtype"], array: attributes["_ndarray"])
    case "StringArray", "NumpyExtensionArray", "PandasArray", "StringArrayNumpySemantics":
      return strings(attributes["_dtype"], array: attributes["_ndarray"])
    case "IntegerArray", "FloatingArray", "BooleanArray":
      return masked(attributes["_data"], attributes["_mask"], named: name)
    case "IntervalArray":
      return try intervals(
        attributes["_left"], attributes["_right"], closed: closed(attributes), depth: depth)
    case "SparseArray": return try sparse(attributes, depth: depth)
    case "ArrowStringArray", "ArrowExtensionArray", "ArrowStringArrayNumpySemantics":
      return arrow(attributes["_pa_array"] ?? attributes["_data"], type: attributes["_dtype"])
    default: return nil
    }
  }

  /// The name of a class of pandas, without the modules in which it happens to stand.
  func pandasName(_ object: MadeObject) -> String? {
    var name = object.className
    // What Cython writes has the class as its first argument.
    if name.contains("__pyx_unpickle_") || name.contains("._new_"),
      let first = object.argument(0), let kind = graph.globalName(of: first)
    {
      name = "\(kind.module).\(kind.name)"
    }
    guard name.hasPrefix("pandas."), let last = name.split(separator: ".").last else { return nil }
    return String(last)
  }

  /// What the state of an object says under names that are str.
  func entries(_ node: Node?) -> [String: Node] {
    guard let node, graph.kind(of: node) == .dict else { return [:] }
    let children = graph.children(of: node)
    var entries: [String: Node] = [:]
    // Honest states have few.
    for index in stride(
      from: children.startIndex, to: min(children.startIndex + 128, children.endIndex) - 1, by: 2)
    {
      if let name = shortString(children[index]) { entries[name] = children[index + 1] }
    }
    return entries
  }

  /// The attributes of an array of pandas: those of its dict, and for those that Cython pickles, the
  /// type and the array that stand before it.
  private func attributes(ofArray object: MadeObject) -> [String: Node] {
    guard let state = object.states.last else { return [:] }
    guard let parts = elements(state) else { return entries(state) }
    var all: [String: Node] = [:]
    for part in parts { all.merge(entries(part)) { first, _ in first } }
    if parts.count >= 2, graph.kind(of: parts[parts.startIndex]) != .dict {
      all["_dtype"] = parts[parts.startIndex]
      all["_ndarray"] = parts[parts.startIndex + 1]
    }
    all["_ndarray"] = all["_ndarray"] ?? all["_codes"]
    return all
  }

  /// The columns of an array of numpy, of which each row is a column, as in the blocks of frames.
  func columnBlock(_ array: NumpyArray, isAlone: Bool = false) -> ColumnBlock? {
    guard (1...2).contains(array.shape.count), let length = array.shape.last else { return nil }
    let rows = array.shape.count == 2 ? array.shape[0] : 1
    // Columns without rows need no memory.
    guard length > 0 || rows <= Self.emptyColumnLimit else { return nil }
    switch array.elements {
    case .memory(let elements):
      let memory = ColumnMemory(elements.memory)
      var columns: [ElementColumn] = []
      for row in 0..<rows {
        guard let column = ElementColumn(elements, row: row, memory: memory) else { return nil }
        columns.append(column)
      }
      return ColumnBlock(dtype: array.type.name, columns: columns)
    case .nodes(let elements):
      let columns = (0..<rows).map { row in
        ObjectColumn(
          reader: self, elements: elements, first: row * length, count: length, isAlone: isAlone)
      }
      return ColumnBlock(dtype: array.type.name, columns: columns)
    }
  }

  /// The one column of `block`, if its values are integers that lie in memory.
  private func integerColumn(of node: Node?) -> ElementColumn? {
    guard let node, let array = numpyArray(of: node), case .memory(let elements) = array.elements,
      array.shape.count == 1
    else { return nil }
    switch array.type.kind {
    case .signed, .unsigned, .bool:
      return ElementColumn(elements, row: 0, memory: ColumnMemory(elements.memory))
    default: return nil
    }
  }

  // MARK: Times

  private func zoned(_ type: Node?, array: Node?) -> ColumnBlock? {
    guard let array, let numbers = numpyArray(of: array), let block = columnBlock(numbers) else {
      return nil
    }
    guard let type, let object = MadeObject(type, in: graph),
      pandasName(object) == "DatetimeTZDtype"
    else { return block }
    let entries = entries(object.states.last)
    guard let unit = shortString(entries["unit"]) else { return nil }
    let zone = entries["tz"].map { zoneText(of: $0) } ?? (name: "unknown", ahead: nil)
    let columns: [any ColumnValues] = block.columns.map { column in
      guard var column = column as? ElementColumn else { return column }
      column.zone = zone.ahead ?? 0
      return column
    }
    return ColumnBlock(dtype: "datetime64[\(unit), \(zone.name)]", columns: columns)
  }

  /// What a zone is called, and how many seconds it is ahead of UTC, if that is always the same.
  func zoneText(of node: Node) -> (name: String, ahead: Int64?) {
    let known = graph.kind(of: node) == .global ? nil : MadeObject(node, in: graph)
    guard let object = known else {
      let isUTC = graph.globalName(of: node).map { $0.name.hasSuffix("utc") } ?? false
      return isUTC ? ("UTC", 0) : ("unknown", nil)
    }
    switch object.makerName {
    case "datetime.timezone":
      guard let delta = object.argument(0).flatMap({ MadeObject($0, in: graph) }),
        let days = integer(delta.argument(0)), let seconds = integer(delta.argument(1)),
        (-1...1).contains(days), (0..<86_400).contains(seconds)
      else { return ("unknown", nil) }
      let ahead = days * 86_400 + seconds
      if ahead == 0 { return ("UTC", 0) }
      var text = Array("UTC".utf8)
      text.append(zone: Int64(ahead))
      return (String(decoding: text, as: UTF8.self), Int64(ahead))
    case "pytz._UTC", "dateutil.tz.tz.tzutc": return ("UTC", 0)
    default:
      guard let name = shortString(object.argument(0)) else { return ("unknown", nil) }
      return (PythonText.name(name), name == "UTC" ? 0 : nil)
    }
  }

  private func period(_ type: Node?, array: Node?) -> ColumnBlock? {
    guard let array, let numbers = numpyArray(of: array), let block = columnBlock(numbers),
      let type, let object = MadeObject(type, in: graph),
      let (name, frequency) = object.argument(0).flatMap({ periodFrequency($0) })
    else { return nil }
    let ordinals = block.columns.compactMap { $0 as? ElementColumn }
    guard ordinals.count == block.columns.count, ordinals.allSatisfy({ $0.type.width == 8 }) else {
      return nil
    }
    return ColumnBlock(
      dtype: "period[\(PythonText.name(name))]",
      columns: ordinals.map { PeriodColumn(ordinals: $0, frequency: frequency) })
  }

  /// How long periods are by `period[M]`, or by an offset of pandas.
  func periodFrequency(_ node: Node) -> (name: String, frequency: PeriodFrequency)? {
    if let text = shortString(node) {
      guard text.hasPrefix("period["), text.hasSuffix("]") else { return nil }
      let name = String(text.dropFirst(7).dropLast())
      return PeriodFrequency(name).map { (name, $0) }
    }
    guard let offset = MadeObject(node, in: graph), let kind = pandasName(offset) else {
      return nil
    }
    let day = kind == "Week" ? integer(offset.argument(2)) : nil
    return PeriodFrequency.name(ofOffset: kind, weekday: day).flatMap { name in
      PeriodFrequency(name).map { (name, $0) }
    }
  }

  // MARK: Values with others in them

  private func masked(_ data: Node?, _ mask: Node?, named name: String) -> ColumnBlock? {
    guard let data, let mask, let values = numpyArray(of: data), let masks = numpyArray(of: mask),
      let block = columnBlock(values), let flags = columnBlock(masks),
      block.columns.count == flags.columns.count, values.shape == masks.shape,
      masks.type.width == 1
    else { return nil }
    var columns: [MaskedColumn] = []
    for (values, mask) in zip(block.columns, flags.columns) {
      guard let values = values as? ElementColumn, let mask = mask as? ElementColumn else {
        return nil
      }
      columns.append(MaskedColumn(values: values, mask: mask))
    }
    let type = block.dtype
    let isUnsigned = type.hasPrefix("uint")
    let capital =
      isUnsigned ? "UI" + type.dropFirst(2) : type.prefix(1).uppercased() + type.dropFirst()
    return ColumnBlock(dtype: name == "BooleanArray" ? "boolean" : capital, columns: columns)
  }

  private func categorical(
    _ attributes: [String: Node], depth: Int
  ) throws(BlobError) -> ColumnBlock? {
    guard let codes = integerColumn(of: attributes["_ndarray"]),
      let type = attributes["_dtype"].flatMap({ MadeObject($0, in: graph) }),
      let state = type.states.last
    else { return nil }
    let entries = entries(state)
    guard let categories = entries["categories"],
      let labels = try indexLevels(of: categories, depth: depth + 1), labels.count == 1
    else { return nil }
    let column = CodedColumn(codes: codes, labels: labels[0].values, missing: Array("NaN".utf8))
    let order = isTrue(entries["ordered"]) ? "ordered " : ""
    let text = try column.labelText(hash: memory.contentHash(of: categories, in: graph))
    return ColumnBlock(
      dtype: "\(order)category of \(labels[0].dtype): \(text)", columns: [column])
  }

  private func closed(_ attributes: [String: Node]) -> String {
    let type = attributes["_dtype"].flatMap { MadeObject($0, in: graph) }
    return shortString(entries(type?.states.last)["closed"]) ?? shortString(attributes["_closed"])
      ?? shortString(attributes["closed"]) ?? "right"
  }

  /// Intervals between the values of two arrays, or indexes.
  func intervals(
    _ left: Node?, _ right: Node?, closed: String, depth: Int
  ) throws(BlobError) -> ColumnBlock? {
    guard let left, let right, let lower = try bounds(left, depth: depth + 1),
      let upper = try bounds(right, depth: depth + 1), lower.values.count == upper.values.count,
      ["left", "right", "both", "neither"].contains(closed)
    else { return nil }
    let column = IntervalColumn(lower: lower.values, upper: upper.values, closed: closed)
    return ColumnBlock(dtype: "interval[\(lower.dtype), \(closed)]", columns: [column])
  }

  private func bounds(
    _ node: Node, depth: Int
  ) throws(BlobError) -> (dtype: String, values: any ColumnValues)? {
    if let block = try columnBlock(of: node, depth: depth), block.columns.count == 1 {
      return (block.dtype, block.columns[0])
    }
    guard let levels = try indexLevels(of: node, depth: depth), levels.count == 1 else {
      return nil
    }
    return (levels[0].dtype, levels[0].values)
  }

  private func sparse(
    _ attributes: [String: Node], depth: Int
  ) throws(BlobError) -> ColumnBlock? {
    guard let index = attributes["_sparse_index"].flatMap({ MadeObject($0, in: graph) }),
      let length = integer(index.argument(0)), length >= 0,
      let starts = integerColumn(of: index.argument(1)),
      let data = attributes["_sparse_values"],
      let values = try columnBlock(of: data, depth: depth + 1), values.columns.count == 1,
      let fill = entries(attributes["_dtype"].flatMap { MadeObject($0, in: graph) }?.states.last)[
        "_fill_value"]
    else { return nil }
    let isBlocks = index.makerName?.hasSuffix("BlockIndex") ?? false
    let lengths = isBlocks ? integerColumn(of: index.argument(2)) : nil
    guard isBlocks == (lengths != nil) else { return nil }
    var text: [UInt8] = []
    try appendCell(of: fill, isAlone: false, to: &text)
    let positions = SparsePositions(
      starts: starts, lengths: lengths, count: values.rowCount, rowCount: length)
    let column = SparseColumn(positions: positions, values: values.columns[0], fill: text)
    return ColumnBlock(
      dtype: "Sparse[\(values.dtype), \(String(decoding: text, as: UTF8.self))]", columns: [column])
  }

  // MARK: Texts

  private func strings(_ type: Node?, array: Node?) -> ColumnBlock? {
    guard let array, let objects = numpyArray(of: array) else { return nil }
    guard let name = stringType(type) else { return columnBlock(objects) }
    guard let block = columnBlock(objects, isAlone: true) else { return nil }
    return ColumnBlock(dtype: name, columns: block.columns)
  }

  /// `str`, or `string`, by what stands for a missing text.
  private func stringType(_ node: Node?) -> String? {
    guard let node, let object = MadeObject(node, in: graph), pandasName(object) == "StringDtype"
    else { return nil }
    return float(object.argument(1))?.isNaN ?? false ? "str" : "string"
  }

  /// Reads `_restore_array((type, length, nulls, offset, buffers, children, dictionary))`.
  private func arrow(_ node: Node?, type: Node?) -> ColumnBlock? {
    guard let node, let object = MadeObject(node, in: graph) else { return nil }
    if object.makerName == "pyarrow.lib.chunked_array" {
      guard let chunks = elements(object.argument(0)), chunks.count == 1, let chunk = chunks.first
      else { return nil }
      return arrow(chunk, type: type)
    }
    guard object.makerName == "pyarrow.lib._restore_array",
      let parts = elements(object.argument(0)), parts.count >= 5,
      let alias = MadeObject(parts[parts.startIndex], in: graph),
      let name = shortString(alias.argument(0)),
      let count = integer(parts[parts.startIndex + 1]), count >= 0,
      let offset = integer(parts[parts.startIndex + 3]), offset >= 0,
      let buffers = elements(parts[parts.startIndex + 4])
    else { return nil }
    var memory: [Payload?] = []
    for buffer in buffers.prefix(3) {
      guard let made = MadeObject(buffer, in: graph), let bytes = made.argument(0) else {
        memory.append(nil)
        continue
      }
      memory.append(payload(of: bytes))
    }
    let na = stringType(type) == "str" ? "NaN" : "<NA>"
    let dtype = stringType(type) ?? "\(PythonText.name(name))[pyarrow]"
    guard
      let column = arrowColumn(
        named: name, memory, offset: offset, count: count, missing: Array(na.utf8))
    else { return nil }
    return ColumnBlock(dtype: dtype, columns: [column])
  }
}
