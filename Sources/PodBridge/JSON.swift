/// A value to be written as JSON.
enum JSON {
  case null
  case bool(Bool)
  case number(Int64)
  case string(String)
  case array([JSON])
  case object(KeyValuePairs<String, JSON>)

  /// The value in ASCII, without spaces.
  var text: String {
    var output: [UInt8] = []
    write(to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  private func write(to output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .number(let value): output += String(value).utf8
    case .string(let value): Self.write(value, to: &output)
    case .array(let values):
      Self.write(values, between: "[]", to: &output) { $0.write(to: &$1) }
    case .object(let members):
      Self.write(members, between: "{}", to: &output) { member, output in
        Self.write(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.write(to: &output)
      }
    }
  }

  private static func write<Items: Collection>(
    _ items: Items, between brackets: StaticString, to output: inout [UInt8],
    _ writeItem: (Items.Element, inout [UInt8]) -> Void
  ) {
    let brackets = Array(brackets.description.utf8)
    output.append(brackets[0])
    for (index, item) in items.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      writeItem(item, &output)
    }
    output.append(brackets[1])
  }

  private static func write(_ string: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for unit in string.utf16 {
      switch unit {
      case UInt16(UInt8(ascii: "\"")), UInt16(UInt8(ascii: "\\")):
        output += [UInt8(ascii: "\\"), UInt8(unit)]
      case 0x20..<0x7F: output.append(UInt8(unit))
      default:
        let digits = String(unit, radix: 16)
        output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
