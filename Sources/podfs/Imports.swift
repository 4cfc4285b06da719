import PodModel
import PodPickle
import PodStore

extension Store {
  /// Returns what unpickling a version would import and may call: `module.name`, in order.
  ///
  /// Nil for a file that is kept as it was written: what is in it is not known.
  func imports(of version: Version) throws -> [String]? {
    guard version.content.form == .pickle else { return nil }
    let graph = try graph(of: version)
    var seen: Set<ObjectGraph.Node> = [graph.roots[0]]
    var pending = Array(seen)
    var names: Set<String> = []
    while let node = pending.popLast() {
      if let (module, name) = graph.globalName(of: node) { names.insert("\(module).\(name)") }
      pending += graph.children(of: node).filter { seen.insert($0).inserted }
    }
    return names.sorted()
  }
}
