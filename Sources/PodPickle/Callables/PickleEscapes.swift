/// The texts of pickles of protocol 0, in which a name may be hidden by escapes.
enum PickleEscapes {
  /// What Python reads between the quotes of a STRING.
  static func string(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
        output.append(byte)
        continue
      }
      switch escape {
      case UInt8(ascii: "\n"): break
      case UInt8(ascii: "n"): output.append(0x0a)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0d)
      case UInt8(ascii: "x"):
        output.append(UInt8(truncatingIfNeeded: number(&rest, 16, digits: 2) ?? 0))
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        let first = UInt32(escape - UInt8(ascii: "0"))
        output.append(UInt8(truncatingIfNeeded: number(&rest, 8, digits: 2, after: first) ?? 0))
      default: output.append(escape)
      }
    }
    return output
  }

  /// What Python reads in the line of a UNICODE.
  static func unicode(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      let digits = rest.first == UInt8(ascii: "u") ? 4 : rest.first == UInt8(ascii: "U") ? 8 : 0
      guard byte == UInt8(ascii: "\\"), digits > 0 else {
        output.append(byte)
        continue
      }
      rest.removeFirst()
      let scalar = number(&rest, 16, digits: digits).flatMap { Unicode.Scalar($0) }
      output += String(Character(scalar ?? "\u{fffd}")).utf8
    }
    return output
  }

  /// Takes up to `digits` digits.
  private static func number(
    _ rest: inout ArraySlice<UInt8>, _ radix: UInt32, digits: Int, after first: UInt32? = nil
  ) -> UInt32? {
    var value = first
    for _ in 0..<digits {
      guard let byte = rest.first,
        let digit = Character(Unicode.Scalar(byte)).hexDigitValue.map({ UInt32($0) }),
        digit < radix
      else { break }
      value = (value ?? 0) &* radix &+ digit
      rest.removeFirst()
    }
    return value
  }
}
