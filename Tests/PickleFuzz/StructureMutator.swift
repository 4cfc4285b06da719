import PodTesting

/// Changes what a pickle holds, and leaves how it is built: numbers, texts and bytes are replaced by
/// others, and swapped, so that what looks at the fields of an object meets all kinds of them.
struct StructureMutator {
  /// An opcode with its argument.
  private struct Token {
    let range: Range<Int>
    let isAtom: Bool
    /// The width of the length in front of a text or of bytes.
    var lengthWidth = 0
  }

  /// The number of bytes of the arguments of opcodes, where it is always the same.
  private static let fixed: [UInt8: Int] = [
    0x80: 1, 0x4b: 1, 0x4d: 2, 0x4a: 4, 0x47: 8, 0x68: 1, 0x71: 1, 0x6a: 4, 0x72: 4, 0x82: 1,
    0x83: 2, 0x84: 4, 0x95: 8,
  ]
  /// The width of the length in front of arguments.
  private static let sized: [UInt8: Int] = [
    0x8c: 1, 0x58: 4, 0x8d: 8, 0x43: 1, 0x42: 4, 0x8e: 8, 0x96: 8, 0x8a: 1, 0x8b: 4, 0x54: 4,
    0x55: 1,
  ]
  private static let atoms: Set<UInt8> = [
    0x4b, 0x4d, 0x4a, 0x47, 0x8c, 0x58, 0x8d, 0x43, 0x42, 0x8e, 0x96, 0x8a, 0x8b, 0x4e, 0x88, 0x89,
  ]
  /// Numbers and others at which programs go wrong, as opcodes.
  private static let extremes: [[UInt8]] = [
    [0x4e], [0x88], [0x89], [0x4b, 0], [0x4b, 255], [0x4a, 255, 255, 255, 255],
    [0x4a, 0, 0, 0, 0x80], [0x8a, 0], [0x8a, 1, 0x80],
    [0x8a, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x80],
    [0x8a, 5, 0, 0, 0, 0, 1], [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [0x47, 0x7f, 0xf8] + [0, 0, 0, 0, 0, 0],
    [0x47, 0x7f, 0xef, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x8c, 0], [0x8c, 2, 0x66, 0x38],
    [0x8c, 1, 0x4f], [0x8c, 2, 0x4d, 0x38], [0x8c, 2, 0x55, 0x33], [0x8c, 1, 0x3e], [0x43, 0],
    [0x29], [0x5d], [0x7d], [0x8f],
  ]

  /// Returns `bytes` after some changes; `other` is what values are taken from besides.
  func mutate(
    _ bytes: [UInt8], with other: [UInt8], _ generator: inout SeededGenerator
  ) -> [UInt8] {
    let tokens = Self.tokens(of: bytes)
    let atoms = tokens.indices.filter { tokens[$0].isAtom }
    guard !atoms.isEmpty else { return bytes }
    let foreign = Self.tokens(of: other).filter(\.isAtom)
    var replaced: [Int: [UInt8]] = [:]
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let index = atoms.randomElement(using: &generator) ?? 0
      let second = atoms.randomElement(using: &generator) ?? 0
      let own = Array(bytes[tokens[index].range])
      switch Int.random(in: 0..<8, using: &generator) {
      case 0, 1: replaced[index] = Self.extremes.randomElement(using: &generator)
      case 2: replaced[index] = Array(bytes[tokens[second].range])
      case 3:
        replaced[index] = Array(bytes[tokens[second].range])
        replaced[second] = own
      case 4:
        replaced[index] = foreign.randomElement(using: &generator).map { Array(other[$0.range]) }
      case 5, 6: replaced[index] = Self.resized(own, tokens[index], &generator)
      default: replaced[index] = Self.changed(own, tokens[index], &generator)
      }
    }
    var output: [UInt8] = []
    for (index, token) in tokens.enumerated() where bytes[token.range.lowerBound] != 0x95 {
      output += replaced[index] ?? Array(bytes[token.range])
    }
    return output + bytes[(tokens.last?.range.upperBound ?? 0)...]
  }

  /// The opcodes, up to the first that is not known.
  private static func tokens(of bytes: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var offset = 0
    while offset < bytes.count {
      let opcode = bytes[offset]
      let width = sized[opcode] ?? 0
      var end = offset + 1 + (fixed[opcode] ?? 0) + width
      if "cPpgSVILFi".utf8.contains(opcode) {
        for _ in 0..<(opcode == UInt8(ascii: "c") || opcode == UInt8(ascii: "i") ? 2 : 1) {
          end = (bytes[min(end, bytes.count)...].firstIndex(of: 0x0a) ?? bytes.count) + 1
        }
      }
      guard end <= bytes.count else { break }
      let length = (0..<width).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + 1 + $1]) }
      guard length >= 0, length <= bytes.count - end else { break }
      end += length
      tokens.append(
        Token(range: offset..<end, isAtom: atoms.contains(opcode), lengthWidth: width))
      offset = end
    }
    return tokens
  }

  /// The same with a longer or shorter text.
  private static func resized(
    _ own: [UInt8], _ token: Token, _ generator: inout SeededGenerator
  ) -> [UInt8]? {
    guard token.lengthWidth > 0 else { return extremes.randomElement(using: &generator) }
    var body = Array(own[(1 + token.lengthWidth)...])
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: body = Array(body.prefix(Int.random(in: 0...body.count, using: &generator)))
    case 1: body += body.prefix(64)
    case 2: body.append(UInt8.random(in: 0...255, using: &generator))
    default: body = Array(body.dropLast())
    }
    if token.lengthWidth == 1, body.count > 255 { body = Array(body.prefix(255)) }
    let length = (0..<token.lengthWidth).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) }
    return [own[0]] + length + body
  }

  /// The same with another byte.
  private static func changed(
    _ own: [UInt8], _ token: Token, _ generator: inout SeededGenerator
  ) -> [UInt8]? {
    var own = own
    let start = 1 + token.lengthWidth
    guard own.count > start else { return extremes.randomElement(using: &generator) }
    own[Int.random(in: start..<own.count, using: &generator)] =
      UInt8.random(in: 0...255, using: &generator)
    return own
  }
}
