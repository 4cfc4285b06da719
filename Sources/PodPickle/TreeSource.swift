/// An object or atom as it is met on a walk: a node of a graph, or a tree in a pod.
struct Tree {
  enum Form: UInt8 {
    case atom
    /// A text or bytes in memory.
    case text
    /// A text or bytes in pods that are not read.
    case blob
    /// A module and a name; see ``TreeSource/parts(of:)``.
    case global
    /// What has children.
    case object
    /// An object that is defined elsewhere; see ``TreeSource/definition(of:)``.
    case reference
  }

  var form: Form
  var kind = ObjectGraph.Kind.atom
  /// The opcode of an atom, whose argument is the payload.
  var opcode: UInt8 = 0
  /// Whether the walk jumped to the object, and goes back when it leaves it.
  var isElsewhere = false
  /// What all trees of one object or text have in common; for atoms and parts it means nothing.
  var key: UInt32 = .max
  /// The number of children, or of the bytes of the payload.
  var count = 0
  /// Where the payload is, packed as a graph packs it; or the definition, as the source has it.
  var place: UInt64 = 0

  /// The number of the source with the payload, and where in it that is.
  @inline(__always)
  var payload: (source: Int, range: Range<Int>) {
    let start = Int(place & ObjectGraph.offsetMask)
    return (Int(place >> ObjectGraph.offsetBits), start..<(start + count))
  }
}

/// Objects to be walked depth first: those of a graph, or of pods that are read on the way.
///
/// A walk calls ``next(in:left:)`` for each child of the object that it is in. What it gets it may
/// ``enter(_:)``, and ``leave(_:)`` after all of its children; or ``skip(_:)``.
protocol TreeSource {
  /// A bound of all keys so far.
  var keyCount: Int { get }
  var protocolVersion: UInt8 { get }
  /// How many bytes the pickles of all roots may have, about.
  var expectedCount: Int { get }

  /// The next child of an object of this kind of which `left` children, this one too, are left; nil,
  /// and nothing has changed, if a pod must be read before.
  ///
  /// An atom is complete, anything else has its form and key; see ``complete(_:)``.
  mutating func next(in kind: ObjectGraph.Kind, left: Int) throws(PickleError) -> Tree?
  /// Looks up all else of a tree. A text may turn out to be a global.
  func complete(_ tree: inout Tree)
  /// The definition of the object that a reference leads to.
  mutating func definition(of reference: Tree) throws(PickleError) -> Tree
  /// Goes into a complete object; returns what to give to ``leave(_:)``.
  mutating func enter(_ tree: Tree) -> Int
  /// Passes an object.
  mutating func skip(_ tree: Tree) throws(PickleError)
  mutating func leave(_ level: Int)
  /// The module and the name of a global, complete.
  func parts(of global: Tree) -> (module: Tree, name: Tree)
  /// Appends a payload in memory.
  func append(payloadOf tree: Tree, to output: inout GrowingBytes)
  /// A payload in memory, in place.
  func payload(of tree: Tree) -> (ByteSource, Range<Int>)
  /// A payload that is not in memory.
  func blob(of tree: Tree) -> Blob
}
