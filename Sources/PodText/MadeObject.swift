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
  let arguments: ObjectGraph.Children
  /// The keywords and values by turns.
  let keywords: ObjectGraph.Children
  /// What was appended.
  private(set) var items: [ObjectGraph.Children] = []
  /// What was set by keys.
  private(set) var pairs: [ObjectGraph.Children] = []
  /// The states it was given; an object of an honest pickle has one at most.
  private(set) var states: [Node] = []

  /// Takes `node` apart; nil if it is not made by a call.
  init?(_ node: Node, in graph: ObjectGraph) {
    guard graph.kind(of: node).isMade else { return nil }
    let children = graph.children(of: node)
    self.node = node
    maker = children[children.startIndex]
    makerName = graph.globalName(of: maker).map { "\($0.module).\($0.name)" }
    let second = children[children.startIndex + 1]
    arguments = graph.kind(of: second) == .tuple ? graph.children(of: second) : children.prefix(0)
    className = graph.className(ofMade: node)
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
  }

  /// The argument with the number `index`, if there is one.
  func argument(_ index: Int) -> Node? {
    index < arguments.count ? arguments[arguments.startIndex + index] : nil
  }

  /// What remains of an object when there is no more to say of it: how it was made, and what was
  /// done to it, under names where it has any.
  func genericForm(named name: String, in reader: ValueReader) -> Composite {
    var parts: [Part] = []
    for (index, argument) in arguments.enumerated() {
      parts.append(Part(step: .made("<argument \(index)>"), content: .node(argument)))
    }
    for index in stride(from: 0, to: keywords.count - 1, by: 2) {
      let at = keywords.startIndex + index
      parts.append(reader.attribute(keywords[at], keywords[at + 1]))
    }
    var form = Composite(open: name + "(", close: ")", order: .mapping)
    form.sections.append(.parts(parts))
    for state in states { form.sections += reader.attributes(inState: state) }
    var first = 0
    for items in items {
      form.sections.append(.items(items, first: first))
      first += items.count
    }
    form.sections += pairs.map { .pairs($0) }
    return form
  }
}
