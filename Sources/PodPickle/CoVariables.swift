extension ObjectGraph {
  /// The roots that share mutable objects: each group ascending, groups by their first root.
  ///
  /// Union-find over the objects that more than one root reaches. Atoms, strings, globals and what
  /// ``Mutability`` knows as values never link; tuples and the like link only by what they hold.
  public func coVariables() -> [[Int]] {
    var finder = CoVariableFinder(self)
    return finder.groups()
  }

  /// The text of a string node that is short and in memory; empty for anything else.
  func text(of node: Node) -> String {
    guard kind(of: node) == .string, !isBlob(node), payloadCount(of: node) <= 1024 else {
      return ""
    }
    var bytes: [UInt8] = []
    appendPayload(of: node, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The number of bytes of a string; nil for anything else.
  fileprivate func payloadCountIfText(of node: Node) -> Int? {
    kind(of: node) == .string ? payloadCount(of: node) : nil
  }

  /// The module and qualified name of a global.
  public func globalName(of node: Node) -> (module: String, name: String)? {
    guard kind(of: node) == .global else { return nil }
    let parts = Array(children(of: node))
    return (text(of: parts[0]), text(of: parts[1]))
  }
}

private struct CoVariableFinder {
  typealias Node = ObjectGraph.Node

  private let graph: ObjectGraph
  /// The root, counted from 1, that reached a node last.
  private var reached: [UInt32]
  private var parents: [Int]
  /// What was found of callables and classes.
  private var mutabilities: [Node: Mutability] = [:]
  /// Objects that can't change and hold nothing that can.
  private var isPure: [Bool]

  init(_ graph: ObjectGraph) {
    self.graph = graph
    reached = Array(repeating: 0, count: graph.count)
    isPure = Array(repeating: false, count: graph.count)
    parents = Array(graph.roots.indices)
  }

  mutating func groups() -> [[Int]] {
    for root in graph.roots.indices { visit(from: root) }
    var groups: [Int: [Int]] = [:]
    for root in graph.roots.indices { groups[find(root), default: []].append(root) }
    return groups.values.sorted { $0[0] < $1[0] }
  }

  /// Walks all that a root reaches, up to mutable objects that another root reached before.
  private mutating func visit(from root: Int) {
    let mark = UInt32(root + 1)
    var stack: [(node: Node, isLeft: Bool)] = [(graph.roots[root], false)]
    while let (node, isLeft) = stack.popLast() {
      if isLeft {
        isPure[Int(node)] = linkingChildren(of: node).allSatisfy { isPure[Int($0)] }
        continue
      }
      let before = reached[Int(node)]
      guard before != mark, !isPure[Int(node)] else { continue }
      switch mutability(of: node) {
      case .value: isPure[Int(node)] = true
      case .mutable where before != 0: union(root, Int(before) - 1)
      case .mutable:
        reached[Int(node)] = mark
        for child in linkingChildren(of: node) { stack.append((child, false)) }
      case .holder:
        reached[Int(node)] = mark
        stack.append((node, true))
        for child in linkingChildren(of: node) { stack.append((child, false)) }
      }
    }
  }

  /// The children that a node can link by.
  ///
  /// The globals that a function by value gets when it is loaded are its own, though functions of
  /// one pickle may be written with one dict. All frames of pandas hold one and the same list
  /// `_metadata`, which belongs to their class.
  private func linkingChildren(of node: Node) -> ObjectGraph.Children {
    let children = graph.children(of: node)
    switch graph.kind(of: node) {
    case .reduce where isFunctionMaker(node):
      let arguments = Array(graph.children(of: graph.child(1, of: node)))
      return ObjectGraph.Children(
        arguments.indices.filter { $0 != 1 }.map { arguments[$0] } + children.dropFirst(2))
    case .dict where children.first.map { isText($0, "_mgr") } ?? false:
      let keys = stride(from: 0, to: children.count, by: 2)
      let linking = keys.filter { !isText(graph.child($0, of: node), "_metadata") }
      return ObjectGraph.Children(linking.map { graph.child($0 + 1, of: node) })
    default: return children
    }
  }

  /// Whether `node` is a call that makes a function, with as many arguments as that takes.
  private func isFunctionMaker(_ node: Node) -> Bool {
    let maker = graph.child(0, of: node)
    return mutabilities[maker] == .holder && graph.childCount(of: graph.child(1, of: node)) < 16
      && graph.globalName(of: maker)?.name == "_make_function"
  }

  private func isText(_ node: Node, _ text: String) -> Bool {
    graph.payloadCountIfText(of: node) == text.utf8.count && graph.text(of: node) == text
  }

  private mutating func mutability(of node: Node) -> Mutability {
    switch graph.kind(of: node) {
    case .atom, .string, .legacyString, .bytes, .global, .persistent: .value
    case .tuple, .frozenSet, .items, .pairs, .state, .stateByCall: .holder
    case .list, .dict, .set, .byteArray: .mutable
    case .reduce, .newObject, .newObjectEx, .oldInstance: mutability(madeBy: node)
    }
  }

  private mutating func mutability(madeBy node: Node) -> Mutability {
    guard let maker = graph.children(of: node).first else { return .mutable }
    if let known = mutabilities[maker] { return known }
    guard let (module, name) = graph.globalName(of: maker) else { return .mutable }
    let found = Mutability(makerModule: module, name: name)
    mutabilities[maker] = found
    return found
  }

  private mutating func find(_ root: Int) -> Int {
    var root = root
    while parents[root] != root {
      parents[root] = parents[parents[root]]
      root = parents[root]
    }
    return root
  }

  private mutating func union(_ left: Int, _ right: Int) {
    let (left, right) = (find(left), find(right))
    parents[max(left, right)] = min(left, right)
  }
}
