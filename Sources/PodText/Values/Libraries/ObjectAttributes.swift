import PodPickle

/// The attributes that an object was given by its state, in their order.
struct ObjectAttributes {
  typealias Node = ObjectGraph.Node

  private(set) var list: [(name: String, node: Node)] = []
  private var indices: [String: Int] = [:]

  /// Takes the attributes of `object`; nil where its state is anything but names with values.
  init?(_ object: MadeObject, in reader: ValueReader) {
    for state in object.states {
      for section in reader.attributes(inState: state) {
        for index in 0..<section.count {
          guard case .attribute(let name) = section[index].step,
            case .node(let node) = section[index].content
          else { return nil }
          indices[name] = indices[name] ?? list.count
          list.append((name, node))
        }
      }
    }
    guard list.count == indices.count, !list.isEmpty else { return nil }
  }

  subscript(name: String) -> Node? { indices[name].map { list[$0].node } }

  /// The attributes whose names `belongs` is true for, as parts.
  func parts(where belongs: (String) -> Bool) -> [Part] {
    list.filter { belongs($0.name) }.map { .attribute($0.name, $0.node) }
  }
}

extension ValueReader {
  /// What an object of a class is shown as by its attributes.
  func form(_ object: MadeObject, _ parts: [Part]) -> Value {
    .composite(
      Composite(
        open: PythonText.name(object.className) + "(", close: ")", order: .mapping,
        sections: [.parts(parts)]))
  }
}
