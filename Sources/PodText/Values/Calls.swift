import PodPickle

extension ValueReader {
  /// What refers to something else: methods, modules, types with arguments, partial calls, streams.
  static let calls: [String: Recognizer] = [
    "builtins.getattr": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2, let owner = object.argument(0),
        let name = reader.shortString(object.argument(1))
      else { return nil }
      if let (module, type) = reader.graph.globalName(of: owner) {
        return .line("<\(PythonText.name(ImportedName(module, type).text + "." + name))>")
      }
      return .composite(
        Composite(
          open: "method \(PythonText.name(name))(", close: ")", order: .mapping,
          sections: [.parts([.attribute("__self__", owner)])]))
    },
    "functools.partial": { object, reader throws(BlobError) in
      guard object.arguments.count == 1, object.states.count == 1, object.items.isEmpty,
        let state = reader.elements(object.states[0]), state.count == 4,
        let arguments = reader.elements(state[state.startIndex + 1]),
        reader.graph.kind(of: state[state.startIndex + 2]) == .dict
      else { return nil }
      let function = Part(step: .attribute("func"), content: .node(state[state.startIndex]))
      var form = Composite(open: "functools.partial(", close: ")", order: .mapping)
      form.sections = [.parts([function]), .items(arguments, first: 0)]
      form.sections += reader.attributes(inState: state[state.startIndex + 2])
      if let own = state.last, !reader.isNone(own) {
        form.sections += reader.attributes(inState: own)
      }
      return .composite(form)
    },
    "cloudpickle.cloudpickle.subimport": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 1,
        let name = reader.shortString(object.argument(0))
      else { return nil }
      return .line("<module \(PythonText.name(name))>")
    },
    "cloudpickle.cloudpickle._builtin_type": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 1,
        let name = reader.shortString(object.argument(0))
      else { return nil }
      return .line("<types.\(PythonText.name(name))>")
    },
    "builtins.type": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 1, let instance = object.argument(0),
        let text = try reader.shortText(of: instance)
      else { return nil }
      switch String(decoding: text, as: UTF8.self) {
      case "None": return .line("<NoneType>")
      case "Ellipsis": return .line("<ellipsis>")
      case "NotImplemented": return .line("<NotImplementedType>")
      default: return nil
      }
    },
    "types.GenericAlias": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2, let origin = object.argument(0),
        let arguments = object.argument(1)
      else { return nil }
      return try reader.subscripted(origin, arguments)
    },
    "operator.getitem": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2, let origin = object.argument(0),
        let arguments = object.argument(1)
      else { return nil }
      return try reader.subscripted(origin, arguments)
    },
    "functools.reduce": { object, reader throws(BlobError) in
      // A union of types: their operator is applied to all.
      guard object.isPlain, object.arguments.count == 2, let function = object.argument(0),
        let (module, name) = reader.graph.globalName(of: function),
        ImportedName(module, name).qualified == "operator.or_",
        let types = reader.elements(object.argument(1))
      else { return nil }
      guard let text = try reader.typeTexts(types, separator: " | ") else { return nil }
      return .line("<\(text)>")
    },
    "types.MappingProxyType": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 1, let dict = object.argument(0),
        reader.graph.kind(of: dict) == .dict
      else { return nil }
      return .composite(
        Composite(
          open: "types.MappingProxyType({", close: "})", order: .mapping,
          sections: [.pairs(reader.graph.children(of: dict))]))
    },
    "cloudpickle.cloudpickle._get_dataclass_field_type_sentinel": {
      object, reader throws(BlobError) in
      guard object.isPlain, let name = reader.shortString(object.argument(0)) else { return nil }
      return .line("dataclasses.\(PythonText.name(name))")
    },
    "io.StringIO": stream("io.StringIO", ["value", "newline", "position"]),
    "io.BytesIO": stream("io.BytesIO", ["value", "position"]),
  ]

  /// Recognizes a stream in memory by its state: a tuple of so many parts, and a dict or None.
  private static func stream(_ open: String, _ names: [String]) -> Recognizer {
    { object, reader throws(BlobError) in
      guard object.arguments.isEmpty, object.states.count == 1,
        let state = reader.elements(object.states[0]), state.count == names.count + 1,
        let own = state.last
      else { return nil }
      let parts = zip(names, state).filter { $0.0 != "newline" }.map { Part.attribute($0, $1) }
      var form = Composite(open: open + "(", close: ")", order: .mapping)
      form.sections = [.parts(parts)]
      if !reader.isNone(own) { form.sections += reader.attributes(inState: own) }
      return .composite(form)
    }
  }

  /// A type with arguments, such as `list[int]`.
  private func subscripted(_ origin: Node, _ arguments: Node) throws(BlobError) -> Value? {
    guard let name = try typeText(of: origin) else { return nil }
    var text: String?
    if graph.kind(of: arguments) == .tuple {
      text = try typeTexts(graph.children(of: arguments))
    } else {
      text = try typeText(of: arguments)
    }
    return text.map { .line("<\(name)[\($0)]>") }
  }

  /// A type as annotations have it: without the brackets that stand around a name by itself.
  func typeText(of node: Node) throws(BlobError) -> String? {
    if graph.kind(of: node) == .list {
      guard let inner = deeper() else { return nil }
      return try inner.typeTexts(graph.children(of: node)).map { "[\($0)]" }
    }
    guard let text = try shortText(of: node) else { return nil }
    let whole = String(decoding: text, as: UTF8.self)
    guard whole.hasPrefix("<"), whole.hasSuffix(">") else {
      return whole == "Ellipsis" ? "..." : whole
    }
    let name = String(whole.dropFirst().dropLast())
    return name == "NoneType" ? "None" : name
  }

  private func typeTexts(
    _ nodes: ObjectGraph.Children, separator: String = ", "
  ) throws(BlobError) -> String? {
    var texts: [String] = []
    for node in nodes.prefix(64) {
      guard let text = try typeText(of: node) else { return nil }
      texts.append(text)
    }
    return nodes.count > 64 ? nil : texts.joined(separator: separator)
  }
}
