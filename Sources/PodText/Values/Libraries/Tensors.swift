import PodPickle

/// Tensors of torch, as arrays; modules, by their parameters and what they are made of.
extension ValueReader {
  static let tensors: [String: Recognizer] = [
    "torch._utils._rebuild_tensor_v2": tensor,
    "torch._utils._rebuild_tensor_v3": tensor,
    "torch._utils._rebuild_parameter": { object, reader throws(BlobError) in
      guard let data = object.argument(0), let made = MadeObject(data, in: reader.graph) else {
        return nil
      }
      let isFrozen = object.argument(1).map { reader.graph.scalar(of: $0) == .bool(false) } ?? false
      let heading = isFrozen ? "torch.nn.Parameter(requires_grad=False, " : "torch.nn.Parameter("
      return try reader.tensor(made, opening: heading)
    },
  ]

  private static let tensor: Recognizer = { object, reader throws(BlobError) in
    let requiresGrad = object.argument(4).map { reader.graph.scalar(of: $0) == .bool(true) }
    return try reader.tensor(
      object, opening: requiresGrad ?? false ? "torch.Tensor(requires_grad=True, " : "torch.Tensor("
    )
  }

  /// A tensor may show few elements again and again, but not more often.
  private static let repeatLimit = 1 << 24

  /// Reads `(storage, offset, shape, strides, requires_grad, hooks, dtype)`.
  private func tensor(_ object: MadeObject, opening: String) throws(BlobError) -> Value? {
    let parts = Array(object.arguments)
    guard parts.count >= 4, object.makerName?.hasPrefix("torch._utils._rebuild_tensor_v") ?? false
    else { return nil }
    if graph.kind(of: parts[0]) == .persistent { return tensorElsewhere(parts, opening) }
    guard let storage = try storage(of: parts[0], dtype: parts.count > 6 ? parts[6] : nil),
      let offset = graph.integer(of: parts[1]).flatMap({ Int(exactly: $0) }),
      let shape = lengths(parts[2]), let steps = integers(parts[3]), shape.count == steps.count,
      let count = product(shape, width: 1)
    else { return nil }
    let width = storage.type.width
    let (start, isFar) = offset.multipliedReportingOverflow(by: width)
    let strides = steps.map { $0.multipliedReportingOverflow(by: width) }
    guard !isFar, start >= 0, start < 1 << 60, !strides.contains(where: \.overflow) else {
      return nil
    }
    let heading = "\(opening)shape=\(shapeText(shape)), dtype=torch.\(storage.dtype))"
    guard
      let elements = ArrayElements(
        storage.memory, type: storage.type, shape: shape, strides: strides.map(\.partialValue),
        offset: storage.start + start, count: count),
      !elements.isBroadcast || count <= max(storage.memory.count, Self.repeatLimit)
    else { return nil }
    return .lined(ArrayValue(heading: heading, elements: elements))
  }

  /// A tensor in a file of `torch.save`, which has the elements beside the pickle.
  private func tensorElsewhere(_ parts: [Node], _ opening: String) -> Value? {
    guard let identifier = graph.children(of: parts[0]).first,
      graph.kind(of: identifier) == .tuple, let shape = lengths(parts[2])
    else { return nil }
    let names = Array(graph.children(of: identifier))
    guard names.count == 5, let (module, name) = graph.globalName(of: names[1]), module == "torch",
      let dtype = TensorStorage.dtype(ofStorage: name),
      case .string(let key) = graph.scalar(of: names[2])
    else { return nil }
    let place = String(decoding: PythonText.text(of: .string(key)), as: UTF8.self)
    return .line(
      "\(opening)shape=\(shapeText(shape)), dtype=torch.\(dtype), elements in file \(place))")
  }
}
