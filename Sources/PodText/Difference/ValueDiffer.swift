public import PodPickle

/// A value to be compared: a root of a graph, and where its blobs are.
public struct ComparedValue {
  let graph: ObjectGraph
  let root: ObjectGraph.Node
  let blobs: any BlobSource

  /// The value of a root of `graph`.
  public init(_ graph: ObjectGraph, root: Int, blobs: any BlobSource) {
    self.graph = graph
    self.root = graph.roots[root]
    self.blobs = blobs
  }
}

/// Returns what differs between two values, without running Python.
///
/// Nothing is returned only if both are proven to hold the same; what a text leaves out may differ,
/// and is told as one difference. Time and memory are linear in the
/// sizes of the graphs, whatever they hold.
///
/// - Parameters:
///   - name: what the values are called in paths.
///   - limit: how many differences are told; all are counted.
///   - isBrief: whether it is enough to know that there is one.
public func differences(
  from before: ComparedValue, to after: ComparedValue, name: String, limit: Int,
  isBrief: Bool = false
) throws(BlobError) -> Differences {
  var differ = ValueDiffer(before, after, name: name, limit: limit, isBrief: isBrief)
  return try differ.run(before.root, after.root)
}

/// Walks two values at once, and gathers what differs.
struct ValueDiffer {
  typealias Node = ObjectGraph.Node

  /// Of a longer way to a part the last steps are shown.
  private static let pathLimit = 12
  /// What has so many parts and can't change is told in every place that leads to it.
  private static let shortCount = 24

  let before: ValueReader
  let after: ValueReader
  let hashes: (before: GraphHashes, after: GraphHashes)
  var pairs: GraphPairs
  var differences: Differences
  /// What paths begin with: the name of the values, or of a class that both have.
  private var name: String
  let isBrief: Bool
  private var frames: [Frame] = []
  /// How many values and parts may still be compared: what many places lead to has its parts in each.
  private var budget: Int
  private var isExhausted = false

  /// Two objects whose parts are being compared.
  struct Frame {
    let before: Composite
    let after: Composite
    let pairings: [Pairing]
    var next = 0
    /// How to get to the part that is being compared.
    var step = ""
  }

  /// What is left to be said of parts: of one of either, or of one that the other has not.
  struct Pairing {
    static let none: Int32 = -1
    var before = Pairing.none
    var after = Pairing.none
  }

  init(
    _ before: ComparedValue, _ after: ComparedValue, name: String, limit: Int, isBrief: Bool
  ) {
    self.before = ValueReader(before.graph, blobs: before.blobs)
    self.after = ValueReader(after.graph, blobs: after.blobs)
    let seed = UInt64.random(in: 0...UInt64.max)
    hashes = (
      GraphHashes(of: before.graph, from: before.root, seed: seed),
      GraphHashes(of: after.graph, from: after.root, seed: seed)
    )
    pairs = GraphPairs(before.graph, after.graph, hashes: hashes)
    differences = Differences(limit: limit)
    self.name = name
    self.isBrief = isBrief
    budget = 1000 + 8 * (before.graph.placeCount + after.graph.placeCount)
  }

  mutating func run(_ one: Node, _ other: Node) throws(BlobError) -> Differences {
    if pairs.areSame(one, other) { return differences }
    try walk(one, other)
    try compareClasses(of: one, other)
    if differences.count == 0 {
      add(.changed) { $0.note("shows the same; the pickle differs") }
    }
    return differences
  }

  private mutating func walk(_ one: Node, _ other: Node) throws(BlobError) {
    try compare(one, other)
    while let frame = frames.last, !(isBrief && differences.count > 0) {
      guard frame.next < frame.pairings.count else {
        frames.removeLast()
        continue
      }
      frames[frames.count - 1].next += 1
      try perform(frame.pairings[frame.next], frame)
    }
  }

  /// Compares the classes by value that both have, which are not parts of their objects.
  ///
  /// A class that only one of them has is of objects that the other has not.
  private mutating func compareClasses(of one: Node, _ other: Node) throws(BlobError) {
    let valueName = name
    defer { name = valueName }
    var others: [String: [Node]] = [:]
    for kind in after.classesByValue(from: other).reversed() {
      others[ClassByValue.name(of: kind, after), default: []].append(kind)
    }
    for kind in before.classesByValue(from: one) {
      name = ClassByValue.name(of: kind, before)
      guard let partner = others[name]?.popLast() else { continue }
      try walk(kind, partner)
    }
  }

  private mutating func perform(_ task: Pairing, _ frame: Frame) throws(BlobError) {
    let one = task.before == Pairing.none ? nil : frame.before[Int(task.before)]
    let other = task.after == Pairing.none ? nil : frame.after[Int(task.after)]
    let top = frames.count - 1
    if let other {
      frames[top].step = Self.text(of: other.step, after)
    } else if let one {
      frames[top].step = Self.text(of: one.step, before)
    }
    switch (one?.content, other?.content) {
    case (.node(let one), .node(let other)): try compare(one, other)
    case (let one?, let other?): try compare(value(of: one, before), value(of: other, after))
    case (let one?, nil):
      try add(.removed) { differ throws(BlobError) in
        Difference(
          path: differ.path(), kind: .removed,
          before: try ShortTexts(reader: differ.before).text(of: one))
      }
    case (nil, let other?):
      try add(.added) { differ throws(BlobError) in
        Difference(
          path: differ.path(), kind: .added,
          after: try ShortTexts(reader: differ.after).text(of: other))
      }
    case (nil, nil): break
    }
  }

  /// The element of a set is told by itself.
  private static func text(of step: Part.Step, _ reader: ValueReader) -> String {
    if case .element = step { return "" }
    return reader.pathText(of: step)
  }

  private func value(of content: Part.Content, _ reader: ValueReader) throws(BlobError) -> Value {
    switch content {
    case .node(let node): try reader.value(of: node)
    case .value(let value): value
    }
  }

  // MARK: Two values

  private mutating func compare(_ one: Node, _ other: Node) throws(BlobError) {
    if pairs.areSame(one, other) { return }
    guard hasBudget() else { return }
    let values = (try before.value(of: one), try after.value(of: other))
    switch values {
    case (.composite(let form), .composite(let otherForm)):
      // What is short is told wherever it stands.
      let isTold = !form.isMutable && form.count <= Self.shortCount
      let hasIdentity = form.isMutable && otherForm.isMutable
      if meet(one, other, isTold: isTold, hasIdentity: hasIdentity) { return }
    case (.lined, .lined): if meet(one, other, isTold: false, hasIdentity: true) { return }
    default: break
    }
    try compare(values.0, values.1)
  }

  /// Notes that two objects were met; returns whether all is said of them.
  private mutating func meet(
    _ one: Node, _ other: Node, isTold: Bool, hasIdentity: Bool
  ) -> Bool {
    let meeting = pairs.meet(one, other)
    if meeting == .new { return false }
    if meeting == .known { return !isTold }
    guard hasIdentity, pairs.areSame(one, other, identity: false) else { return false }
    add(.changed) { differ in
      switch meeting {
      case .parted: differ.note("was the same object as another part, and is one of its own now")
      case .joined: differ.note("was an object of its own, and is the same as another part now")
      default: differ.note("is the same object as another part than before")
      }
    }
    return true
  }

  /// Whether more may be compared; tells once that it may not.
  private mutating func hasBudget() -> Bool {
    if budget <= 0, !isExhausted {
      isExhausted = true
      add(.changed) { $0.note("is too much entangled to be compared; see --text") }
    }
    return budget > 0
  }

  private mutating func compare(_ one: Value, _ other: Value) throws(BlobError) {
    guard hasBudget() else { return }
    budget -= 1
    switch (one, other) {
    case (.line(let text), .line(let otherText)):
      if text != otherText { try change(one, other) }
    case (.string(let text), .string(let otherText)):
      try compare(text: text, otherText, one, other)
    case (.bytes(let bytes, let isArray), .bytes(let otherBytes, let isOtherArray))
    where isArray == isOtherArray:
      try compare(bytes: bytes, otherBytes, one, other)
    case (.composite(let form), .composite(let otherForm)):
      try compare(form, otherForm)
    case (.lined(let lines), .lined(let otherLines)): try compare(lines, otherLines)
    default: try change(one, other)
    }
  }

  private mutating func compare(_ one: Composite, _ other: Composite) throws(BlobError) {
    guard one.order == other.order, one.family == other.family else {
      return try change(.composite(one), .composite(other))
    }
    if one.order != .unordered, one.open != other.open {
      add(.changed) {
        Difference(path: $0.path(), kind: .changed, before: one.open, after: other.open)
      }
    }
    budget -= one.count + other.count
    let pairings = pairings(one, other)
    if !pairings.isEmpty { frames.append(Frame(before: one, after: other, pairings: pairings)) }
  }

  /// Tells that a value became another.
  mutating func change(_ one: Value, _ other: Value, at place: Int = 0) throws(BlobError) {
    try add(.changed) { differ throws(BlobError) in
      Difference(
        path: differ.path(), kind: .changed,
        before: try ShortTexts(reader: differ.before).text(of: one, from: place),
        after: try ShortTexts(reader: differ.after).text(of: other, from: place))
    }
  }

  /// Adds a difference; `make` is only called if there is room for it.
  mutating func add<E>(
    _ kind: Difference.Kind, _ make: (ValueDiffer) throws(E) -> Difference
  ) throws(E) {
    differences.add(kind, differences.hasRoom ? try make(self) : nil)
  }

  /// Something to be said of the part that is being compared.
  func note(_ text: String) -> Difference {
    Difference(path: path(), kind: .changed, note: text)
  }

  /// How to get to the part that is being compared; of a long way the last steps.
  func path() -> String {
    let isLong = frames.count > Self.pathLimit
    return frames.suffix(Self.pathLimit).reduce(isLong ? "…" : name) { $0 + $1.step }
  }
}

extension Composite {
  /// What tells one class from another.
  fileprivate var family: String {
    if open == "set(" { return "{" }
    let name = open.prefix { !"([{".contains($0) }
    return name.isEmpty ? String(open.prefix(1)) : String(name)
  }
}
