import PodPickle

/// Tells what the nodes of a graph stand for, without running Python.
///
/// A graph comes from outside: what makes an object may be called with anything. Whatever does not
/// look as its class writes it has the generic form of objects.
struct ValueReader {
  typealias Node = ObjectGraph.Node

  /// Says what an object of some class is shown as; nil if it does not look like one.
  typealias Recognizer =
    @Sendable (MadeObject, ValueReader) throws(BlobError) -> Value?

  let graph: ObjectGraph
  let blobs: any BlobSource
  /// How many values around have asked for this one to show themselves on one line.
  private var depth = 0
  /// What was found out before.
  let memory = ReaderMemory()

  /// Values deeper within values of one line get lines of their own.
  private static let depthLimit = 8
  /// A text of one line looks into so many values: one may be in it again and again.
  private static let workLimit = 512

  /// Larger sets are shown in the order of the pickle's objects, which their contents decide.
  private static let sortLimit = 100_000

  /// Recognizers by the module and name of a class, or of what makes objects of many classes.
  private static let recognizers: [String: Recognizer] = {
    let families: [[String: Recognizer]] = [
      arrays, numbers, dates, names, collections, machineArrays, calls, functions, classes,
      estimators, networkGraphs, figures, tensors,
    ]
    return families.reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }
  }()

  /// Recognizers of all that is of a package, by its name.
  private static let packages: [Substring: Recognizer] = [
    "sklearn": estimator, "PIL": image, "matplotlib": artist, "pandas": pandas,
  ]

  private static func recognizer(of className: String) -> Recognizer? {
    recognizers[className] ?? packages[className.prefix { $0 != "." }]
  }

  init(_ graph: ObjectGraph, blobs: any BlobSource) {
    self.graph = graph
    self.blobs = blobs
  }

  /// Returns what `node` stands for.
  func value(of node: Node) throws(BlobError) -> Value {
    let kind = graph.kind(of: node)
    switch kind {
    case .string: return .string(payload(of: node))
    case .bytes: return .bytes(payload(of: node), isArray: false)
    case .byteArray: return .bytes(payload(of: node), isArray: true)
    case .legacyString:
      guard case .string(let text)? = graph.scalar(of: node) else { return .line("str") }
      return .string(.memory(text))
    case .atom:
      return .line(graph.scalar(of: node).map { PythonText.text(of: $0) } ?? [])
    case .global: return .line(globalText(of: node))
    case .list: return .composite(sequence("[", node, "]"))
    case .tuple: return .composite(tuple(node))
    case .dict: return .composite(dict(node))
    case .set, .frozenSet:
      return .composite(try set(Array(graph.children(of: node)), isFrozen: kind == .frozenSet))
    case .reduce, .newObject, .newObjectEx, .oldInstance: return try made(node)
    case .persistent, .items, .pairs, .state, .stateByCall:
      var form = sequence("\(graph.typeName(of: node))(", node, ")")
      form.order = .sequence
      return .composite(form)
    }
  }

  private func made(_ node: Node) throws(BlobError) -> Value {
    guard let object = MadeObject(node, in: graph) else { return .line("object") }
    let recognizer =
      object.makerName.flatMap { Self.recognizers[$0] } ?? Self.recognizer(of: object.className)
    if let recognizer, let value = try recognizer(object, self) {
      return value
    }
    if let member = try enumMember(object) { return member }
    if let tuple = namedTuple(object) { return tuple }
    if let module = module(object) { return module }
    let known = graph.typeName(of: node)
    let name = known == "object" ? object.className : known
    return .composite(object.genericForm(named: PythonText.name(name), in: self))
  }

  /// Returns the bytes of a node without children.
  func payload(of node: Node) -> Payload {
    if let blob = graph.blob(of: node) { return .stored(blob, blobs) }
    return .memory(graph.payloadBytes(of: node) ?? [])
  }

  /// A name that is imported, as Python shows a class.
  func globalText(of node: Node) -> [UInt8] {
    guard let (module, name) = graph.globalName(of: node) else { return [] }
    let text = PythonText.name(ImportedName(module, name).text)
    return Array((text == "Ellipsis" || text == "NotImplemented" ? text : "<\(text)>").utf8)
  }

  // MARK: Containers

  /// The children of `node` as items.
  func sequence(_ open: String, _ node: Node, _ close: String) -> Composite {
    let items = Composite.Section.items(graph.children(of: node), first: 0)
    return Composite(open: open, close: close, order: .sequence, sections: [items])
  }

  private func tuple(_ node: Node) -> Composite {
    var form = sequence("(", node, ")")
    form.isMutable = false
    return form
  }

  private func dict(_ node: Node) -> Composite {
    let pairs = Composite.Section.pairs(graph.children(of: node))
    return Composite(open: "{", close: "}", order: .mapping, sections: [pairs])
  }

  /// A set of some elements.
  func set(_ nodes: [Node], isFrozen: Bool) throws(BlobError) -> Composite {
    let open = nodes.isEmpty ? (isFrozen ? "frozenset(" : "set(") : isFrozen ? "frozenset({" : "{"
    let close = nodes.isEmpty ? ")" : isFrozen ? "})" : "}"
    return Composite(
      open: open, close: close, order: .unordered, isMutable: !isFrozen,
      sections: [.elements(try sorted(nodes))])
  }

  /// The elements of a set: numbers by value, then what has a short text by that, then all else.
  func sorted(_ nodes: [Node]) throws(BlobError) -> [Node] {
    guard nodes.count <= (depth == 0 ? Self.sortLimit : Self.inlineCount) else { return nodes }
    var keyed: [(key: SetOrder, node: Node)] = []
    keyed.reserveCapacity(nodes.count)
    for node in nodes { keyed.append((try SetOrder(node, self), node)) }
    return keyed.sorted { $0.key < $1.key }.map(\.node)
  }

  // MARK: Objects

  /// The attributes in a state: of the dict, or of the tuple of a dict and the slots.
  func attributes(inState state: Node) -> [Composite.Section] {
    if graph.kind(of: state) == .dict { return [.parts(attributes(inDict: state))] }
    let children = graph.children(of: state)
    if graph.kind(of: state) == .tuple, children.count == 2, let dict = children.first,
      let slots = children.last, graph.kind(of: slots) == .dict
    {
      if graph.kind(of: dict) == .dict {
        return [.parts(attributes(inDict: dict) + attributes(inDict: slots))]
      }
      if isNone(dict) { return [.parts(attributes(inDict: slots))] }
    }
    return [.parts([.attribute("state", state)])]
  }

  private func attributes(inDict dict: Node) -> [Part] {
    let children = graph.children(of: dict)
    return stride(from: children.startIndex, to: children.endIndex - 1, by: 2).map {
      attribute(children[$0], children[$0 + 1])
    }
  }

  /// A value under its name, or under its key if that is no name.
  func attribute(_ key: Node, _ value: Node) -> Part {
    guard case .string(let name) = graph.scalar(of: key), name.count <= Self.shortLimit else {
      return Part(step: .key(key), content: .node(value))
    }
    return .attribute(String(decoding: name, as: UTF8.self), value)
  }
}

// MARK: - Values on one line

extension ValueReader {
  /// A container on one line has at most so many characters and elements.
  static let lineLimit = 88
  private static let inlineCount = 24
  /// Keys and elements of sets over so many bytes are not shown on one line.
  private static let shortLimit = 1024

  /// The text of what has no parts, or short ones without parts, in one line; nil for others.
  func shortText(of node: Node) throws(BlobError) -> [UInt8]? {
    guard graph.payloadSize(of: node) <= Self.shortLimit, let inner = deeper() else { return nil }
    let value = try inner.value(of: node)
    if case .composite(let form) = value { return try inner.inlineText(of: form) }
    return try inner.text(ofSimple: value, limit: Self.shortLimit)
  }

  /// The reader of a value within one that is to be shown on one line; nil if it is too deep in it.
  func deeper() -> ValueReader? {
    if depth == 0 { memory.work = Self.workLimit }
    guard depth < Self.depthLimit, memory.work > 0 else { return nil }
    memory.work -= 1
    var inner = self
    inner.depth += 1
    return inner
  }

  /// The text of a value that has no parts and at most `limit` bytes; nil for others.
  private func text(ofSimple value: Value, limit: Int) throws(BlobError) -> [UInt8]? {
    switch value {
    case .line(let text): return text
    case .string(let payload) where payload.count <= limit:
      return PythonText.text(of: .string(try payload.bytes()))
    case .bytes(let payload, let isArray) where payload.count <= limit:
      let bytes = try payload.bytes()
      return PythonText.text(of: isArray ? .byteArray(bytes) : .bytes(bytes))
    default: return nil
    }
  }

  /// A short container of what has no parts, on one line; nil for others.
  func inlineText(of form: Composite) throws(BlobError) -> [UInt8]? {
    let count = form.count
    guard count <= Self.inlineCount else { return nil }
    var text = Array(form.open.utf8)
    for index in 0..<count {
      let part = form[index]
      if index > 0 { text += ", ".utf8 }
      switch part.step {
      case .key(let key), .valueOfKey(let key):
        guard graph.payloadSize(of: key) <= Self.lineLimit,
          let label = try self.text(ofSimple: try self.value(of: key), limit: Self.lineLimit)
        else { return nil }
        text += label
        text += ": ".utf8
      case .attribute(let name): text += "\(PythonText.name(name))=".utf8
      case .index, .element, .made: break
      }
      guard let content = try inlineText(of: part.content) else { return nil }
      text += content
      guard text.count <= Self.lineLimit else { return nil }
    }
    // A tuple of one is told from a value in brackets.
    if count == 1, form.open == "(" { text.append(UInt8(ascii: ",")) }
    text += form.close.utf8
    return text.count <= Self.lineLimit ? text : nil
  }

  private func inlineText(of content: Part.Content) throws(BlobError) -> [UInt8]? {
    switch content {
    case .value(let value): return try text(ofSimple: value, limit: Self.lineLimit)
    case .node(let node):
      guard graph.payloadSize(of: node) <= Self.lineLimit, !graph.kind(of: node).isContainer
      else { return nil }
      return try text(ofSimple: try value(of: node), limit: Self.lineLimit)
    }
  }
}
