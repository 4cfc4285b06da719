import PodPickle

/// Reads dtypes of numpy.
extension ValueReader {
  /// Types within types are read so deep.
  private static let typeDepth = 8
  /// A type with more fields in all is not read: they may stand for more than their nodes.
  private static let fieldLimit = 10_000

  /// What a dtype says; nil if `node` is none, or one that numpy would refuse.
  func elementType(of node: Node) -> ElementType? {
    var fields = Self.fieldLimit
    return elementType(of: node, depth: 0, &fields)
  }

  private func elementType(of node: Node, depth: Int, _ budget: inout Int) -> ElementType? {
    guard depth < Self.typeDepth, graph.kind(of: node) == .reduce,
      let object = MadeObject(node, in: graph)
    else { return nil }
    if object.makerName?.hasSuffix("._convert_to_stringdtype_kwargs") ?? false {
      return ElementType(kind: .string, width: 16)
    }
    guard object.makerName == "numpy.dtype", let first = object.argument(0) else { return nil }
    let state = object.states.last.map { Array(graph.children(of: $0)) } ?? []
    let isBigEndian = state.count > 1 && graph.scalar(of: state[1]) == .string([UInt8(ascii: ">")])
    if graph.globalName(of: first) != nil {
      // A record: its class stands for the code.
      return structured(state, width: width(in: state) ?? 0, depth, &budget)
    }
    guard case .string(let code)? = graph.scalar(of: first), let letter = code.first else {
      return nil
    }
    let count = Int(String(decoding: code.dropFirst(), as: UTF8.self))
    func type(_ kind: ElementType.Kind, _ widths: Set<Int>) -> ElementType? {
      guard let count, widths.contains(count) else { return nil }
      return ElementType(kind: kind, width: count, isBigEndian: isBigEndian)
    }
    switch letter {
    case UInt8(ascii: "b"): return type(.bool, [1])
    case UInt8(ascii: "i"): return type(.signed, [1, 2, 4, 8])
    case UInt8(ascii: "u"): return type(.unsigned, [1, 2, 4, 8])
    case UInt8(ascii: "f"): return type(.float, [2, 4, 8, 12, 16])
    case UInt8(ascii: "c"): return type(.complex, [8, 16, 24, 32])
    case UInt8(ascii: "O"): return ElementType(kind: .object, width: 8)
    case UInt8(ascii: "M"), UInt8(ascii: "m"):
      guard let unit = timeUnit(in: state) else { return nil }
      return type(letter == UInt8(ascii: "M") ? .time(unit) : .duration(unit), [8])
    case UInt8(ascii: "S"):
      guard let count, count >= 0 else { return nil }
      return ElementType(kind: .bytes, width: count)
    case UInt8(ascii: "U"):
      guard let count, (0..<(1 << 40)).contains(count) else { return nil }
      return ElementType(kind: .unicode, width: 4 * count, isBigEndian: isBigEndian)
    case UInt8(ascii: "V"):
      guard let count, count >= 0 else { return nil }
      return structured(state, width: width(in: state) ?? count, depth, &budget)
    default: return nil
    }
  }

  private func width(in state: [Node]) -> Int? {
    guard state.count > 5, let width = graph.integer(of: state[5]), width >= 0 else { return nil }
    return Int(width)
  }

  /// Reads `(version, order, subtype, names, fields, width, alignment, flags)`.
  private func structured(
    _ state: [Node], width: Int, _ depth: Int, _ budget: inout Int
  ) -> ElementType? {
    guard state.count >= 8 else { return ElementType(kind: .void, width: width) }
    if graph.kind(of: state[2]) == .tuple {
      return subarray(Array(graph.children(of: state[2])), width: width, depth, &budget)
    }
    guard graph.kind(of: state[3]) == .tuple, graph.kind(of: state[4]) == .dict else {
      return ElementType(kind: .void, width: width)
    }
    let names = Array(graph.children(of: state[3]))
    let pairs = Array(graph.children(of: state[4]))
    budget -= names.count
    guard budget >= 0 else { return nil }
    var places: [[UInt8]: Node] = [:]
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      guard case .string(let name)? = graph.scalar(of: pairs[index]) else { return nil }
      places[name] = pairs[index + 1]
    }
    var fields: [ElementType.Field] = []
    for name in names {
      guard case .string(let text)? = graph.scalar(of: name), let place = places[text] else {
        return nil
      }
      let parts = graph.children(of: place)
      guard graph.kind(of: place) == .tuple, parts.count >= 2,
        let type = elementType(of: parts[parts.startIndex], depth: depth + 1, &budget),
        let offset = graph.integer(of: parts[parts.startIndex + 1]), offset >= 0,
        type.width <= width, offset <= width - type.width
      else { return nil }
      fields.append(ElementType.Field(name: text, type: type, offset: Int(offset)))
    }
    let isAligned = (graph.integer(of: state[7]) ?? 0) & 0x80 != 0
    return ElementType(kind: .fields(fields, isAligned: isAligned), width: width)
  }

  private func subarray(
    _ parts: [Node], width: Int, _ depth: Int, _ budget: inout Int
  ) -> ElementType? {
    guard parts.count == 2, let type = elementType(of: parts[0], depth: depth + 1, &budget),
      let shape = lengths(parts[1]), !type.isObject, type.width > 0,
      product(shape, width: type.width) == width
    else { return nil }
    return ElementType(kind: .array(type, shape: shape), width: width)
  }

  /// The unit in `(version, order, …, (metadata, (b'ns', 1, 1, 1)))`.
  private func timeUnit(in state: [Node]) -> TimeUnit? {
    guard state.count > 8, let unit = graph.children(of: state[8]).last else { return nil }
    let parts = graph.children(of: unit)
    guard parts.count >= 2, let name = graph.scalar(of: parts[parts.startIndex]),
      let multiple = graph.integer(of: parts[parts.startIndex + 1])
    else { return nil }
    switch name {
    case .bytes(let text), .string(let text): return TimeUnit(name: text, multiple: multiple)
    default: return nil
    }
  }

  // MARK: Shapes

  /// Arrays have this many dimensions at most.
  private static let dimensionLimit = 64

  /// The lengths in a tuple, none of them negative.
  func lengths(_ node: Node) -> [Int]? {
    guard let lengths = integers(node), lengths.allSatisfy({ $0 >= 0 }) else { return nil }
    return lengths
  }

  /// The integers in a tuple.
  func integers(_ node: Node) -> [Int]? {
    if let length = graph.integer(of: node) { return [Int(length)] }
    let children = graph.children(of: node)
    guard graph.kind(of: node) == .tuple, children.count <= Self.dimensionLimit else { return nil }
    var values: [Int] = []
    for child in children {
      guard let value = graph.integer(of: child) else { return nil }
      values.append(Int(value))
    }
    return values
  }

  /// The number of bytes of elements of `width` in `shape`; nil if no memory has so many.
  func product(_ shape: [Int], width: Int) -> Int? {
    var count = width
    // A dimension of no length does not make the others possible.
    for length in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      count = next
    }
    return count
  }
}
