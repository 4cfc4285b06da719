public import PodModel

/// The canonical form of pods, which their names are digests of.
///
///     pod      = kind:u8 body
///     data     = 1 byte…                           a piece of a long run of bytes
///     index    = 2 names lengths:varint×count      data or index pods in order, and how many bytes
///                                                  hang from each
///     objects  = 3 names columns                   one tree: an object, without those in other pods
///     run      = 4 names columns                   trees: some items of a long container
///     value    = 5 names protocol:u8 link columns  one tree: a tuple of the roots of a value
///     wires    = 6 names section                   where references lead that leave a pod
///
///     names    = count:varint name:32×count        the names of the pods it needs
///
/// A varint is unsigned LEB128. Names stand in the order in which the trees
/// need them; in a value, those that its link needs follow. What a tree is says
/// ``PodTag``, what columns are ``PodColumns``, what links and sections are ``Wires``.
public enum PodFormat {
  enum Kind: UInt8 {
    case data = 1
    case index = 2
    case objects = 3
    case run = 4
    case value = 5
    case wires = 6
  }

  /// The first byte of the canonical form of a data pod; all others are what it holds.
  public static let dataKind = Kind.data.rawValue

  /// The names of the pods that the pod with canonical bytes `bytes` needs.
  public static func children(of bytes: [UInt8], named id: PodID) throws(PickleError) -> [PodID] {
    try open(ByteSource(bytes), named: id).children
  }

  /// A pod, parted into what all kinds have in common and a reader of the rest.
  struct Opened {
    let kind: Kind
    let children: [PodID]
    let source: ByteSource
    var reader: ByteReader
  }

  static func open(_ source: ByteSource, named id: PodID) throws(PickleError) -> Opened {
    var reader = source.reader()
    do throws(PickleError) {
      guard let kind = Kind(rawValue: try reader.byte()) else {
        throw PickleError.badPod(id, reason: "an unknown kind")
      }
      guard kind != .data else {
        return Opened(kind: kind, children: [], source: source, reader: reader)
      }
      let count = try reader.varint()
      guard count <= reader.remaining / PodID.byteCount else {
        throw PickleError.badPod(id, reason: "names beyond its end")
      }
      var children: [PodID] = []
      children.reserveCapacity(count)
      for _ in 0..<count {
        guard let child = PodID(bytes: source.bytes(in: try reader.take(PodID.byteCount))) else {
          throw PickleError.badPod(id, reason: "a short name")
        }
        children.append(child)
      }
      return Opened(kind: kind, children: children, source: source, reader: reader)
    } catch { throw error.inPod(id) }
  }

  /// The canonical form of a pod of any kind but data.
  static func bytes(_ kind: Kind, children: [PodID], rest: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rest.count + children.count * PodID.byteCount + 10)
    begin(&bytes, kind, children: children[...])
    return bytes + rest
  }

  /// Makes `bytes` the beginning of a pod of any kind but data; its memory is used again.
  static func begin(_ bytes: inout [UInt8], _ kind: Kind, children: ArraySlice<PodID>) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(kind.rawValue)
    bytes.append(varint: children.count)
    for child in children { bytes += child.bytes }
  }
}

extension PickleError {
  /// The error as one of the pod `id`, if it came from reading it.
  func inPod(_ id: PodID) -> PickleError {
    switch self {
    case .truncated: .badPod(id, reason: "it ends too early")
    case .malformed(_, let reason), .irregular(_, let reason): .badPod(id, reason: reason)
    case .unknownOpcode(let opcode, _): .badPod(id, reason: "tag \(opcode) is unknown")
    case .badPod, .tooLarge: self
    }
  }
}
