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
    "sklearn": estimator, "PIL": image, "matplotlib": artist, "pandas": pandas, "scipy": scipy,
  ]

  /// The recognizer of what `makerName` makes of a class.
  static func recognizer(_ makerName: String?, _ className: String) -> Recognizer? {
    makerName.flatMap { recognizers[$0] } ?? recognizers[className]
      ?? packages[className.prefix { $0 != "." }]
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
    let names = memory.names(ofMade: node, in: graph)
    guard let object = MadeObject(node, in: graph, names) else { return .line("object") }
    if let recognizer = names.recognizer, let value = try recognizer(object, self) {
      return value
    }
    if let member = try enumMember(object) { return member }
    if let tuple = namedTuple(object) { return tuple }
    if let module = module(object) { return module }
    return .composite(object.genericForm(named: names.shownName, in: self))
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
    var text: [UInt8] = []
    if append(simple: node, to: &text) { return text }
    guard graph.payloadSize(of: node) <= Self.shortLimit, !memory.isLong(node),
      let inner = deeper()
    else { return nil }
    let value = try inner.value(of: node)
    if case .composite(let form) = value {
      if try inner.append(inline: form, to: &text) { return text }
    } else if try inner.append(simple: value, limit: Self.shortLimit, to: &text) {
      return text
    }
    if inner.isShallow { memory.noteLong(node) }
    return nil
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

  /// Whether there was room to look into a value, so that another place finds no more in it.
  private var isShallow: Bool { depth <= Self.depthLimit / 2 && memory.work > 0 }

  /// Appends the text of an atom or of a short str, as most values are; false for all else.
  func append(simple node: Node, to text: inout [UInt8]) -> Bool {
    switch graph.kind(of: node) {
    case .atom:
      guard let scalar = graph.scalar(of: node) else { return false }
      PythonText.append(scalar, to: &text)
      return true
    case .string:
      guard graph.payloadSize(of: node) <= Self.lineLimit else { return false }
      return PythonText.appendString(to: &text) { graph.appendPayload(ofAtom: node, to: &$0) }
    default: return false
    }
  }

  /// Appends the text of a value that has no parts and at most `limit` bytes; false for others.
  private func append(
    simple value: Value, limit: Int, to text: inout [UInt8]
  ) throws(BlobError) -> Bool {
    switch value {
    case .line(let line): text += line
    case .string(let payload) where payload.count <= limit:
      PythonText.append(.string(try payload.bytes()), to: &text)
    case .bytes(let payload, let isArray) where payload.count <= limit:
      let bytes = try payload.bytes()
      PythonText.append(isArray ? .byteArray(bytes) : .bytes(bytes), to: &text)
    default: return false
    }
    return true
  }

  /// A short container of what has no parts, on one line; nil for others.
  func inlineText(of form: Composite) throws(BlobError) -> [UInt8]? {
    var text: [UInt8] = []
    return try append(inline: form, to: &text) ? text : nil
  }

  /// Appends a short container of what has no parts, on one line; false and nothing for others.
  func append(inline form: Composite, to text: inout [UInt8]) throws(BlobError) -> Bool {
    let start = text.count
    if try append(line: form, to: &text) { return true }
    text.removeSubrange(start...)
    return false
  }

  private func append(line form: Composite, to text: inout [UInt8]) throws(BlobError) -> Bool {
    let count = form.count
    guard count <= Self.inlineCount, mayBeInline(form) else { return false }
    let limit = text.count + Self.lineLimit
    text += form.open.utf8
    for index in 0..<count {
      let part = form[index]
      if index > 0 { text += ", ".utf8 }
      switch part.step {
      case .key(let key), .valueOfKey(let key):
        guard try append(inlinePart: .node(key), to: &text) else { return false }
        text += ": ".utf8
      case .attribute(let name):
        text += PythonText.name(name).utf8
        text.append(UInt8(ascii: "="))
      case .index, .element, .made: break
      }
      guard try append(inlinePart: part.content, to: &text), text.count <= limit else {
        return false
      }
    }
    // A tuple of one is told from a value in brackets.
    if count == 1, form.open == "(" { text.append(UInt8(ascii: ",")) }
    text += form.close.utf8
    return text.count <= limit
  }

  private func append(
    inlinePart content: Part.Content, to text: inout [UInt8]
  ) throws(BlobError) -> Bool {
    switch content {
    case .value(let value): return try append(simple: value, limit: Self.lineLimit, to: &text)
    case .node(let node):
      if append(simple: node, to: &text) { return true }
      guard graph.payloadSize(of: node) <= Self.lineLimit, !graph.kind(of: node).isContainer,
        !memory.hasParts(node), let inner = deeper()
      else { return false }
      if try append(simple: try inner.value(of: node), limit: Self.lineLimit, to: &text) {
        return true
      }
      if inner.isShallow { memory.noteParts(node) }
      return false
    }
  }

  /// Whether no part of a container is one itself, as far as that can be told at a glance.
  private func mayBeInline(_ form: Composite) -> Bool {
    form.sections.allSatisfy { section in
      switch section {
      case .items(let nodes, _), .pairs(let nodes): nodes.allSatisfy(mayBeInline)
      case .elements(let nodes): nodes.allSatisfy(mayBeInline)
      case .parts: true
      }
    }
  }

  private func mayBeInline(_ node: Node) -> Bool { !graph.kind(of: node).isContainer }
}
