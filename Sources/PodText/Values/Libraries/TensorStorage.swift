import PodPickle

/// The memory of tensors, and the type of what it holds.
struct TensorStorage {
  var memory: Payload
  /// Where in the memory the first element is.
  var start = 0
  /// The name of the type under torch.
  var dtype: String
  var type: ElementType

  /// What torch calls the types of elements, and its classes of storages of them; kind and width.
  private static let types: [(dtype: String, storage: String, code: Character, width: Int)] = [
    ("float64", "Double", "f", 8), ("float32", "Float", "f", 4), ("float16", "Half", "f", 2),
    ("bfloat16", "BFloat16", "f", 2), ("int64", "Long", "i", 8), ("int32", "Int", "i", 4),
    ("int16", "Short", "i", 2), ("int8", "Char", "i", 1), ("uint8", "Byte", "u", 1),
    ("bool", "Bool", "b", 1), ("complex64", "ComplexFloat", "c", 8),
    ("complex128", "ComplexDouble", "c", 16),
  ]

  /// Longer memory of bfloat16 is not made wider.
  private static let wideningLimit = 64 << 20

  /// Takes memory whose type has this name, as a dtype or as a storage; fails for other names.
  init?(_ memory: Payload, start: Int = 0, typeName: String) throws(BlobError) {
    let known = Self.types.first {
      typeName == "torch.\($0.dtype)" || typeName == "torch.\($0.storage)Storage"
    }
    guard let (dtype, _, code, width) = known else { return nil }
    self.memory = memory
    self.start = start
    self.dtype = dtype
    let kinds: [Character: ElementType.Kind] = [
      "f": .float, "i": .signed, "u": .unsigned, "b": .bool, "c": .complex,
    ]
    type = ElementType(kind: kinds[code] ?? .void, width: dtype == "bfloat16" ? 4 : width)
    guard dtype == "bfloat16" else { return }
    // Its elements are the upper halves of 32 bits.
    guard memory.count <= Self.wideningLimit else { return nil }
    let bytes = try memory.bytes(in: start..<memory.count)
    var wide: [UInt8] = []
    wide.reserveCapacity(2 * bytes.count)
    for index in stride(from: 0, to: bytes.count - 1, by: 2) {
      wide += [0, 0, bytes[index], bytes[index + 1]]
    }
    self.memory = .memory(wide)
    self.start = 0
  }

  /// The type of the elements of a class of storages.
  static func dtype(ofStorage name: String) -> String? {
    types.first { name == "\($0.storage)Storage" }?.dtype
  }

  /// The number of bytes of an element in a file of torch.
  static func width(ofStorage name: String) -> Int? {
    types.first { name == "\($0.storage)Storage" }?.width
  }
}

extension ValueReader {
  /// The storage that `node` stands for; `dtype` says the type of untyped ones.
  func storage(of node: Node, dtype: Node?) throws(BlobError) -> TensorStorage? {
    guard let object = MadeObject(node, in: graph) else { return nil }
    if object.makerName == "torch.storage._load_from_bytes", let file = object.argument(0) {
      return try storage(inFile: payload(of: file))
    }
    if let memory = untypedStorage(object) {
      guard let dtype, let name = fullName(dtype) else { return nil }
      return try TensorStorage(memory, typeName: name)
    }
    // podfs: a call of partial(TypedStorage, wrap_storage=…, dtype=…).
    guard let partial = MadeObject(object.maker, in: graph),
      partial.makerName == "functools.partial", let state = partial.states.first
    else { return nil }
    let parts = Array(graph.children(of: state))
    guard graph.kind(of: state) == .tuple, parts.count >= 3, graph.kind(of: parts[2]) == .dict
    else {
      return nil
    }
    let keywords = Array(graph.children(of: parts[2]))
    func keyword(_ name: String) -> Node? {
      stride(from: 0, to: min(keywords.count, 16) - 1, by: 2).first {
        graph.scalar(of: keywords[$0]) == .string(Array(name.utf8))
      }.map { keywords[$0 + 1] }
    }
    guard let wrapped = keyword("wrap_storage").flatMap({ MadeObject($0, in: graph) }),
      let memory = untypedStorage(wrapped), let name = keyword("dtype").flatMap({ fullName($0) })
    else { return nil }
    return try TensorStorage(memory, typeName: name)
  }

  /// podfs: `methodcaller("untyped_storage")(torch.from_numpy(array))`.
  private func untypedStorage(_ object: MadeObject) -> Payload? {
    guard let caller = MadeObject(object.maker, in: graph),
      caller.makerName == "operator.methodcaller" || caller.makerName == "_operator.methodcaller",
      let tensor = object.argument(0).flatMap({ MadeObject($0, in: graph) }),
      tensor.makerName?.hasSuffix("from_numpy") ?? false,
      let array = tensor.argument(0).flatMap({ numpyArray(of: $0) }),
      case .memory(let elements) = array.elements, elements.offset == 0, elements.isContiguous
    else { return nil }
    return elements.memory
  }

  private func fullName(_ node: Node) -> String? {
    graph.globalName(of: node).map { "\($0.module).\($0.name)" }
  }

  /// The storage in a file as `torch.save` wrote them at first: pickles that say the class, then the
  /// number of elements, then these.
  private func storage(inFile file: Payload) throws(BlobError) -> TensorStorage? {
    let head = try file.bytes(in: 0..<min(file.count, 4096))
    let mark = Array("ctorch\n".utf8)
    let text = head.indices.first { head[$0...].starts(with: mark) }.map { start in
      head[(start + mark.count)...].prefix(32).prefix { $0 != UInt8(ascii: "\n") }
    }
    guard let name = text.map({ String(decoding: $0, as: UTF8.self) }),
      let width = TensorStorage.width(ofStorage: name)
    else { return nil }
    // Behind the end of the last pickle.
    for place in stride(from: 1, through: head.count - 8, by: 1)
    where head[place - 1] == UInt8(ascii: ".") {
      let count = (0..<8).reduce(UInt64(0)) { $0 | UInt64(head[place + $1]) << (8 * UInt64($1)) }
      let (size, isLong) = count.multipliedReportingOverflow(by: UInt64(width))
      if !isLong, size == UInt64(file.count - place - 8) {
        return try TensorStorage(file, start: place + 8, typeName: "torch.\(name)")
      }
    }
    return nil
  }
}
