/// Where the wires of a pod and of the pods below it are.
enum WireLink {
  case none
  /// In the same source: the wires, and the names that they take.
  case inline(source: Int, Range<Int>, firstName: Int, nameCount: Int)
  /// In a pod of their own.
  case pod(name: Int)

  /// Reads a link in the source with the number `source`; names are counted from 0.
  init(_ reader: inout ByteReader, source: Int) throws(PickleError) {
    switch try reader.varint() {
    case 0: self = .none
    case 1: self = .pod(name: 0)
    case let length:
      let nameCount = try reader.varint()
      guard nameCount < length else {
        throw .malformed(offset: reader.offset, reason: "wires with too many names")
      }
      self = .inline(source: source, try reader.take(length), firstName: 0, nameCount: nameCount)
    }
  }

  var nameCount: Int {
    switch self {
    case .none: 0
    case .inline(_, _, _, let nameCount): nameCount
    case .pod: 1
    }
  }

  /// The same, with names counted from `first`.
  func shifted(by first: Int) -> WireLink {
    switch self {
    case .none: .none
    case .inline(let source, let range, let name, let nameCount):
      .inline(source: source, range, firstName: name + first, nameCount: nameCount)
    case .pod(let name): .pod(name: name + first)
    }
  }
}

extension ByteReader {
  /// Reads an entry up to its steps: how many pods up it goes, and how many down again.
  mutating func wireHead() throws(PickleError) -> (up: Int, down: Int) {
    let head = try byte()
    guard head == Wires.longHead else { return (Int(head >> 4), Int(head & 15)) }
    return (try varint(), try varint())
  }

  /// Reads an entry for its end.
  mutating func passWire() throws(PickleError) {
    let down = try wireHead().down
    for _ in 0...down { _ = try varint() }
  }
}
