import PodPickle

/// Modules of torch: what they were made with, their parameters, and the modules in them.
extension ValueReader {
  /// Of any class whose objects look like a `torch.nn.Module`; nil for others.
  func module(_ object: MadeObject) -> Value? {
    guard object.arguments.isEmpty, let state = object.states.first,
      graph.kind(of: state) == .dict, isModule(state),
      let attributes = ObjectAttributes(object, in: self)
    else { return nil }
    var parts = attributes.parts { !$0.hasPrefix("_") }
    for (name, node) in attributes.list where name.hasPrefix("_") {
      switch name {
      case "_parameters", "_buffers", "_modules":
        guard graph.kind(of: node) == .dict || graph.kind(of: node).isMade else { return nil }
        parts += named(node)
      case "_non_persistent_buffers_set": break
      default: if !isEmpty(node) { parts.append(.attribute(name, node)) }
      }
    }
    return form(object, parts)
  }

  /// Whether a state begins as `torch.nn.Module.__init__` begins it.
  private func isModule(_ state: Node) -> Bool {
    let children = graph.children(of: state)
    guard children.count >= 16 else { return false }
    let names = ["training", "_parameters", "_buffers"]
    return names.enumerated().allSatisfy { index, name in
      graph.scalar(of: children[children.startIndex + 2 * index]) == .string(Array(name.utf8))
    }
  }

  /// The values of a dict, plain or ordered, under their keys.
  private func named(_ node: Node) -> [Part] {
    var parts: [Part] = []
    for pairs in pairs(of: node) {
      for index in stride(from: pairs.startIndex, to: pairs.endIndex - 1, by: 2) {
        let part = attribute(pairs[index], pairs[index + 1])
        if case .attribute(let name) = part.step, name.first?.isNumber ?? true {
          parts.append(Part(step: .key(pairs[index]), content: part.content))
        } else {
          parts.append(part)
        }
      }
    }
    return parts
  }

  private func pairs(of node: Node) -> [ObjectGraph.Children] {
    graph.kind(of: node) == .dict
      ? [graph.children(of: node)] : MadeObject(node, in: graph)?.pairs ?? []
  }

  /// Whether there is nothing to say of hooks and the like.
  private func isEmpty(_ node: Node) -> Bool {
    switch graph.kind(of: node) {
    case .dict, .set: return graph.children(of: node).isEmpty
    case .atom: return graph.scalar(of: node) == Scalar.none
    default:
      guard let object = MadeObject(node, in: graph) else { return false }
      return object.className == "collections.OrderedDict" && object.pairs.isEmpty
        && object.arguments.isEmpty && object.states.isEmpty
    }
  }
}
