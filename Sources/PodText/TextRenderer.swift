public import PodPickle

/// Renders the value of a root as text for reading and for `diff`.
///
/// One element a line; short containers of scalars within others on one line. What was shown
/// before is named by its path, as `<same as x['a'][0]>`, so that cycles end and an insertion
/// changes one line. The same value gives the same bytes in any process.
///
/// - Parameters:
///   - name: what the value is called in paths.
///   - limit: the most bytes of text, about.
///   - read: returns the bytes of a blob.
public func renderText<E>(
  _ graph: ObjectGraph, root: Int, name: String, limit: Int,
  read: (Blob) throws(E) -> [UInt8]
) throws(E) -> [UInt8] {
  try withoutActuallyEscaping(read) { read throws(E) in
    var renderer = TextRenderer(graph, name: name, limit: limit, read: read)
    return try renderer.render(graph.roots[root])
  }
}

private struct TextRenderer<Failure: Error> {
  typealias Node = ObjectGraph.Node

  /// Deeper lines are not indented further.
  private static var indentationLimit: Int { 40 }
  /// A container on one line has at most so many characters and elements.
  private static var lineLimit: Int { 88 }
  private static var inlineCount: Int { 24 }
  /// Larger sets are shown in the order of the pickle's objects; elements of over so many bytes too.
  private static var sortLimit: Int { 10_000 }
  private static var shortLimit: Int { 1024 }

  private let graph: ObjectGraph
  private let name: String
  private let limit: Int
  private let read: (Blob) throws(Failure) -> [UInt8]
  private var output: [UInt8] = []
  private var frames: [Frame] = []
  /// Where an object was shown: the object around it, and its place there.
  private var places: [Node: Place] = [:]

  private struct Place {
    let parent: Node?
    let step: Step
  }

  /// How to get from an object to one in it.
  private enum Step {
    case root
    case index(Int)
    case key(Node)
    case part(String)
  }

  /// An object whose parts are being shown.
  private struct Frame {
    let node: Node
    let parts: [Part]
    let close: String
    var next = 0
  }

  /// A line, or an object on lines of its own.
  private struct Part {
    var label: [UInt8] = []
    var node: Node
    var step: Step
    var parent: Node
  }

  /// The parts of an object, as far as there is room for their text.
  private struct Parts {
    var list: [Part] = []
    var room: Int
    var isFull: Bool { room < 0 }

    init(room: Int) { self.room = room }

    mutating func add(_ parts: [Part]) {
      for part in parts { room -= part.label.count + 2 }
      list += parts
    }
  }

  init(
    _ graph: ObjectGraph, name: String, limit: Int,
    read: @escaping (Blob) throws(Failure) -> [UInt8]
  ) {
    self.graph = graph
    self.name = name
    self.limit = limit
    self.read = read
  }

  mutating func render(_ root: Node) throws(Failure) -> [UInt8] {
    try show(root, at: Place(parent: nil, step: .root), after: "")
    while let frame = frames.last {
      if output.count > limit {
        write("… the text is cut at \(limit) bytes\n")
        break
      }
      guard frame.next < frame.parts.count else {
        frames.removeLast()
        indent()
        write(frame.close)
        continue
      }
      frames[frames.count - 1].next += 1
      let part = frame.parts[frame.next]
      indent()
      output += part.label
      try show(part.node, at: Place(parent: part.parent, step: part.step), after: ",")
    }
    return output
  }

  private mutating func write(_ text: String) { output += Array(text.utf8) }

  private mutating func indent() {
    let depth = min(frames.count, Self.indentationLimit)
    output += repeatElement(UInt8(ascii: " "), count: 2 * depth)
  }

  // MARK: One value

  private mutating func show(_ node: Node, at place: Place, after end: String) throws(Failure) {
    if let scalar = graph.scalar(of: node) {
      showScalar(scalar, after: end)
    } else if let blob = graph.blob(of: node) {
      try showBlob(blob, of: node, after: end)
    } else if let (module, name) = graph.globalName(of: node) {
      write(module == "builtins" ? "<\(name)>\(end)\n" : "<\(module).\(name)>\(end)\n")
    } else if place.parent != nil, let line = inlineText(of: node) {
      output += line
      write(end + "\n")
    } else if places[node] != nil {
      write("<same as \(path(to: node))>\(end)\n")
    } else {
      places[node] = place
      try showObject(node, after: end)
    }
  }

  private mutating func showScalar(_ scalar: Scalar, after end: String) {
    if case .bytes(let bytes) = scalar, bytes.count > Self.lineLimit {
      write("<\(bytes.count) bytes>\(end)\n")
      appendHexDump(of: bytes, indentation: 2 * frames.count + 2, limit: limit, to: &output)
    } else {
      output += PythonText.text(of: scalar)
      write(end + "\n")
    }
  }

  private mutating func showBlob(
    _ blob: Blob, of node: Node, after end: String
  ) throws(Failure) {
    guard blob.count <= limit else {
      write("<\(graph.typeName(of: node)) of \(blob.count) bytes, over the text limit>\(end)\n")
      return
    }
    let bytes = try read(blob)
    if graph.kind(of: node) == .string {
      output += PythonText.text(of: .string(bytes))
      write(end + "\n")
    } else {
      write("<\(graph.typeName(of: node)) of \(bytes.count) bytes>\(end)\n")
      appendHexDump(of: bytes, indentation: 2 * frames.count + 2, limit: limit, to: &output)
    }
  }

  /// A short container of scalars on one line, or the call of something with scalars; nil for others.
  private func inlineText(of node: Node) -> [UInt8]? {
    if graph.kind(of: node) == .reduce || graph.kind(of: node) == .newObject {
      return inlineCall(of: node)
    }
    guard let (open, close) = brackets(of: node), var texts = scalarTexts(graph.children(of: node))
    else { return nil }
    switch graph.kind(of: node) {
    case .list, .tuple: break
    case .dict:
      texts = stride(from: 0, to: texts.count, by: 2).map {
        texts[$0] + Array(": ".utf8) + texts[$0 + 1]
      }
    default: texts.sort { $0.lexicographicallyPrecedes($1) }
    }
    let comma = graph.kind(of: node) == .tuple && texts.count == 1 ? "," : ""
    return line(open, texts, comma + close)
  }

  /// `slice(0, 3, 1)`: what was made of scalars, and given nothing afterwards.
  private func inlineCall(of node: Node) -> [UInt8]? {
    let parts = Array(graph.children(of: node))
    guard parts.count == 2, let texts = scalarTexts(graph.children(of: parts[1])) else {
      return nil
    }
    return line(graph.typeName(of: node) + "(", texts, ")")
  }

  /// The texts of some short scalars; nil if there are too many or others among them.
  private func scalarTexts(_ nodes: ObjectGraph.Children) -> [[UInt8]]? {
    guard nodes.count <= Self.inlineCount else { return nil }
    var texts: [[UInt8]] = []
    for node in nodes {
      guard graph.payloadSize(of: node) <= Self.lineLimit,
        let scalar = graph.scalar(of: node)
      else { return nil }
      texts.append(PythonText.text(of: scalar))
    }
    return texts
  }

  private func line(_ open: String, _ texts: [[UInt8]], _ close: String) -> [UInt8]? {
    let text =
      Array(open.utf8) + Array(texts.joined(separator: Array(", ".utf8))) + Array(close.utf8)
    return text.count <= Self.lineLimit ? text : nil
  }

  private func brackets(of node: Node) -> (open: String, close: String)? {
    let isEmpty = graph.children(of: node).isEmpty
    switch graph.kind(of: node) {
    case .list: return ("[", "]")
    case .tuple: return ("(", ")")
    case .dict: return ("{", "}")
    case .set: return isEmpty ? ("set(", ")") : ("{", "}")
    case .frozenSet: return isEmpty ? ("frozenset(", ")") : ("frozenset({", "})")
    default: return nil
    }
  }
}

// MARK: - Objects

extension TextRenderer {
  private mutating func showObject(_ node: Node, after end: String) throws(Failure) {
    if let array = graph.arraySummary(of: node), try showArray(array, after: end) { return }
    let kind = graph.kind(of: node)
    let children = Array(graph.children(of: node))
    guard let (open, close) = brackets(of: node) else {
      write("\(graph.typeName(of: node))(\n")
      frames.append(Frame(node: node, parts: madeParts(of: node), close: ")\(end)\n"))
      return
    }
    if children.isEmpty {
      write("\(open)\(close)\(end)\n")
      return
    }
    write(open + "\n")
    var parts = Parts(room: room)
    if kind == .dict {
      addPairs(children, of: node, to: &parts)
    } else {
      addItems(kind == .list || kind == .tuple ? children : sorted(children), of: node, to: &parts)
    }
    frames.append(Frame(node: node, parts: parts.list, close: "\(close)\(end)\n"))
  }

  /// How much more text there may be.
  private var room: Int { max(0, limit - output.count) + Self.lineLimit }

  private func addItems(_ items: [Node], of node: Node, to parts: inout Parts) {
    for (index, item) in items.enumerated() where !parts.isFull {
      parts.add([Part(node: item, step: .index(index), parent: node)])
    }
  }

  private func addPairs(_ pairs: [Node], of node: Node, to parts: inout Parts) {
    for index in stride(from: pairs.startIndex, to: pairs.endIndex, by: 2) where !parts.isFull {
      parts.add(pair(pairs[index], pairs[index + 1], in: node))
    }
  }

  /// The elements of a set in the order of their texts, where these are short.
  private func sorted(_ elements: [Node]) -> [Node] {
    guard elements.count <= Self.sortLimit else { return elements }
    let keyed = elements.map { element in
      (element, shortText(of: element))
    }
    guard keyed.allSatisfy({ $0.1 != nil }) else { return elements }
    return keyed.sorted { ($0.1 ?? []).lexicographicallyPrecedes($1.1 ?? []) }.map(\.0)
  }

  /// A key and its value: on one line if the key is short, else as two parts.
  private func pair(_ key: Node, _ value: Node, in node: Node) -> [Part] {
    if let label = shortText(of: key) {
      return [Part(label: label + Array(": ".utf8), node: value, step: .key(key), parent: node)]
    }
    return [
      Part(label: Array("key ".utf8), node: key, step: .part("<key>"), parent: node),
      Part(label: Array("value ".utf8), node: value, step: .part("<value>"), parent: node),
    ]
  }

  private func shortText(of node: Node) -> [UInt8]? {
    guard graph.payloadSize(of: node) <= Self.shortLimit else { return nil }
    if let scalar = graph.scalar(of: node) {
      return PythonText.text(of: scalar)
    }
    if let (module, name) = graph.globalName(of: node) { return Array("<\(module).\(name)>".utf8) }
    return inlineText(of: node)
  }

  /// What an object was made of and what was done to it, under names where it has any.
  private func madeParts(of node: Node) -> [Part] {
    var parts = Parts(room: room)
    let children = graph.children(of: node)
    let isMade = graph.kind(of: node).isMade
    let creation = isMade ? children.dropFirst() : children
    for child in creation where !parts.isFull {
      switch graph.kind(of: child) {
      case .tuple where child == creation.first && isMade:
        for (index, argument) in graph.children(of: child).enumerated() where !parts.isFull {
          parts.add([Part(node: argument, step: .part("<argument \(index)>"), parent: node)])
        }
      case .state, .stateByCall:
        if let state = graph.children(of: child).last { addState(state, of: node, to: &parts) }
      case .items: addItems(Array(graph.children(of: child)), of: node, to: &parts)
      case .pairs: addPairs(Array(graph.children(of: child)), of: node, to: &parts)
      default: parts.add([Part(node: child, step: .part("<part>"), parent: node)])
      }
    }
    return parts.list
  }

  /// The attributes in a state: of the dict, or of the tuple of a dict and the slots.
  private func addState(_ state: Node, of node: Node, to parts: inout Parts) {
    let children = graph.children(of: state)
    if graph.kind(of: state) == .dict {
      for index in stride(from: children.startIndex, to: children.endIndex, by: 2)
      where !parts.isFull {
        parts.add(attribute(children[index], children[index + 1], of: node))
      }
    } else if graph.kind(of: state) == .tuple, children.count == 2,
      let dict = children.first, let slots = children.last, graph.kind(of: slots) == .dict
    {
      if graph.kind(of: dict) == .dict { addState(dict, of: node, to: &parts) }
      addState(slots, of: node, to: &parts)
    } else {
      let label = Array("state = ".utf8)
      parts.add([Part(label: label, node: state, step: .part("<state>"), parent: node)])
    }
  }

  private func attribute(_ key: Node, _ value: Node, of node: Node) -> [Part] {
    guard case .string(let name) = graph.scalar(of: key) else { return pair(key, value, in: node) }
    let text = String(decoding: name, as: UTF8.self)
    return [
      Part(
        label: Array("\(text) = ".utf8), node: value, step: .part(".\(text)"), parent: node)
    ]
  }

  /// Shows an array of numbers; false if its elements are something else.
  private mutating func showArray(
    _ array: ArrayDescription, after end: String
  ) throws(Failure) -> Bool {
    let bytes: [UInt8]
    if let blob = graph.blob(of: array.elements) {
      guard blob.count <= limit else { return false }
      bytes = try read(blob)
    } else if let payload = graph.payloadBytes(of: array.elements) {
      bytes = payload
    } else {
      return false
    }
    guard let text = ArrayText(array, bytes: bytes) else { return false }
    let shape = array.shape.map(String.init).joined(separator: ", ")
    write(
      "numpy.ndarray(shape=(\(shape)\(array.shape.count == 1 ? "," : "")), dtype=\(array.dtype))")
    write("\(end)\n")
    let depth = min(frames.count + 1, Self.indentationLimit)
    text.append(
      to: &output, prefix: Array(repeating: UInt8(ascii: " "), count: 2 * depth), limit: limit)
    return true
  }

  // MARK: Paths

  /// How to get to an object that was shown: `x['a'][0].name`; of a long way the last steps.
  private func path(to node: Node) -> String {
    var steps: [String] = []
    var current: Node? = node
    while let here = current, let place = places[here] {
      if steps.count == 12 {
        steps.append("…")
        break
      }
      switch place.step {
      case .root: steps.append(name)
      case .index(let index): steps.append("[\(index)]")
      case .key(let key):
        steps.append("[\(String(decoding: shortText(of: key) ?? [], as: UTF8.self))]")
      case .part(let text): steps.append(text)
      }
      current = place.parent
    }
    return steps.reversed().joined()
  }
}
