import PodPickle

/// What recognizers ask about the nodes that an object is made of.
extension ValueReader {
  /// A str of at most 1024 bytes; nil for anything else.
  func shortString(_ node: Node?) -> String? {
    guard let node, graph.payloadSize(of: node) <= 1024, case .string(let text)? = scalar(node)
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  /// An int of 64 bits; nil for anything else.
  func integer(_ node: Node?) -> Int? {
    guard case .int(let value)? = scalar(node) else { return nil }
    return Int(value)
  }

  /// A float, or an int that is written for one; nil for anything else.
  func float(_ node: Node?) -> Double? {
    switch scalar(node) {
    case .float(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }

  func isNone(_ node: Node) -> Bool { scalar(node) == Scalar.none }

  func isTrue(_ node: Node?) -> Bool { scalar(node) == .bool(true) }

  /// The value of a short node without children.
  private func scalar(_ node: Node?) -> Scalar? {
    guard let node, graph.payloadSize(of: node) <= 1024 else { return nil }
    return graph.scalar(of: node)
  }

  /// At most 1024 bytes; nil for anything else.
  ///
  /// Protocols that know no bytes have them as a str of characters below 256.
  func shortBytes(_ node: Node?) -> [UInt8]? {
    guard let node, graph.payloadSize(of: node) <= 1024 else { return nil }
    switch graph.kind(of: node) {
    case .bytes, .byteArray: return graph.payloadBytes(of: node)
    case .legacyString:
      guard case .string(let bytes)? = graph.scalar(of: node) else { return nil }
      return bytes
    case .string: return shortString(node).flatMap(Self.latin1)
    case .reduce:
      guard let object = MadeObject(node, in: graph), object.isPlain,
        object.makerName == "_codecs.encode"
      else { return nil }
      return shortString(object.argument(0)).flatMap(Self.latin1)
    default: return nil
    }
  }

  /// The bytes that a str of characters below 256 stands for.
  static func latin1(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// The value of a dict under a key that is a str.
  func value(inDict dict: Node?, _ key: String) -> Node? {
    guard let dict, graph.kind(of: dict) == .dict else { return nil }
    let children = graph.children(of: dict)
    for index in stride(from: children.startIndex, to: children.endIndex - 1, by: 2)
    where shortString(children[index]) == key { return children[index + 1] }
    return nil
  }

  /// The children of a tuple or list; nil for anything else.
  func elements(_ node: Node?) -> ObjectGraph.Children? {
    guard let node else { return nil }
    switch graph.kind(of: node) {
    case .tuple, .list: return graph.children(of: node)
    default: return nil
    }
  }

  /// A call as Python writes it, on one line; nil if an argument is too long for that.
  func call(_ name: String, _ arguments: some Sequence<Node>) throws(BlobError) -> Value? {
    var text = Array("\(name)(".utf8)
    var isFirst = true
    for argument in arguments {
      guard text.count <= Self.callLimit, let short = try shortText(of: argument) else {
        return nil
      }
      if !isFirst { text += ", ".utf8 }
      isFirst = false
      text += short
    }
    return .line(text + Array(")".utf8))
  }

  /// Longer calls are not written on one line.
  private static let callLimit = 4096
}
