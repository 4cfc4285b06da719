import PodPickle

extension ValueReader {
  /// Functions that are stored by value, and their code.
  static let functions: [String: Recognizer] = [
    "cloudpickle.cloudpickle._make_function": function,
    "cloudpickle.cloudpickle._make_cell": { object, _ throws(BlobError) in
      guard object.isPlain, let content = object.argument(0) else { return nil }
      return .composite(
        Composite(
          open: "cell(", close: ")", order: .mapping,
          sections: [.parts([.attribute("cell_contents", content)])]))
    },
    "cloudpickle.cloudpickle._make_empty_cell": { object, _ throws(BlobError) in
      object.isPlain ? .line("cell()") : nil
    },
    "builtins.staticmethod": wrapped("staticmethod"),
    "builtins.classmethod": wrapped("classmethod"),
    "builtins.property": { object, _ throws(BlobError) in
      guard object.isPlain, object.arguments.count <= 4 else { return nil }
      return .composite(
        Composite(
          open: "property(", close: ")", order: .mapping,
          sections: [
            .parts(
              zip(["fget", "fset", "fdel", "doc"], object.arguments).map { .attribute($0, $1) })
          ]))
    },
    "types.CodeType": code,
    "types.MethodType": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2, let function = object.argument(0),
        let owner = object.argument(1)
      else { return nil }
      return .composite(
        Composite(
          open: "method(", close: ")", order: .mapping,
          sections: [
            .parts([.attribute("__func__", function), .attribute("__self__", owner)])
          ]))
    },
  ]

  private static func wrapped(_ name: String) -> Recognizer {
    { object, _ throws(BlobError) in
      guard object.isPlain, object.arguments.count == 1, let function = object.argument(0) else {
        return nil
      }
      return .composite(
        Composite(
          open: name + "(", close: ")", order: .mapping,
          sections: [.parts([.attribute("__func__", function)])]))
    }
  }

  private static let code: Recognizer = { object, reader throws(BlobError) in
    guard let code = CodeObject(object.node, reader) else { return nil }
    let signature = try code.signature { _ throws(BlobError) in (nil, nil) }
    return .composite(
      Composite(
        open: "code \(PythonText.name(code.name))(", close: ")", order: .mapping, isMutable: false,
        sections: [.parts(head(code, signature) + (try code.parts(reader, doc: nil)))]))
  }

  private static func head(_ code: CodeObject, _ signature: String) -> [Part] {
    [
      Part(step: .attribute("signature"), content: .value(.line(signature))),
      Part(step: .attribute("source"), content: .value(.line(code.source))),
    ]
  }

  private static let function: Recognizer = { object, reader throws(BlobError) in
    // All texts of a signature together look into no more values than one does elsewhere.
    guard object.arguments.count >= 2, let made = object.argument(0),
      let code = CodeObject(made, reader), object.states.count <= 1, let reader = reader.deeper()
    else { return nil }
    let state = FunctionState(object, code, reader)
    var parts = head(code, try state.signature(reader))
    if let doc = state.doc { parts.append(.attribute("doc", doc)) }
    parts += try state.details(reader)
    parts += try code.parts(reader, doc: state.doc)
    let name = PythonText.name(state.name)
    return .composite(
      Composite(
        open: "\(code.kind) \(name)(", close: ")", order: .mapping, sections: [.parts(parts)]))
  }
}

/// What a function has beside its code.
private struct FunctionState {
  typealias Node = ObjectGraph.Node

  let code: CodeObject
  private let module: String
  private let qualifiedName: String
  /// What a documentation string there is, if one.
  let doc: Node?
  private let attributes: Node?
  private let globals: Node?
  private let cells: ObjectGraph.Children?
  /// The defaults by the names of the parameters.
  private var defaults: [(name: String, node: Node)] = []
  private var annotations: [(name: String, node: Node)] = []

  init(_ object: MadeObject, _ code: CodeObject, _ reader: ValueReader) {
    self.code = code
    // The dict of the function, and what else it has by the names of its slots.
    let state = object.states.first.flatMap { reader.elements($0) }
    attributes = state?.first
    let slots = state.flatMap { $0.count == 2 ? $0.last : nil }
    let slot = { (name: String) in reader.value(inDict: slots, name) }
    module = reader.shortString(slot("__module__")) ?? ""
    qualifiedName =
      reader.shortString(slot("__qualname__")) ?? reader.shortString(slot("__name__")) ?? code.name
    doc = slot("__doc__").flatMap { reader.isNone($0) ? nil : $0 }
    globals = slot("__globals__")
    cells = reader.elements(slot("__closure__"))
    if let values = reader.elements(slot("__defaults__") ?? object.argument(3)) {
      defaults += zip(code.positionalNames(last: values.count), values).map { ($0, $1) }
    }
    defaults += Self.named(slot("__kwdefaults__"), reader)
    annotations = Self.named(slot("__annotations__"), reader)
  }

  var name: String { module.isEmpty ? qualifiedName : "\(module).\(qualifiedName)" }

  private static func named(_ dict: Node?, _ reader: ValueReader) -> [(name: String, node: Node)] {
    guard let dict, reader.graph.kind(of: dict) == .dict else { return [] }
    let children = reader.graph.children(of: dict)
    return stride(from: children.startIndex, to: children.endIndex - 1, by: 2).compactMap {
      let node = children[$0 + 1]
      return reader.shortString(children[$0]).map { (PythonText.name($0), node) }
    }
  }

  func signature(_ reader: ValueReader) throws(BlobError) -> String {
    var values: [String: String] = [:]
    for (name, node) in defaults { values[name] = try Self.short(node, reader) ?? "…" }
    var types: [String: String] = [:]
    for (name, node) in annotations { types[name] = try reader.typeText(of: node) ?? "…" }
    return try code.signature { name throws(BlobError) in (types[name], values[name]) }
  }

  /// A default that can stand in the signature: one that nothing can change.
  private static func short(_ node: Node, _ reader: ValueReader) throws(BlobError) -> String? {
    guard !reader.graph.kind(of: node).isContainer || reader.graph.kind(of: node) == .tuple,
      let text = try reader.shortText(of: node), text.count <= ValueReader.lineLimit
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  /// What the function was made with, apart from what its signature says.
  func details(_ reader: ValueReader) throws(BlobError) -> [Part] {
    var parts: [Part] = []
    for (name, node) in defaults where try Self.short(node, reader) == nil {
      parts.append(.attribute("default.\(name)", node))
    }
    for (name, node) in annotations where try reader.typeText(of: node) == nil {
      parts.append(.attribute("annotation.\(name)", node))
    }
    if let cells {
      for (name, cell) in zip(code.freeVariables, cells) {
        // A cell that other functions have, too, is one object; what it holds is what counts.
        let content = MadeObject(cell, in: reader.graph).flatMap { object in
          object.makerName == "cloudpickle.cloudpickle._make_cell" ? object.argument(0) : nil
        }
        parts.append(.attribute("closure.\(name)", content ?? cell))
      }
    }
    for (name, node) in Self.named(globals, reader) where !name.hasPrefix("__") {
      parts.append(.attribute("global.\(name)", node))
    }
    if let attributes, reader.graph.kind(of: attributes) == .dict {
      parts += Self.named(attributes, reader).map { .attribute($0.name, $0.node) }
    }
    return parts
  }
}
