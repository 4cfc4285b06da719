import PodPickle

/// What the objects that are made by one function, or of one class, are called.
struct MakerNames {
  /// The module and name of what is called, if it is imported.
  let makerName: String?
  /// The module and name of the class of the object, as far as the pickle tells.
  let className: String
  /// What stands before the parts of an object without a form of its own.
  let shownName: String
  let recognizer: ValueReader.Recognizer?

  init(of node: ObjectGraph.Node, in graph: ObjectGraph) {
    let maker = graph.children(of: node)[graph.children(of: node).startIndex]
    makerName = MadeObject.importedName(of: maker, in: graph)
    className = MadeObject.className(of: node, makerName, in: graph)
    let known = graph.typeName(of: node)
    shownName = PythonText.name(ImportedName(dotted: known == "object" ? className : known).text)
    recognizer = ValueReader.recognizer(makerName, className)
  }
}

/// What a reader has found out, for as long as it is used.
final class ReaderMemory {
  typealias Node = ObjectGraph.Node

  /// How many more values a text of one line may look into.
  var work = 0
  /// The hashes of what the objects that were asked for consist of.
  var contentHashes: [Node: UInt64] = [:]
  private var names: [Node: MakerNames] = [:]
  private var namedTuples: [Node: (name: String, fields: [String])?] = [:]
  private var enumerations: [Node: EnumByValue?] = [:]

  /// Objects without a text of one line, and objects with parts: to find that out again for each
  /// place that leads to them would take too long.
  private var long: Set<Node> = []
  private var composed: Set<Node> = []
  /// More objects are not noted, so that the sets stay small.
  private static let noteLimit = 100_000

  func isLong(_ node: Node) -> Bool { !long.isEmpty && long.contains(node) }

  func noteLong(_ node: Node) {
    if long.count < Self.noteLimit { long.insert(node) }
  }

  func hasParts(_ node: Node) -> Bool { !composed.isEmpty && composed.contains(node) }

  func noteParts(_ node: Node) {
    if composed.count < Self.noteLimit { composed.insert(node) }
  }

  /// What an object that is made by a call is called; found once for all that a class makes.
  func names(ofMade node: Node, in graph: ObjectGraph) -> MakerNames {
    let children = graph.children(of: node)
    let maker = children[children.startIndex]
    if let known = names[maker] { return known }
    let found = MakerNames(of: node, in: graph)
    // A function may make objects of the class that it is given.
    let isClass = graph.kind(of: node) == .newObject || graph.kind(of: node) == .newObjectEx
    if isClass || found.makerName == found.className { names[maker] = found }
    return found
  }

  /// The enumeration that `maker` makes, if it is one that is stored by value.
  func enumeration(_ maker: Node, _ reader: ValueReader) -> EnumByValue? {
    if let known = enumerations[maker] { return known }
    let found = EnumByValue(maker, reader)
    enumerations[maker] = .some(found)
    return found
  }

  /// The name and the fields of the named tuples that `maker` makes, if it is a class by value of
  /// such.
  func namedTuple(_ maker: Node, _ reader: ValueReader) -> (name: String, fields: [String])? {
    if let known = namedTuples[maker] { return known }
    var found: (name: String, fields: [String])?
    if let object = MadeObject(maker, in: reader.graph),
      object.makerName == "cloudpickle.cloudpickle._make_skeleton_class",
      let kind = ClassByValue(object, reader), let fields = kind.fields
    {
      found = (PythonText.name(kind.name), fields)
    }
    namedTuples[maker] = .some(found)
    return found
  }
}
