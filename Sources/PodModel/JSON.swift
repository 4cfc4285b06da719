/// A value to be written as JSON, for other programs.
public enum JSON: Sendable {
  /// No value.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case number(Int64)
  /// A number with a fraction.
  case fraction(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSON])
  /// Named values, written in this order.
  case object(KeyValuePairs<String, JSON>)
}

extension JSON: CustomStringConvertible {
  /// The value on one line, as RFC 8259 has it.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): String(value)
    case .fraction(let value): value.isFinite ? "\(value)" : "null"
    case .string(let text): Self.quoted(text)
    case .array(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0) + ": \($1)" }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\u{0}"..."\u{1f}", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// The text, or null.
  public static func string(orNull text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// The number, or null.
  public static func number(orNull value: Int64?) -> JSON { value.map { .number($0) } ?? .null }

  /// An array of numbers, or null.
  public static func numbers(orNull values: [Int64]?) -> JSON {
    values.map { .array($0.map { .number($0) }) } ?? .null
  }
}
