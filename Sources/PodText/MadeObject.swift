import PodPickle

/// An object that a pickle makes by a call, with what is done to it afterwards.
struct MadeObject {
  typealias Node = ObjectGraph.Node

  let node: Node
  /// What is called: a function, or the class.
  let maker: Node
  /// The module and name of what is called, if it is imported.
  let makerName: String?
  /// The module and name of the class of the object, as far as the pickle tells.
  let className: String
  private(set) var arguments: ObjectGraph.Children
  /// The keywords and values by turns.
  private(set) var keywords: ObjectGraph.Children
  /// What was appended.
  private(set) var items: [ObjectGraph.Children] = []
  /// What was set by keys.
  private(set) var pairs: [ObjectGraph.Children] = []
  /// The states it was given; an object of an honest pickle has one at most.
  private(set) var states: [Node] = []

  /// Takes `node` apart; nil if it is not made by a call.
  ///
  /// - Parameter names: what it is called, if that is known.
  init?(_ node: Node, in graph: ObjectGraph, _ names: MakerNames? = nil) {
    guard graph.kind(of: node).isMade else { return nil }
    let children = graph.children(of: node)
    self.node = node
    maker = children[children.startIndex]
    makerName = names.map(\.makerName) ?? Self.importedName(of: maker, in: graph)
    let second = children[children.startIndex + 1]
    arguments = graph.kind(of: second) == .tuple ? graph.children(of: second) : children.prefix(0)
    className = names?.className ?? Self.className(of: node, makerName, in: graph)
    var done = children.dropFirst(2)
    if graph.kind(of: node) == .newObjectEx, let third = done.first {
      keywords = graph.kind(of: third) == .dict ? graph.children(of: third) : children.prefix(0)
      done = done.dropFirst()
    } else {
      keywords = children.prefix(0)
    }
    for part in done {
      switch graph.kind(of: part) {
      case .items: items.append(graph.children(of: part))
      case .pairs: pairs.append(graph.children(of: part))
      case .state, .stateByCall: states += graph.children(of: part).suffix(1)
      default: break
      }
    }
    unwrap(in: graph)
  }

  /// Whether nothing was done to the object after it was made by a call without keywords.
  var isPlain: Bool { keywords.isEmpty && items.isEmpty && pairs.isEmpty && states.isEmpty }

  /// What a call with something around it stands for: the class is told by the first argument.
  private mutating func unwrap(in graph: ObjectGraph) {
    switch makerName {
    case "copyreg._reconstructor":
      // The class, its base, and the value of that; of most it is None.
      let isEmpty = argument(2).map { graph.scalar(of: $0) == Scalar.none } ?? true
      arguments = isEmpty ? arguments.suffix(0) : arguments.dropFirst(2).prefix(1)
    case "copyreg.__newobj__": arguments = arguments.dropFirst()
    case "copyreg.__newobj_ex__":
      let parts = arguments
      guard parts.count == 3, let last = parts.last,
        graph.kind(of: parts[parts.startIndex + 1]) == .tuple, graph.kind(of: last) == .dict
      else { return }
      arguments = graph.children(of: parts[parts.startIndex + 1])
      keywords = graph.children(of: last)
    default: break
    }
  }

  /// The name of what is imported, or got from what is imported.
  static func importedName(of maker: Node, in graph: ObjectGraph) -> String? {
    if let (module, name) = graph.globalName(of: maker) {
      return ImportedName(module, name).qualified
    }
    guard graph.kind(of: maker) == .reduce else { return nil }
    let children = graph.children(of: maker)
    let arguments = graph.children(of: children[children.startIndex + 1])
    guard children.count == 2, arguments.count <= 2,
      let (module, getter) = graph.globalName(of: children[children.startIndex])
    else { return nil }
    let call = ImportedName(module, getter).qualified
    if call == "cloudpickle.cloudpickle._builtin_type", let name = arguments.first {
      return "types.\(graph.text(of: name))"
    }
    guard call == "builtins.getattr", arguments.count == 2,
      let (owner, name) = graph.globalName(of: arguments[arguments.startIndex])
    else { return nil }
    guard case .string(let attribute)? = graph.scalar(of: arguments[arguments.startIndex + 1])
    else { return nil }
    let text = String(decoding: attribute.prefix(1024), as: UTF8.self)
    return "\(ImportedName(owner, name).qualified).\(text)"
  }

  static func className(
    of node: Node, _ makerName: String?, in graph: ObjectGraph
  ) -> String {
    let name = graph.className(ofMade: node)
    if name == "object", let makerName { return makerName }
    return name == makerName ? name : ImportedName(dotted: name).qualified
  }

  /// The argument with the number `index`, if there is one.
  func argument(_ index: Int) -> Node? {
    index < arguments.count ? arguments[arguments.startIndex + index] : nil
  }

  /// What remains of an object when there is no more to say of it: how it was made, and what was
  /// done to it, under names where it has any.
  func genericForm(named name: String, in reader: ValueReader) -> Composite {
    var parts: [Part] = []
    // A class by value is shown by itself, and objects have its name.
    if className == "object" {
      parts.append(Part(step: .made("<callable>"), content: .node(maker)))
    }
    for (index, argument) in arguments.enumerated() {
      parts.append(Part(step: .made("<argument \(index)>"), content: .node(argument)))
    }
    for index in stride(from: 0, to: keywords.count - 1, by: 2) {
      let at = keywords.startIndex + index
      parts.append(reader.attribute(keywords[at], keywords[at + 1]))
    }
    var form = Composite(open: name + "(", close: ")", order: .mapping)
    form.sections.append(.parts(parts))
    var first = 0
    for items in items {
      form.sections.append(.items(items, first: first))
      first += items.count
    }
    form.sections += pairs.map { .pairs($0) }
    for state in states { form.sections += reader.attributes(inState: state) }
    return form
  }
}
