public import PodModel

/// The canonical form of pods, which their names are digests of.
///
///     pod      = kind:u8 body
///     data     = 1 byte…                                  a piece of a long run of bytes
///     others   = kind count:varint name:32×count rest     the names of the pods it needs
///
///     index    = 2 names lengths:varint×count             data or index pods in order, and how many
///                                                         bytes hang from each
///     objects  = 3 names tree                             one object, without those in other pods
///     run      = 4 names items:varint tree×items          some items of a long container
///     value    = 5 names header wiring tree×roots         the roots of a value
///
/// A varint is unsigned LEB128. What a tree is says ``PodEncoder``, what a
/// wiring is says ``Wiring``.
public enum PodFormat {
  enum Kind: UInt8 {
    case data = 1
    case index = 2
    case objects = 3
    case run = 4
    case value = 5
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
    var reader: ByteReader
  }

  static func open(_ source: ByteSource, named id: PodID) throws(PickleError) -> Opened {
    var reader = source.reader()
    do throws(PickleError) {
      guard let kind = Kind(rawValue: try reader.byte()) else {
        throw PickleError.badPod(id, reason: "an unknown kind")
      }
      guard kind != .data else { return Opened(kind: kind, children: [], reader: reader) }
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
      return Opened(kind: kind, children: children, reader: reader)
    } catch { throw error.inPod(id) }
  }

  /// The canonical form of a pod of any kind but data.
  static func bytes(_ kind: Kind, children: [PodID], rest: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [kind.rawValue]
    bytes.reserveCapacity(rest.count + children.count * PodID.byteCount + 10)
    bytes.append(varint: children.count)
    for child in children { bytes += child.bytes }
    return bytes + rest
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
