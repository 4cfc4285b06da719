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
  private func scalarTexts(_ nodes: ArraySlice<Node>) -> [[UInt8]]? {
    guard nodes.count <= Self.inlineCount else { return nil }
    var texts: [[UInt8]] = []
    for node in nodes {
      guard graph.payloadBytes(of: node).map({ $0.count <= Self.lineLimit }) ?? false,
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
    var parts: [Part] = []
    if kind == .dict {
      for index in stride(from: 0, to: children.count, by: 2) {
        parts += pair(children[index], children[index + 1], in: node)
      }
    } else {
      let ordered = kind == .list || kind == .tuple ? children : sorted(children)
      parts = ordered.enumerated().map {
        Part(node: $1, step: .index($0), parent: node)
      }
    }
    frames.append(Frame(node: node, parts: parts, close: "\(close)\(end)\n"))
  }

  /// The elements of a set in the order of their texts, where these are short.
  private func sorted(_ elements: [Node]) -> [Node] {
    let keyed = elements.map { element in
      (
        element,
        graph.scalar(of: element).map { PythonText.text(of: $0) } ?? inlineText(of: element)
      )
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
    if let scalar = graph.scalar(of: node) {
      return (graph.payloadBytes(of: node)?.count ?? 0) <= 1024 ? PythonText.text(of: scalar) : nil
    }
    if let (module, name) = graph.globalName(of: node) { return Array("<\(module).\(name)>".utf8) }
    return inlineText(of: node)
  }

  /// What an object was made of and what was done to it, under names where it has any.
  private func madeParts(of node: Node) -> [Part] {
    var parts: [Part] = []
    let children = Array(graph.children(of: node))
    let creation = graph.kind(of: node).isMade ? Array(children.dropFirst()) : children
    for child in creation {
      switch graph.kind(of: child) {
      case .tuple where child == creation.first && graph.kind(of: node).isMade:
        for (index, argument) in graph.children(of: child).enumerated() {
          parts.append(Part(node: argument, step: .part("<argument \(index)>"), parent: node))
        }
      case .state, .stateByCall:
        if let state = graph.children(of: child).last { parts += stateParts(state, of: node) }
      case .items:
        for (index, item) in graph.children(of: child).enumerated() {
          parts.append(Part(node: item, step: .index(index), parent: node))
        }
      case .pairs:
        let pairs = Array(graph.children(of: child))
        for index in stride(from: 0, to: pairs.count, by: 2) {
          parts += pair(pairs[index], pairs[index + 1], in: node)
        }
      default: parts.append(Part(node: child, step: .part("<part>"), parent: node))
      }
    }
    return parts
  }

  /// The attributes in a state: of the dict, or of the tuple of a dict and the slots.
  private func stateParts(_ state: Node, of node: Node) -> [Part] {
    let children = Array(graph.children(of: state))
    if graph.kind(of: state) == .dict {
      return stride(from: 0, to: children.count, by: 2).flatMap { index in
        attribute(children[index], children[index + 1], of: node)
      }
    }
    if graph.kind(of: state) == .tuple, children.count == 2, graph.kind(of: children[1]) == .dict {
      return (graph.kind(of: children[0]) == .dict ? stateParts(children[0], of: node) : [])
        + stateParts(children[1], of: node)
    }
    return [Part(label: Array("state = ".utf8), node: state, step: .part("<state>"), parent: node)]
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
