/// Which contents have a pod in common with one.
///
/// Only what is part of the values counts, not the bytes that a pod is kept as the difference from.
struct PodOverlap {
  private enum Mark {
    case unknown, common, apart
  }

  private let graph: PodGraph
  private var marks: [Mark]

  init(_ graph: PodGraph, with node: PodGraph.Node) {
    self.graph = graph
    marks = [Mark](repeating: .unknown, count: graph.count)
    for node in walk(from: node).seen { marks[Int(node)] = .common }
  }

  /// Tells whether a content has one of the pods.
  mutating func contains(_ node: PodGraph.Node) -> Bool {
    let (seen, found) = walk(from: node)
    // What has none is not looked at again.
    if !found { for node in seen { marks[Int(node)] = .apart } }
    return found
  }

  /// Visits what a node is made of, up to the first that is common.
  private func walk(from node: PodGraph.Node) -> (seen: Set<PodGraph.Node>, found: Bool) {
    guard node != PodGraph.none else { return ([], false) }
    var seen: Set<PodGraph.Node> = [node]
    var open = [node]
    while let node = open.popLast() {
      if marks[Int(node)] == .common { return (seen, true) }
      if marks[Int(node)] == .apart { continue }
      graph.forEachNeed(of: node) { need in
        if need % 2 == 0, seen.insert(need).inserted { open.append(need) }
      }
    }
    return (seen, false)
  }
}
