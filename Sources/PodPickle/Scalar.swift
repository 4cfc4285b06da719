/// A number, text or constant that a pickle holds, decoded.
public enum Scalar: Equatable, Sendable {
  case none
  case bool(Bool)
  case int(Int64)
  /// An integer of over 64 bits: two's complement, little-endian.
  case bigInt([UInt8])
  case float(Double)
  /// UTF-8, in which Python's lone surrogates may stand as three bytes each.
  case string([UInt8])
  case bytes([UInt8])
  case byteArray([UInt8])
  /// A number in digits, as protocol 0 writes it, or an extension code.
  case other(String)
}

extension ObjectGraph {
  /// The blob of a text, bytes or bytearray node whose payload is not in memory.
  public func blob(of node: Node) -> Blob? {
    guard !kind(of: node).hasChildren, case .blob(let blob) = payload(of: node) else { return nil }
    return blob
  }

  /// The bytes of a node without children, where they are in memory.
  public func payloadBytes(of node: Node) -> [UInt8]? {
    guard !kind(of: node).hasChildren, case .memory(let source, let range) = payload(of: node)
    else {
      return nil
    }
    return source.bytes(in: range)
  }

  /// The number of bytes in the payload of a node without children; 0 for others.
  public func payloadSize(of node: Node) -> Int {
    kind(of: node).hasChildren ? 0 : payloadCount(of: node)
  }

  /// Appends the bytes of a node without children, where they are in memory; false for others.
  public func appendPayload(ofAtom node: Node, to output: inout [UInt8]) -> Bool {
    guard !kind(of: node).hasChildren, !isBlob(node) else { return false }
    appendPayload(of: node, to: &output)
    return true
  }

  /// The value of a node without children; nil for others, and for blobs.
  public func scalar(of node: Node) -> Scalar? {
    let kind = kind(of: node)
    if kind == .atom, let scalar = shortAtom(node) { return scalar }
    guard let bytes = payloadBytes(of: node) else { return nil }
    switch kind {
    case .string: return .string(bytes)
    case .bytes: return .bytes(bytes)
    case .byteArray: return .byteArray(bytes)
    case .legacyString: return Self.legacyString(bytes)
    default: return Self.atom(bytes)
    }
  }

  /// The value of an atom of a few bytes, as the present protocols write most; nil for others.
  private func shortAtom(_ node: Node) -> Scalar? {
    guard !isBlob(node) else { return nil }
    let source = sourceNumber(of: node)
    let range = payloadRange(of: node)
    guard (1...9).contains(range.count) else { return nil }
    let opcode = sources.byte(source, at: range.lowerBound)
    switch (opcode, range.count) {
    case (Opcode.none, 1): return Scalar.none
    case (Opcode.newTrue, 1): return .bool(true)
    case (Opcode.newFalse, 1): return .bool(false)
    case (Opcode.binInt1, 2), (Opcode.binInt2, 3), (Opcode.binInt, 5), (Opcode.binFloat, 9): break
    default: return nil
    }
    // The bytes of a float stand in the order of a network, those of an int in that of a processor.
    var word: UInt64 = 0
    for index in 1..<range.count {
      let place = opcode == Opcode.binFloat ? index : range.count - index
      word = word << 8 | UInt64(sources.byte(source, at: range.lowerBound + place))
    }
    if opcode == Opcode.binFloat { return .float(Double(bitPattern: word)) }
    let isSigned = opcode == Opcode.binInt
    return .int(isSigned ? Int64(Int32(truncatingIfNeeded: word)) : Int64(word))
  }

  private static func atom(_ bytes: [UInt8]) -> Scalar? {
    let argument = bytes.dropFirst()
    switch bytes.first {
    case Opcode.none: return Scalar.none
    case Opcode.newTrue: return .bool(true)
    case Opcode.newFalse: return .bool(false)
    case Opcode.binFloat:
      return .float(Double(bitPattern: argument.reduce(0) { $0 << 8 | UInt64($1) }))
    case Opcode.binInt1, Opcode.binInt2: return .int(littleEndian(argument, signed: false))
    case Opcode.binInt: return .int(littleEndian(argument, signed: true))
    case Opcode.long1: return long(bytes.dropFirst(2))
    case Opcode.long4: return long(bytes.dropFirst(5))
    case Opcode.int, Opcode.long, Opcode.float: return line(argument.dropLast(), bytes[0])
    case Opcode.extension1, Opcode.extension2, Opcode.extension4:
      return .other("extension \(littleEndian(argument, signed: false))")
    default: return nil
    }
  }

  private static func long(_ digits: ArraySlice<UInt8>) -> Scalar {
    if digits.isEmpty { return .int(0) }
    return digits.count <= 8 ? .int(littleEndian(digits, signed: true)) : .bigInt(Array(digits))
  }

  /// A number in digits: `I01` and `I00` are bools, a long may end in L.
  private static func line(_ digits: ArraySlice<UInt8>, _ opcode: UInt8) -> Scalar {
    let text = String(decoding: digits.filter { $0 != UInt8(ascii: "L") }, as: UTF8.self)
    if opcode == Opcode.int, text == "00" || text == "01" { return .bool(text == "01") }
    if opcode != Opcode.float, let value = Int64(text) { return .int(value) }
    if opcode == Opcode.float, let value = Double(text) { return .float(value) }
    return .other(text)
  }

  /// A string of protocol 0 or of Python 2.
  private static func legacyString(_ bytes: [UInt8]) -> Scalar {
    switch bytes.first {
    case Opcode.shortBinString: .string(Array(bytes.dropFirst(2)))
    case Opcode.binString: .string(Array(bytes.dropFirst(5)))
    case Opcode.string:
      .string(LegacyText.plain(bytes.dropFirst(2).dropLast(2)))
    default: .string(LegacyText.unicode(bytes.dropFirst().dropLast()))
    }
  }
}
