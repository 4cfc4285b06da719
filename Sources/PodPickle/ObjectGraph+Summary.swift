extension ObjectGraph {
  /// What a root is, read off its pickle: the type with its module, the lengths of its dimensions
  /// and the type of its elements, where the pickle tells.
  public func summary(
    ofRoot root: Int
  ) -> (type: String, shape: [Int64]?, dtype: String?) {
    let node = roots[root]
    if let array = arraySummary(of: node) { return ("numpy.ndarray", array.shape, array.dtype) }
    return (typeName(of: node), length(of: node).map { [$0] }, nil)
  }

  /// The Python type of `node`, as far as its pickle tells.
  public func typeName(of node: Node) -> String {
    switch kind(of: node) {
    case .atom: atomTypeName(of: node)
    case .string, .legacyString: "str"
    case .bytes: "bytes"
    case .byteArray: "bytearray"
    case .global: "global"
    case .persistent: "persistent"
    case .tuple: "tuple"
    case .list, .items: "list"
    case .set: "set"
    case .frozenSet: "frozenset"
    case .dict, .pairs: "dict"
    case .state, .stateByCall: "state"
    case .reduce, .newObject, .newObjectEx, .oldInstance: madeTypeName(of: node)
    }
  }

  private func atomTypeName(of node: Node) -> String {
    guard case .memory(let source, let range) = payload(of: node), !range.isEmpty else {
      return "int"
    }
    switch source[range.lowerBound] {
    case Opcode.none: return "NoneType"
    case Opcode.newTrue, Opcode.newFalse: return "bool"
    case Opcode.binFloat, Opcode.float: return "float"
    case Opcode.extension1, Opcode.extension2, Opcode.extension4: return "extension"
    default: return "int"
    }
  }

  private func madeTypeName(of node: Node) -> String {
    let (module, name) = classParts(ofMade: node)
    return Self.qualified(module, name)
  }

  /// The module and name of the class of an object that is made by a call, with a dot between them;
  /// of the function that makes it, where the pickle does not tell the class.
  public func className(ofMade node: Node) -> String {
    let (module, name) = classParts(ofMade: node)
    return module.isEmpty ? name : "\(module).\(name)"
  }

  private func classParts(ofMade node: Node) -> (module: String, name: String) {
    guard let maker = children(of: node).first else { return ("", "object") }
    guard let (module, name) = globalName(of: maker) else {
      // A class by value: its name stands in the call that makes it.
      return skeletonName(of: maker).map { ("__main__", $0) } ?? ("", "object")
    }
    if let alias = Self.makerTypes["\(module).\(name)"] { return alias }
    let first = children(of: node).dropFirst().first.flatMap { children(of: $0).first }
    if Self.reconstructors.contains(name), let first {
      return globalName(of: first) ?? skeletonName(of: first).map { ("__main__", $0) }
        ?? ("", "object")
    }
    return (module, name)
  }

  /// The name of a class that cloudpickle wrote by value: `_make_skeleton_class(type, name, …)`.
  private func skeletonName(of node: Node) -> String? {
    guard kind(of: node) == .reduce, let maker = children(of: node).first,
      let (_, name) = globalName(of: maker), name.hasPrefix("_make_skeleton_")
    else { return nil }
    let arguments = children(of: node).dropFirst().first.map { children(of: $0) }
    guard let second = arguments?.dropFirst().first else { return nil }
    return text(of: second)
  }

  private static func qualified(_ module: String, _ name: String) -> String {
    switch module {
    case "builtins", "__builtin__", "": return name
    case let pandas where pandas.hasPrefix("pandas.core.") || pandas.hasPrefix("pandas._libs."):
      return "pandas.\(name)"
    case let numpy where numpy.hasPrefix("numpy."): return "numpy.\(name)"
    default: return "\(module).\(name)"
    }
  }

  /// Functions that make an object of the class that is their first argument.
  private static let reconstructors: Set<String> = [
    "_reconstruct", "_reconstructor", "__newobj__", "_new_Index", "_rebuild_estimator",
  ]

  /// What functions make whose name does not say so.
  private static let makerTypes: [String: (module: String, name: String)] = [
    "cloudpickle.cloudpickle._make_function": ("", "function"),
    "cloudpickle.cloudpickle._make_skeleton_class": ("", "type"),
    "cloudpickle.cloudpickle._make_skeleton_enum": ("", "type"),
    "cloudpickle.cloudpickle.subimport": ("", "module"),
    "cloudpickle.cloudpickle.dynamic_subimport": ("", "module"),
    "cloudpickle.cloudpickle._builtin_type": ("", "type"),
    "builtins.getattr": ("", "method"),
    "numpy.core.multiarray.scalar": ("numpy", "generic"),
    "numpy._core.multiarray.scalar": ("numpy", "generic"),
    "numpy.random._pickle.__generator_ctor": ("numpy.random", "Generator"),
    "re._compile": ("re", "Pattern"),
    "uuid.UUID": ("uuid", "UUID"),
    "numpy.core.numeric._frombuffer": ("numpy", "ndarray"),
    "numpy._core.numeric._frombuffer": ("numpy", "ndarray"),
  ]

  private func length(of node: Node) -> Int64? {
    switch kind(of: node) {
    case .tuple, .list, .set, .frozenSet: Int64(children(of: node).count)
    case .dict: Int64(children(of: node).count / 2)
    default: nil
    }
  }
}

// MARK: - Sharing

extension ObjectGraph {
  /// How many nodes there are, and places that lead to one.
  public var placeCount: Int {
    kinds.indices.reduce(count) { $0 + (kinds[$1].hasChildren ? Int(counts[$1]) : 0) }
  }

  /// About how many bytes a pickle of the graph has: one for each object and each place that leads to
  /// one, and the texts and bytes, those in pods included.
  public var size: Int {
    var size = 0
    for index in kinds.indices {
      let more = kinds[index].hasChildren ? Int(counts[index]) : payloadCount(of: Node(index))
      let (sum, overflows) = size.addingReportingOverflow(more)
      if overflows { return .max }
      size = sum
    }
    return size
  }

  /// How many places of the graph lead to each node: 0, 1, or 2 for any more.
  public func referenceCounts() -> [UInt8] {
    var counts = [UInt8](repeating: 0, count: count)
    for parent in kinds.indices where kinds[parent].hasChildren {
      let start = Int(starts[parent])
      for edge in start..<(start + Int(self.counts[parent])) {
        let node = Int(edges[edge])
        if counts[node] < 2 { counts[node] += 1 }
      }
    }
    return counts
  }
}

// MARK: - Arrays

/// A numpy array as its pickle describes it.
public struct ArrayDescription: Equatable, Sendable {
  /// The lengths of the dimensions.
  public var shape: [Int64]
  /// The element type under numpy's name, such as `float64`, or its code, such as `V16`.
  public var dtype: String
  /// The code of the element type: kind and bytes, such as `f8`.
  public var code: String
  /// Whether the elements are big-endian.
  public var isBigEndian: Bool
  /// Whether the first index varies fastest in memory.
  public var isFortranOrder: Bool
  /// The node with the elements: bytes, or a list for arrays of objects.
  public var elements: ObjectGraph.Node
}

extension ObjectGraph {
  /// Reads `node` as a numpy array of plain elements, or returns nil.
  ///
  /// There are two forms: `_frombuffer(buffer, dtype, shape, order)` of protocol 5, and
  /// `_reconstruct(ndarray, (0,), b'b')` with the state `(version, shape, dtype, isFortran, data)`.
  public func arraySummary(of node: Node) -> ArrayDescription? {
    guard kind(of: node) == .reduce else { return nil }
    let parts = Array(children(of: node))
    guard let (module, name) = globalName(of: parts[0]), module.hasPrefix("numpy") else {
      return nil
    }
    let arguments = Array(children(of: parts[1]).prefix(5))
    if name == "_frombuffer", arguments.count == 4 {
      return array(
        elements: arguments[0], dtype: arguments[1], shape: arguments[2],
        isFortranOrder: text(of: arguments[3]) == "F")
    }
    guard name == "_reconstruct", parts.count == 3, kind(of: parts[2]) == .state,
      let (_, type) = arguments.first.flatMap({ globalName(of: $0) }), type == "ndarray",
      let state = children(of: parts[2]).first.map({ Array(children(of: $0)) }), state.count == 5
    else { return nil }
    return array(
      elements: state[4], dtype: state[2], shape: state[1],
      isFortranOrder: atomOpcode(of: state[3]) == Opcode.newTrue)
  }

  /// Arrays of numpy 2 have this many dimensions at most.
  private static let dimensionLimit = 64

  private func array(
    elements: Node, dtype: Node, shape: Node, isFortranOrder: Bool
  ) -> ArrayDescription? {
    guard kind(of: shape) == .tuple, childCount(of: shape) <= Self.dimensionLimit else {
      return nil
    }
    let lengths = children(of: shape).map { integer(of: $0) }
    guard !lengths.contains(nil), kind(of: dtype) == .reduce else {
      return nil
    }
    let parts = Array(children(of: dtype))
    let arguments = Array(children(of: parts[1]))
    guard let first = arguments.first, kind(of: first) == .string else { return nil }
    let code = text(of: first)
    let state = parts.dropFirst(2).first.flatMap { children(of: $0).first }
    let order = state.flatMap { children(of: $0).dropFirst().first }.map { text(of: $0) }
    return ArrayDescription(
      shape: lengths.compactMap { $0 }, dtype: Self.dtypeName(code), code: code,
      isBigEndian: order == ">", isFortranOrder: isFortranOrder, elements: elements)
  }

  /// numpy's name of an element type: `f8` is `float64`.
  private static func dtypeName(_ code: String) -> String {
    let names: [Character: String] = ["f": "float", "i": "int", "u": "uint", "c": "complex"]
    if code == "b1" { return "bool" }
    if code.hasPrefix("O") { return "object" }
    guard let kind = code.first, let name = names[kind], let size = Int(code.dropFirst()) else {
      return code
    }
    return name + String(size * 8)
  }

  private func atomOpcode(of node: Node) -> UInt8? {
    guard kind(of: node) == .atom, case .memory(let source, let range) = payload(of: node),
      !range.isEmpty
    else { return nil }
    return source[range.lowerBound]
  }

  /// The value of an integer atom that fits 64 bits, or nil.
  public func integer(of node: Node) -> Int64? {
    guard kind(of: node) == .atom, case .memory(let source, let range) = payload(of: node) else {
      return nil
    }
    let bytes = source.bytes(in: range)
    switch bytes.first {
    case Opcode.binInt1, Opcode.binInt2: return Self.littleEndian(bytes.dropFirst(), signed: false)
    case Opcode.binInt: return Self.littleEndian(bytes.dropFirst(), signed: true)
    case Opcode.long1 where bytes.count <= 10:
      return Self.littleEndian(bytes.dropFirst(2), signed: true)
    case Opcode.int, Opcode.long:
      let digits = bytes.dropFirst().dropLast().filter { $0 != UInt8(ascii: "L") }
      return Int64(String(decoding: digits, as: UTF8.self))
    default: return nil
    }
  }

  static func littleEndian(_ bytes: ArraySlice<UInt8>, signed: Bool) -> Int64 {
    var value: UInt64 = 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    guard signed, let last = bytes.last, last & 0x80 != 0, bytes.count < 8 else {
      return Int64(bitPattern: value)
    }
    return Int64(bitPattern: value | (.max << (8 * UInt64(bytes.count))))
  }
}
