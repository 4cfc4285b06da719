import PodPickle

extension ValueReader {
  /// Identifiers, paths, addresses and patterns, as Python's `repr` has them.
  static let names: [String: Recognizer] = {
    var recognizers: [String: Recognizer] = [
      "uuid.UUID": uuid,
      "re._compile": pattern,
      "ipaddress.IPv4Address": { object, reader throws(BlobError) in
        guard object.isPlain, object.arguments.count == 1,
          let number = reader.integer(object.argument(0)), let address = UInt32(exactly: number)
        else { return nil }
        let parts = [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }
        return .line("IPv4Address('\(parts.joined(separator: "."))')")
      },
    ]
    for name in ["PurePosixPath", "PureWindowsPath", "PosixPath", "WindowsPath"] {
      recognizers["pathlib.\(name)"] = path
    }
    for name in ["IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface"] {
      recognizers["ipaddress.\(name)"] = call(name)
    }
    return recognizers
  }()

  private static let uuid: Recognizer = { object, reader throws(BlobError) in
    guard object.arguments.isEmpty, object.states.count == 1, object.items.isEmpty,
      let number = reader.bits128(reader.value(inDict: object.states[0], "int"))
    else { return nil }
    let short = String(number, radix: 16)
    let digits = Array(String(repeating: "0", count: 32 - short.count) + short)
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
    return .line("UUID('\(groups.joined(separator: "-"))')")
  }

  /// The parts of a path are its arguments; the first may be a root.
  private static let path: Recognizer = { object, reader throws(BlobError) in
    guard object.isPlain, object.arguments.count <= 256 else { return nil }
    var text = ""
    for argument in object.arguments {
      guard let part = reader.shortString(argument) else { return nil }
      if !text.isEmpty, !text.hasSuffix("/") { text += "/" }
      text += part.replacing("\\", with: object.className.hasSuffix("WindowsPath") ? "/" : "\\")
    }
    let name = object.className.dropFirst("pathlib.".count)
    let quoted = PythonText.text(of: .string(Array((text.isEmpty ? "." : text).utf8)))
    return .line(Array("\(name)(".utf8) + quoted + Array(")".utf8))
  }

  private static let pattern: Recognizer = { object, reader throws(BlobError) in
    guard object.isPlain, object.arguments.count == 2, let pattern = object.argument(0),
      let bits = reader.integer(object.argument(1)), let flags = UInt32(exactly: bits),
      let text = try reader.shortText(of: pattern)
    else { return nil }
    let isText = [.string, .legacyString].contains(reader.graph.kind(of: pattern))
    var names = patternFlags.filter { flags & $0.bit != 0 }.map { "re.\($0.name)" }
    let rest = flags & ~(patternFlags.reduce(isText ? 32 : 0) { $0 | $1.bit })
    if rest != 0 { names.append("0x\(String(rest, radix: 16))") }
    let end = names.isEmpty ? ")" : ", \(names.joined(separator: "|")))"
    return .line(Array("re.compile(".utf8) + text + Array(end.utf8))
  }

  private static let patternFlags: [(bit: UInt32, name: String)] = [
    (2, "IGNORECASE"), (4, "LOCALE"), (8, "MULTILINE"), (16, "DOTALL"), (64, "VERBOSE"),
    (128, "DEBUG"), (256, "ASCII"),
  ]

  /// An int from 0 below 2^128; nil for anything else.
  private func bits128(_ node: Node?) -> UInt128? {
    guard let node, graph.payloadSize(of: node) <= 64 else { return nil }
    switch graph.scalar(of: node) {
    case .int(let value): return UInt128(exactly: value)
    case .bigInt(let digits):
      // One byte more where the topmost bit would be a sign.
      guard digits.count <= 17, (digits.last ?? 0) & 0x80 == 0,
        digits.count < 17 || digits.last == 0
      else { return nil }
      return digits.prefix(16).reversed().reduce(0) { $0 << 8 | UInt128($1) }
    case .other(let digits): return UInt128(digits)
    default: return nil
    }
  }
}
