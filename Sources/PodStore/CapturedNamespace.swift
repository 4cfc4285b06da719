public import PodModel
public import PodPickle

/// A variable as a pickler wrote it.
public struct CapturedVariable {
  /// Its name.
  public var name: VariableName
  /// One dump of the pickler that wrote all variables of the namespace.
  public var part: ObjectGraph.Part

  /// Creates a variable from its parts.
  public init(name: VariableName, part: ObjectGraph.Part) {
    self.name = name
    self.part = part
  }
}

/// A namespace as one pickler wrote it: each variable by itself, with one memo, or all as a tuple.
public struct CapturedNamespace {
  /// The names of the variables.
  public let names: [VariableName]
  /// One dump for each variable, or one of the tuple of all.
  let parts: [ObjectGraph.Part]
  let isTuple: Bool

  /// Creates a namespace of variables that were written one by one.
  public init(_ variables: [CapturedVariable]) {
    names = variables.map(\.name)
    parts = variables.map(\.part)
    isTuple = false
  }

  /// Creates a namespace of variables that were written as a tuple.
  public init(names: [VariableName], tuple: ObjectGraph.Part) {
    self.names = names
    parts = [tuple]
    isTuple = true
  }

  /// Throws if a name is given twice; those of a namespace that was saved were checked.
  func checkNames(unlike checked: [VariableName]?) throws(StoreError) {
    guard names != checked else { return }
    var seen: Set<VariableName> = []
    for name in names where !seen.insert(name).inserted {
      throw .invalidCommit(reason: "'\(name)' is given twice")
    }
  }

  /// Reads what was written into a graph with a root for each variable.
  func scan() throws(StoreError) -> ObjectGraph {
    do {
      return isTuple
        ? try ObjectGraph.scan(tuple: parts[0], count: names.count) : try ObjectGraph.scan(parts)
    } catch { throw .badPickle(error) }
  }
}
