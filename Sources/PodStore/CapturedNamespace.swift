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
  private(set) var parts: [ObjectGraph.Part]
  let isTuple: Bool
  /// What was seen of its buffers, and the fingerprints of all, once their memory was given back.
  private(set) var seen: (sights: BufferSights, prints: LastCaptures.Prints)?

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

  /// Gives back the memory of the buffers; what is returned has copies of those that are needed.
  ///
  /// It is nil if these would have more than `limit` bytes.
  func giveBack(
    limit: Int, last: LastCaptures.Capture?, known: KnownBlobs
  ) -> CapturedNamespace? {
    let sights = BufferSights(of: parts.flatMap(\.buffers))
    let prints = LastCaptures.Prints(of: self, seen: sights)
    let isSame = last.map { $0.prints == prints && $0.names == names } ?? false
    let buffers = sights.giveBack(parts.flatMap(\.buffers), limit: limit) { print, count in
      // Short ones are a part of the pods of objects.
      count > Blob.threshold && (isSame || known.contains(print, count: count))
    }
    guard var rest = buffers?[...] else { return nil }
    var captured = self
    for index in parts.indices {
      let count = parts[index].buffers.count
      captured.parts[index] = ObjectGraph.Part(
        stream: parts[index].stream, buffers: Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    captured.seen = (sights, prints)
    return captured
  }

  /// Throws if a name is given twice; those of a namespace that was saved were checked.
  func checkNames(unlike checked: [VariableName]?) throws(StoreError) {
    guard names != checked else { return }
    var seen: Set<VariableName> = []
    for name in names where !seen.insert(name).inserted {
      throw .invalidCommit(reason: "'\(name)' is given twice")
    }
  }

  /// What of a namespace cannot be read.
  public enum Refusal: Equatable {
    /// Nothing: it is not the pickle that is wrong.
    case nothing
    /// The pickle of this variable; those before it can be read.
    case one(VariableName)
    /// One of the variables, which were written as a tuple.
    case some
  }

  /// Returns which pickle cannot be read.
  public func refused() -> Refusal {
    func canRead(_ count: Int) -> Bool {
      do { _ = try ObjectGraph.scan(Array(parts[..<count])) } catch { return false }
      return true
    }
    guard !isTuple else { return .some }
    guard !canRead(parts.count) else { return .nothing }
    // What refers to a pickle that cannot be read comes after it.
    var (readable, refused) = (0, parts.count)
    while refused - readable > 1 {
      let middle = readable + (refused - readable) / 2
      if canRead(middle) { readable = middle } else { refused = middle }
    }
    return .one(names[readable])
  }

  /// Reads what was written into a graph with a root for each variable.
  func scan() throws(StoreError) -> ObjectGraph {
    do {
      return isTuple
        ? try ObjectGraph.scan(tuple: parts[0], count: names.count) : try ObjectGraph.scan(parts)
    } catch { throw .badPickle(error) }
  }
}
