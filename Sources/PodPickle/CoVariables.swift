extension ObjectGraph {
  /// The roots that share mutable objects: each group ascending, groups by their first root.
  ///
  /// Union-find over the objects that more than one root reaches. Atoms, strings, globals and what
  /// ``Mutability`` knows as values never link; tuples and the like link only by what they hold.
  public func coVariables() -> [[Int]] {
    var finder = CoVariableFinder(self)
    return finder.groups()
  }

  /// The text of a string node of 1,024 bytes at most that is in memory; empty for anything else.
  public func text(of node: Node) -> String {
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
  private var reached: GrowingArray<UInt32>
  private var parents: [Int]
  /// What was found of callables and classes.
  private var mutabilities: [Node: Mutability] = [:]
  /// Objects that can't change and hold nothing that can.
  private var isPure: GrowingArray<Bool>

  init(_ graph: ObjectGraph) {
    self.graph = graph
    reached = GrowingArray(zeros: graph.count)
    isPure = GrowingArray(repeating: false, count: graph.count)
    parents = Array(graph.roots.indices)
  }

  mutating func groups() -> [[Int]] {
    for root in graph.roots.indices { visit(from: root) }
    // The first root of a group is what all others of it lead to.
    var groups: [[Int]] = []
    var numbers = Array(repeating: 0, count: graph.roots.count)
    for root in graph.roots.indices {
      let first = find(root)
      if first == root {
        numbers[root] = groups.count
        groups.append([root])
      } else {
        groups[numbers[first]].append(root)
      }
    }
    return groups
  }

  /// Walks all that a root reaches, up to mutable objects that another root reached before.
  private mutating func visit(from root: Int) {
    let mark = UInt32(root + 1)
    var stack: [(node: Node, isLeft: Bool)] = [(graph.roots[root], false)]
    while let (node, isLeft) = stack.popLast() {
      if isLeft {
        var isPure = true
        forEachLinkingChild(of: node) { isPure = isPure && self.isPure[Int($0)] }
        self.isPure[Int(node)] = isPure
        continue
      }
      let before = reached[Int(node)]
      guard before != mark, !isPure[Int(node)] else { continue }
      switch mutability(of: node) {
      case .value: isPure[Int(node)] = true
      case .mutable where before != 0: union(root, Int(before) - 1)
      case .mutable:
        reached[Int(node)] = mark
        forEachLinkingChild(of: node) { stack.append(($0, false)) }
      case .holder:
        reached[Int(node)] = mark
        stack.append((node, true))
        forEachLinkingChild(of: node) { stack.append(($0, false)) }
      }
    }
  }

  /// Calls `body` with the children that a node can link by.
  ///
  /// The globals that a function by value gets when it is loaded are its own, though functions of
  /// one pickle may be written with one dict. All frames of pandas hold one and the same list
  /// `_metadata`, which belongs to their class.
  @inline(__always)
  private func forEachLinkingChild(of node: Node, _ body: (Node) -> Void) {
    let kind = graph.kind(of: node)
    guard kind.hasChildren else { return }
    let count = graph.childCount(of: node)
    if kind == .reduce, isFunctionMaker(node) {
      let arguments = graph.child(1, of: node)
      for index in 0..<graph.childCount(of: arguments) where index != 1 {
        body(graph.child(index, of: arguments))
      }
      for index in 2..<count { body(graph.child(index, of: node)) }
    } else if kind == .dict, count > 0, isText(graph.child(0, of: node), "_mgr") {
      for index in stride(from: 0, to: count, by: 2)
      where !isText(graph.child(index, of: node), "_metadata") {
        body(graph.child(index + 1, of: node))
      }
    } else {
      for index in 0..<count { body(graph.child(index, of: node)) }
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
    let found: Mutability
    if let (module, name) = graph.globalName(of: maker) {
      found = Mutability(makerModule: module, name: name)
    } else {
      found = mutability(madeByMade: maker)
    }
    mutabilities[maker] = found
    return found
  }

  /// What is made by a class that a pickle makes: members of an enumeration by value, and what the
  /// classes of `types` make, which cloudpickle calls by their names.
  private func mutability(madeByMade maker: Node) -> Mutability {
    guard graph.kind(of: maker) == .reduce,
      let (module, name) = graph.globalName(of: graph.child(0, of: maker)),
      module == "cloudpickle.cloudpickle"
    else { return .mutable }
    switch name {
    case "_make_skeleton_enum": return .value
    case "_builtin_type":
      let arguments = graph.child(1, of: maker)
      guard graph.childCount(of: arguments) == 1 else { return .mutable }
      return Mutability(makerModule: "types", name: graph.text(of: graph.child(0, of: arguments)))
    default: return .mutable
    }
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
