import PodPickle

/// What a reader has found out, for as long as it is used.
final class ReaderMemory {
  typealias Node = ObjectGraph.Node

  /// How many more values a text of one line may look into.
  var work = 0
  /// The hashes of what the objects that were asked for consist of.
  var contentHashes: [Node: UInt64] = [:]
  private var namedTuples: [Node: (name: String, fields: [String])?] = [:]
  private var enumerations: [Node: EnumByValue?] = [:]

  /// The enumeration that `maker` makes, if it is one that is stored by value.
  func enumeration(_ maker: Node, _ reader: ValueReader) -> EnumByValue? {
    if let known = enumerations[maker] { return known }
    let found = EnumByValue(maker, reader)
    enumerations[maker] = .some(found)
    return found
  }

  /// The name and the fields of the named tuples that `maker` makes, if it is a class by value of
  /// such.
  func namedTuple(_ maker: Node, _ reader: ValueReader) -> (name: String, fields: [String])? {
    if let known = namedTuples[maker] { return known }
    var found: (name: String, fields: [String])?
    if let object = MadeObject(maker, in: reader.graph),
      object.makerName == "cloudpickle.cloudpickle._make_skeleton_class",
      let kind = ClassByValue(object, reader), let fields = kind.fields
    {
      found = (PythonText.name(kind.name), fields)
    }
    namedTuples[maker] = .some(found)
    return found
  }
}
