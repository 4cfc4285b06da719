public import PodPickle

/// Renders the value of a root as text for reading and for `diff`.
///
/// One element a line; short containers of scalars within others on one line. What was shown
/// before is named by its path, as `<same as x['a'][0]>`, so that cycles end and an insertion
/// changes one line. The same value gives the same bytes in any process.
///
/// - Parameters:
///   - name: what the value is called in paths.
///   - limit: the most bytes of text, about; of longer ones the middle is told in digests.
///   - blobs: reads what the graph left in pods.
public func renderText(
  _ graph: ObjectGraph, root: Int, name: String, limit: Int, blobs: any BlobSource
) throws(BlobError) -> [UInt8] {
  var renderer = TextRenderer(ValueReader(graph, blobs: blobs), name: name, limit: limit)
  return try renderer.render(graph.roots[root])
}

/// The number of the form that texts have; texts of other numbers may have other bytes.
public let textFormVersion: Int64 = 8

/// Walks a value, and writes its lines.
private struct TextRenderer {
  typealias Node = ObjectGraph.Node

  /// Deeper lines are not indented further.
  private static let indentationLimit = 40
  /// A text ends, apart from its limit, when it is this many times as long as what it is of.
  private static let growthLimit = 64
  /// A longer text or bytes object is shown once, as what can be changed is.
  private static let repeatLimit = 256
  /// Of a longer way to an object the last steps are shown.
  private static let pathLimit = 12

  private let reader: ValueReader
  /// What the paths begin with.
  private var name: String
  private var output: TextOutput
  private var frames: [Frame] = []
  /// Where a text is cut of what holds the same so often that it would not end.
  private let lengthLimit: Int
  /// How many places lead to a node; one more to what is shown by itself.
  private var references: [UInt8]
  /// The ways to the objects that were shown and that more than one place leads to.
  private var paths: [Node: String] = [:]

  /// An object whose parts are being shown.
  private struct Frame {
    let form: Composite
    let end: String
    let count: Int
    var section = 0
    /// The number of the next part in its section.
    var next = 0
    /// How to get to the part that is being shown.
    var step = Part.Step.element
    /// The value of a key that was too long for a line with it.
    var held: Part?

    init(_ form: Composite, after end: String) {
      self.form = form
      self.end = end
      count = form.count
    }

    /// Moves to the next part.
    mutating func advance() -> Part? {
      if let part = held {
        held = nil
        step = part.step
        return part
      }
      while section < form.sections.count {
        if next < form.sections[section].count {
          next += 1
          let part = form.sections[section][next - 1]
          step = part.step
          return part
        }
        section += 1
        next = 0
      }
      return nil
    }
  }

  init(_ reader: ValueReader, name: String, limit: Int) {
    self.reader = reader
    self.name = name
    output = TextOutput(limit: limit) { reader.blobs.digest(of: $0) }
    let size = min(reader.graph.size, Int.max / (2 * Self.growthLimit))
    lengthLimit = min(limit, Int.max / 2) + size * Self.growthLimit
    references = reader.graph.referenceCounts()
  }

  /// Writes a value, and behind it the classes that it has by value and that are not part of it.
  mutating func render(_ root: Node) throws(BlobError) -> [UInt8] {
    try showWhole(root)
    for kind in reader.classesByValue(from: root) where paths[kind] == nil {
      name = ClassByValue.name(of: kind, reader)
      try showWhole(kind)
    }
    return output.finish()
  }

  private mutating func showWhole(_ root: Node) throws(BlobError) {
    paths[root] = name
    references[Int(root)] = 2
    try show(try reader.value(of: root), after: "")
    var count = 0
    while !frames.isEmpty {
      count &+= 1
      if count & 4095 == 0 { try reader.blobs.checkIsWanted() }
      guard output.count < lengthLimit else {
        frames = []
        return output.line(
          "… the rest is not shown: the text is over \(Self.growthLimit) times as long as the value"
        )
      }
      guard let part = frames[frames.count - 1].advance() else {
        let frame = frames.removeLast()
        indent()
        output.bytes += frame.form.close.utf8
        output.line(frame.end)
        continue
      }
      indent()
      try show(part)
    }
  }

  /// The number of spaces before the lines within the present one.
  private var indentation: Int { 2 * min(frames.count, Self.indentationLimit) }

  private mutating func indent() {
    for _ in 0..<indentation { output.bytes.append(UInt8(ascii: " ")) }
  }

  // MARK: One value

  private mutating func show(_ part: Part) throws(BlobError) {
    switch part.step {
    case .key(let key):
      if !reader.append(simple: key, to: &output.bytes) {
        guard let label = try reader.shortText(of: key) else {
          frames[frames.count - 1].held = Part(step: .valueOfKey(key), content: part.content)
          output.bytes += "key ".utf8
          return try show(key)
        }
        output.bytes += label
      }
      output.bytes += ": ".utf8
    case .valueOfKey: output.bytes += "value ".utf8
    case .attribute(let name):
      output.bytes += PythonText.name(name).utf8
      output.bytes += " = ".utf8
    case .index, .element, .made: break
    }
    switch part.content {
    case .value(let value):
      if case .composite(let form) = value, try reader.append(inline: form, to: &output.bytes) {
        return endValue()
      }
      try show(value, after: ",")
    case .node(let node): try show(node)
    }
  }

  private mutating func show(_ node: Node) throws(BlobError) {
    if reader.append(simple: node, to: &output.bytes) { return endValue() }
    let isShared = references[Int(node)] > 1
    if isShared, let path = paths[node] {
      output.line("<same as \(path)>,")
      return
    }
    let value = try reader.value(of: node)
    switch value {
    case .composite(let form):
      if try reader.append(inline: form, to: &output.bytes) {
        if isShared && form.isMutable && form.count > 0 { paths[node] = path() }
        return endValue()
      }
      // A class is referred to by the objects that it makes.
      if isShared || form.open.hasPrefix("class ") { paths[node] = path() }
    case .lined, .bytes(_, isArray: true): if isShared { paths[node] = path() }
    case .string(let payload), .bytes(let payload, isArray: false):
      if isShared && payload.count > Self.repeatLimit { paths[node] = path() }
    case .line: break
    }
    try show(value, after: ",")
  }

  /// Ends the line of a value that others follow.
  private mutating func endValue() {
    output.bytes.append(UInt8(ascii: ","))
    output.endLine()
  }

  private mutating func show(_ value: Value, after end: String) throws(BlobError) {
    switch value {
    case .line(let text):
      output.bytes += text
      output.line(end)
    case .string(let payload): try output.append(string: payload, indentation, after: end)
    case .bytes(let payload, let isArray):
      try output.append(bytes: payload, isArray: isArray, indentation, after: end)
    case .lined(let lines):
      output.line(lines.heading + end)
      try lines.appendLines(indentation: indentation + 2, to: &output)
    case .composite(let form):
      output.line(form.count == 0 ? form.open + form.close + end : form.open)
      if form.count > 0 { frames.append(Frame(form, after: end)) }
    }
  }

  // MARK: Paths

  /// How to get to the part that is being shown: `x['a'][0].name`; of a long way the last steps.
  private func path() -> String {
    let isLong = frames.count > Self.pathLimit
    var path = isLong ? "…" : name
    for frame in frames.suffix(Self.pathLimit) {
      path += reader.pathText(of: frame.step)
    }
    return path
  }
}
