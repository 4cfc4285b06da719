import PodPickle

extension ValueReader {
  /// Classes that are stored by value.
  static let classes: [String: Recognizer] = [
    "cloudpickle.cloudpickle._make_skeleton_class": { object, reader throws(BlobError) in
      guard let kind = ClassByValue(object, reader) else { return nil }
      return .composite(kind.form(reader))
    },
    "cloudpickle.cloudpickle._make_skeleton_enum": { object, reader throws(BlobError) in
      guard let kind = ClassByValue(object, reader) else { return nil }
      return .composite(kind.form(reader))
    },
    "dataclasses.Field": field,
    "dataclasses._MISSING_TYPE": { object, _ throws(BlobError) in
      object.isPlain && object.arguments.isEmpty ? .line("dataclasses.MISSING") : nil
    },
    "dataclasses._HAS_DEFAULT_FACTORY_CLASS": { object, _ throws(BlobError) in
      object.isPlain && object.arguments.isEmpty ? .line("<factory>") : nil
    },
  ]

  /// A field of a dataclass: the type, the default, and what is not as usual.
  private static let field: Recognizer = { object, reader throws(BlobError) in
    guard object.arguments.isEmpty, object.items.isEmpty, object.pairs.isEmpty,
      object.states.count == 1
    else { return nil }
    let state = object.states[0]
    let slots = reader.graph.kind(of: state) == .dict ? state : reader.elements(state)?.last
    guard let slots, reader.graph.kind(of: slots) == .dict else { return nil }
    let usual = [
      "metadata": "types.MappingProxyType({})", "default": "dataclasses.MISSING",
      "default_factory": "dataclasses.MISSING", "init": "True", "repr": "True", "hash": "None",
      "compare": "True", "kw_only": "False", "doc": "None",
      "_field_type": "dataclasses._FIELD",
    ]
    var parts: [Part] = []
    let pairs = reader.graph.children(of: slots)
    for index in stride(from: pairs.startIndex, to: pairs.endIndex - 1, by: 2) {
      guard let name = reader.shortString(pairs[index]) else { return nil }
      if name == "name" { continue }
      if let text = usual[name], try reader.shortText(of: pairs[index + 1]) == Array(text.utf8) {
        continue
      }
      parts.append(.attribute(name, pairs[index + 1]))
    }
    return .composite(
      Composite(
        open: "dataclasses.field(", close: ")", order: .mapping, sections: [.parts(parts)]))
  }

  /// A member of an enumeration that is stored by value, with its name.
  func enumMember(_ object: MadeObject) throws(BlobError) -> Value? {
    guard graph.kind(of: object.maker) == .reduce, object.isPlain, object.arguments.count == 1,
      let value = object.argument(0), let kind = memory.enumeration(object.maker, self),
      let text = try shortText(of: value)
    else { return nil }
    let names = kind.names(of: value, self).map(PythonText.name)
    let label = names.isEmpty ? "" : "." + names.joined(separator: "|")
    return .line(Array("<\(kind.name)\(label): ".utf8) + text + Array(">".utf8))
  }
}

extension ValueReader {
  /// A named tuple whose class is stored by value, with the names of the fields.
  func namedTuple(_ object: MadeObject) -> Value? {
    guard graph.kind(of: object.maker) == .reduce, object.isPlain,
      let (name, fields) = memory.namedTuple(object.maker, self),
      fields.count == object.arguments.count
    else { return nil }
    let parts = zip(fields, object.arguments).map { Part.attribute($0, $1) }
    return .composite(
      Composite(
        open: name + "(", close: ")", order: .mapping, isMutable: false,
        sections: [.parts(parts)]))
  }

  /// The classes that are stored by value among what an object consists of.
  func classesByValue(from root: Node) -> [Node] {
    let makers = Set(
      (0..<Node(graph.count)).filter { node in
        graph.kind(of: node) == .global
          && graph.globalName(of: node)?.name.hasPrefix("_make_skeleton_") ?? false
      })
    guard !makers.isEmpty else { return [] }
    var found: [Node] = []
    var isSeen = [Bool](repeating: false, count: graph.count)
    var stack = [root]
    while let node = stack.popLast() {
      guard !isSeen[Int(node)] else { continue }
      isSeen[Int(node)] = true
      let children = graph.children(of: node)
      if graph.kind(of: node) == .reduce, let maker = children.first, makers.contains(maker) {
        found.append(node)
      }
      stack += children.reversed().filter { !isSeen[Int($0)] }
    }
    return found
  }
}

/// The names of the members of an enumeration.
struct EnumByValue {
  typealias Node = ObjectGraph.Node

  /// The name of the class with the module.
  let name: String
  private var byNode: [Node: String] = [:]
  private var byValue: [[UInt8]: String] = [:]
  /// The members of a flag that are single bits.
  private var bits: [(bit: Int, name: String)] = []

  init?(_ maker: Node, _ reader: ValueReader) {
    guard let object = MadeObject(maker, in: reader.graph),
      object.makerName == "cloudpickle.cloudpickle._make_skeleton_enum",
      let kind = ClassByValue(object, reader), let members = kind.members
    else { return nil }
    name = PythonText.name(kind.name)
    let pairs = reader.graph.children(of: members)
    for index in stride(from: pairs.startIndex, to: pairs.endIndex - 1, by: 2) {
      guard let name = reader.shortString(pairs[index]) else { continue }
      let value = pairs[index + 1]
      byNode[value] = byNode[value] ?? name
      if let bytes = Self.bytes(value, reader) { byValue[bytes] = byValue[bytes] ?? name }
      if let bit = reader.integer(value), bit > 0, bit & (bit - 1) == 0 { bits.append((bit, name)) }
    }
  }

  /// The bytes of a value without parts: equal values are not always one node.
  private static func bytes(_ value: Node, _ reader: ValueReader) -> [UInt8]? {
    reader.graph.payloadSize(of: value) <= 64 ? reader.graph.payloadBytes(of: value) : nil
  }

  /// The name of a member; of a combination of flags those of its bits.
  func names(of value: Node, _ reader: ValueReader) -> [String] {
    if let name = byNode[value] ?? Self.bytes(value, reader).flatMap({ byValue[$0] }) {
      return [name]
    }
    guard let number = reader.integer(value) else { return [] }
    return bits.prefix(64).filter { $0.bit & number != 0 }.map(\.name)
  }
}

/// A class as cloudpickle writes it: made without its attributes, which are set afterwards.
struct ClassByValue {
  typealias Node = ObjectGraph.Node

  /// The name with the module.
  let name: String
  /// The members of an enumeration, in a dict.
  let members: Node?
  private let bases: Node
  private let metaclass: Node?
  private let attributes: [Part]
  /// The names of the fields of a named tuple.
  let fields: [String]?

  init?(_ object: MadeObject, _ reader: ValueReader) {
    let isEnum = object.makerName == "cloudpickle.cloudpickle._make_skeleton_enum"
    // The metaclass, the name, the bases, what the statement had; or the bases, the name, the
    // qualified name, the members, the module.
    let count = object.arguments.count
    guard (isEnum ? 7...7 : 6...6).contains(count),
      let name = reader.shortString(object.argument(1)),
      let bases = object.argument(isEnum ? 0 : 2), object.states.count <= 1
    else { return nil }
    let state = object.states.first.flatMap { reader.elements($0)?.first }
    let module =
      isEnum
      ? reader.shortString(object.argument(4))
      : reader.shortString(reader.value(inDict: object.argument(3), "__module__"))
    let qualified =
      isEnum
      ? reader.shortString(object.argument(2))
      : reader.shortString(reader.value(inDict: state, "__qualname__"))
    self.name = (module.map { $0 + "." } ?? "") + (qualified ?? name)
    self.bases = bases
    metaclass = isEnum ? nil : object.argument(0)
    members =
      isEnum ? object.argument(3).flatMap { reader.graph.kind(of: $0) == .dict ? $0 : nil } : nil
    attributes = state.map { Self.attributes(in: $0, reader) } ?? []
    let names = reader.elements(reader.value(inDict: state, "_fields"))?.prefix(1024)
    fields = names.map { $0.compactMap { reader.shortString($0) } }
  }

  /// What a class is called where it is shown by itself.
  static func name(of node: Node, _ reader: ValueReader) -> String {
    let kind = MadeObject(node, in: reader.graph).flatMap { ClassByValue($0, reader) }
    return kind.map { PythonText.name($0.name) } ?? "class"
  }

  /// What Python or cloudpickle notes in a class, apart from what its statement says.
  private static let noted: Set<String> = [
    "__module__", "__qualname__", "__slotnames__", "__firstlineno__", "__static_attributes__",
    "__abstractmethods__", "_abc_impl", "_new_member_", "_unhashable_values_",
    "_unhashable_values_map_", "_hashable_values_", "_use_args_", "_boundary_", "_flag_mask_",
    "_singles_mask_", "_all_bits_", "_inverted_", "_value_repr_",
  ]

  /// What the fields of a named tuple or of a dataclass decide.
  private static let generated: Set<String> = [
    "__new__", "__init__", "__repr__", "__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__",
    "__setattr__", "__delattr__", "__getnewargs__", "__replace__", "_make", "_replace", "_asdict",
  ]

  /// Whether a function, or one that is wrapped once, was written by Python.
  private static func isGenerated(_ node: Node, _ reader: ValueReader) -> Bool {
    guard var object = MadeObject(node, in: reader.graph), let first = object.argument(0) else {
      return false
    }
    var code = first
    if object.makerName == "builtins.staticmethod" || object.makerName == "builtins.classmethod" {
      guard let function = MadeObject(first, in: reader.graph), let inner = function.argument(0)
      else { return false }
      (object, code) = (function, inner)
    }
    guard object.makerName == "cloudpickle.cloudpickle._make_function",
      let file = CodeObject(code, reader)?.file
    else { return false }
    return file.hasPrefix("<string>") || file.hasSuffix("/collections/__init__.py")
      || file.hasSuffix("/dataclasses.py") || file.hasSuffix("/reprlib.py")
  }

  private static func attributes(in state: Node, _ reader: ValueReader) -> [Part] {
    guard reader.graph.kind(of: state) == .dict else { return [.attribute("state", state)] }
    let children = reader.graph.children(of: state)
    let hasFields =
      reader.value(inDict: state, "_fields") != nil
      || reader.value(inDict: state, "__dataclass_fields__") != nil
    return stride(from: children.startIndex, to: children.endIndex - 1, by: 2).compactMap {
      let value = children[$0 + 1]
      if let name = reader.shortString(children[$0]) {
        if noted.contains(name) || name == "__doc__" && reader.isNone(value) { return nil }
        if hasFields, generated.contains(name), isGenerated(value, reader) { return nil }
      }
      if MadeObject(value, in: reader.graph)?.makerName == "_collections._tuplegetter" {
        return nil
      }
      return reader.attribute(children[$0], value)
    }
  }

  func form(_ reader: ValueReader) -> Composite {
    var form = Composite(
      open: "\(members == nil ? "class" : "enum") \(PythonText.name(name))(", close: ")",
      order: .mapping)
    var parts: [Part] = []
    if let metaclass, reader.graph.globalName(of: metaclass).map({ $0.name != "type" }) ?? true {
      parts.append(.attribute("metaclass", metaclass))
    }
    let isPlain = reader.elements(bases).map { bases in
      bases.count == 1 && reader.graph.globalName(of: bases[bases.startIndex])?.name == "object"
    }
    if isPlain != true { parts.append(.attribute("bases", bases)) }
    form.sections = [.parts(parts)]
    if let members { form.sections += reader.attributes(inState: members) }
    form.sections.append(.parts(attributes))
    return form
  }
}
