import PodPickle

/// Graphs of networkx: by their nodes and edges, each edge once.
extension ValueReader {
  static let networkGraphs: [String: Recognizer] = [
    "networkx.classes.graph.Graph": undirected,
    "networkx.classes.multigraph.MultiGraph": undirected,
    "networkx.classes.digraph.DiGraph": directed,
    "networkx.classes.multidigraph.MultiDiGraph": directed,
  ]

  private static let undirected: Recognizer = { object, reader throws(BlobError) in
    reader.networkGraph(object, isDirected: false)
  }
  private static let directed: Recognizer = { object, reader throws(BlobError) in
    reader.networkGraph(object, isDirected: true)
  }

  /// What networkx makes of the nodes and edges, when it is asked for them.
  private static let derived: Set<String> = [
    "_pred", "_succ", "nodes", "edges", "adj", "degree", "in_degree", "out_degree", "in_edges",
    "out_edges", "succ", "pred", "__networkx_cache__",
  ]
  private static let shown: Set<String> = ["graph", "_node", "_adj"]

  /// Of larger graphs each edge is shown from both ends.
  private static let edgeLimit = 500_000

  private func networkGraph(_ object: MadeObject, isDirected: Bool) -> Value? {
    guard let attributes = ObjectAttributes(object, in: self), let nodes = attributes["_node"],
      let adjacent = attributes["_adj"], graph.kind(of: nodes) == .dict,
      graph.kind(of: adjacent) == .dict
    else { return nil }
    var parts = attributes.parts { $0 == "graph" }
    parts.append(.attribute("nodes", nodes))
    if !isDirected, let edges = edgesOnce(adjacent) {
      parts.append(Part(step: .attribute("edges"), content: .value(.composite(edges))))
    } else {
      parts.append(.attribute("edges", adjacent))
    }
    return form(
      object,
      parts + attributes.parts { !Self.derived.contains($0) && !Self.shown.contains($0) })
  }

  /// The edges from each node but those that were met from their other ends: they have one dict of
  /// attributes.
  private func edgesOnce(_ adjacent: Node) -> Composite? {
    var seen: Set<Node> = []
    var count = 0
    var parts: [Part] = []
    let ends = graph.children(of: adjacent)
    for index in stride(from: ends.startIndex, to: ends.endIndex - 1, by: 2) {
      guard graph.kind(of: ends[index + 1]) == .dict else { return nil }
      let others = graph.children(of: ends[index + 1])
      count += others.count / 2 + 1
      guard count <= Self.edgeLimit else { return nil }
      var edges: [Part] = []
      for other in stride(from: others.startIndex, to: others.endIndex - 1, by: 2)
      where seen.insert(others[other + 1]).inserted {
        edges.append(Part(step: .key(others[other]), content: .node(others[other + 1])))
      }
      if edges.isEmpty { continue }
      let form = Composite(open: "{", close: "}", order: .mapping, sections: [.parts(edges)])
      parts.append(Part(step: .key(ends[index]), content: .value(.composite(form))))
    }
    return Composite(open: "{", close: "}", order: .mapping, sections: [.parts(parts)])
  }
}
