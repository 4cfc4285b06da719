import PodPickle

/// An array of numpy, as its pickle tells it.
struct NumpyArray {
  enum Elements {
    case memory(ArrayElements)
    case nodes(NodeElements)
  }

  /// The module and name of its class.
  var className: String
  var type: ElementType
  var shape: [Int]
  var elements: Elements
}

/// Elements that are objects, in the order in which a list has them.
struct NodeElements {
  let nodes: ObjectGraph.Children
  let shape: [Int]
  /// How many places of the list it is to the next element along each dimension.
  let strides: [Int]
  let offset: Int
  let count: Int

  /// Fails where the list has no such element.
  init?(_ nodes: ObjectGraph.Children, shape: [Int], strides: [Int], offset: Int, count: Int) {
    guard shape.count == strides.count, offset >= 0 else { return nil }
    self.nodes = nodes
    self.shape = shape
    self.strides = strides
    self.offset = offset
    self.count = count
    guard count > 0 else { return }
    guard let (low, high) = ArrayElements.reach(shape, strides), offset >= -low,
      offset < nodes.count - high
    else { return nil }
  }

  /// The element with the number `index` in the order in which they are shown.
  subscript(index: Int) -> ObjectGraph.Node {
    var rest = index
    var place = offset
    for axis in shape.indices.reversed() {
      place += rest % shape[axis] * strides[axis]
      rest /= shape[axis]
    }
    return nodes[nodes.startIndex + place]
  }
}

// MARK: - Reading

extension ValueReader {
  /// A view may be one of a view; honest ones are of what has memory of its own.
  private static let viewDepth = 4
  /// A view may show few elements again and again, or a great many of no width, but not more often.
  private static let repeatLimit = 1 << 20
  /// Elements with more bytes are no lines.
  private static let widthLimit = 1 << 20

  /// The array that `node` stands for, of whatever class; nil if it does not look like one.
  func numpyArray(of node: Node) -> NumpyArray? {
    guard let object = MadeObject(node, in: graph) else { return nil }
    return numpyArray(object, depth: 0)
  }

  func numpyArray(_ object: MadeObject) -> NumpyArray? { numpyArray(object, depth: 0) }

  private func numpyArray(_ object: MadeObject, depth: Int) -> NumpyArray? {
    guard let maker = object.makerName, maker.hasPrefix("numpy."), depth < Self.viewDepth,
      object.keywords.isEmpty, object.items.isEmpty, object.pairs.isEmpty
    else { return nil }
    if maker.hasSuffix(".numeric._frombuffer"), object.arguments.count == 4,
      let type = object.argument(1), let shape = object.argument(2), let data = object.argument(0),
      object.states.isEmpty
    {
      let order = object.argument(3).flatMap { graph.scalar(of: $0) }
      return array(
        object.className, type, shape, data, isFortran: order == .string([UInt8(ascii: "F")]))
    }
    if maker.hasSuffix(".multiarray._reconstruct") || maker == "numpy.ma.core._mareconstruct",
      let state = object.states.last
    {
      return array(object.className, state: Array(graph.children(of: state)))
    }
    guard maker == "numpy.ndarray", object.arguments.count == 5 else { return nil }
    return view(object, depth: depth)
  }

  /// Reads `(version, shape, dtype, isFortran, data, …)`; numpy before 1.0 wrote no version.
  private func array(_ className: String, state: [Node]) -> NumpyArray? {
    let parts = state.count == 4 ? [0] + state : state
    guard parts.count >= 5 else { return nil }
    let isFortran = graph.scalar(of: parts[3]) == .bool(true)
    return array(className, parts[2], parts[1], parts[4], isFortran: isFortran)
  }

  private func array(
    _ className: String, _ type: Node, _ shape: Node, _ data: Node, isFortran: Bool
  ) -> NumpyArray? {
    guard let type = elementType(of: type), let shape = lengths(shape),
      let size = product(shape, width: type.isObject ? 1 : type.width)
    else { return nil }
    if type.isObject {
      guard graph.kind(of: data) == .list, size == graph.children(of: data).count else {
        return nil
      }
      let strides = ArrayElements.strides(of: shape, width: 1, isFortran: false)
      return NodeElements(
        graph.children(of: data), shape: shape, strides: strides, offset: 0, count: size
      ).map { NumpyArray(className: className, type: type, shape: shape, elements: .nodes($0)) }
    }
    guard isMemory(data), graph.payloadSize(of: data) == size, type.width <= Self.widthLimit,
      let count = product(shape, width: 1), type.width > 0 || count <= Self.repeatLimit
    else { return nil }
    let strides = ArrayElements.strides(of: shape, width: type.width, isFortran: isFortran)
    return ArrayElements(
      payload(of: data), type: type, shape: shape, strides: strides, offset: 0, count: count
    ).map { NumpyArray(className: className, type: type, shape: shape, elements: .memory($0)) }
  }

  private func isMemory(_ node: Node) -> Bool {
    graph.kind(of: node) == .bytes || graph.kind(of: node) == .byteArray
  }

  /// Reads `numpy.ndarray(shape, dtype, memory, offset, strides)`.
  private func view(_ object: MadeObject, depth: Int) -> NumpyArray? {
    let parts = Array(object.arguments)
    guard let shape = lengths(parts[0]), let type = elementType(of: parts[1]),
      let offset = graph.integer(of: parts[3]), let strides = integers(parts[4]),
      let count = product(shape, width: 1), product(shape, width: type.width) != nil
    else { return nil }
    func whole(_ elements: NumpyArray.Elements?) -> NumpyArray? {
      elements.map {
        NumpyArray(className: object.className, type: type, shape: shape, elements: $0)
      }
    }
    if isMemory(parts[2]), !type.isObject {
      let memory = payload(of: parts[2])
      return whole(
        bounded(memory, type, shape, strides, Int(offset), count).map { .memory($0) })
    }
    guard let made = MadeObject(parts[2], in: graph),
      let base = numpyArray(made, depth: depth + 1)
    else { return nil }
    switch base.elements {
    case .memory(let elements):
      guard !type.isObject, elements.offset == 0 else { return nil }
      return whole(
        bounded(elements.memory, type, shape, strides, Int(offset), count).map { .memory($0) })
    case .nodes(let elements):
      let width = type.width
      guard type.isObject, elements.offset == 0, elements.count == elements.nodes.count,
        offset % Int64(width) == 0, strides.allSatisfy({ $0 % width == 0 }),
        count <= max(elements.count, Self.indexedLimit)
      else { return nil }
      let places = NodeElements(
        elements.nodes, shape: shape, strides: strides.map { $0 / width },
        offset: Int(offset) / width, count: count)
      return whole(places.map { .nodes($0) })
    }
  }

  private func bounded(
    _ memory: Payload, _ type: ElementType, _ shape: [Int], _ strides: [Int], _ offset: Int,
    _ count: Int
  ) -> ArrayElements? {
    let elements = ArrayElements(
      memory, type: type, shape: shape, strides: strides, offset: offset, count: count)
    guard let elements, type.width <= Self.widthLimit,
      type.width > 0 || count <= Self.repeatLimit,
      !elements.isBroadcast || count <= max(memory.count, Self.repeatLimit)
    else { return nil }
    return elements
  }
}
