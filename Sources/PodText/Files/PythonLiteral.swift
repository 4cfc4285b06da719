/// A literal of Python, as the header of an array's file has it: read, never run.
enum PythonLiteral: Equatable {
  case none
  case bool(Bool)
  case integer(Int)
  case text([UInt8])
  /// A tuple or a list.
  case sequence([PythonLiteral])
  /// A dict whose keys are texts.
  case dict([[UInt8]: PythonLiteral])

  /// Reads one literal that is all of `bytes`, but for white space around it.
  init?(parsing bytes: [UInt8]) {
    var parser = Parser(bytes: bytes)
    guard let literal = parser.literal(depth: 0), parser.isAtEnd else { return nil }
    self = literal
  }

  private struct Parser {
    private static let depthLimit = 16

    let bytes: [UInt8]
    var place = 0

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return place == bytes.count
      }
    }

    private mutating func skipSpace() {
      while place < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[place]) { place += 1 }
    }

    /// Takes `character`, if it comes next.
    private mutating func take(_ character: Character) -> Bool {
      skipSpace()
      guard place < bytes.count, bytes[place] == character.asciiValue else { return false }
      place += 1
      return true
    }

    mutating func literal(depth: Int) -> PythonLiteral? {
      guard depth < Self.depthLimit else { return nil }
      if take("(") { return sequence(until: ")", depth) }
      if take("[") { return sequence(until: "]", depth) }
      if take("{") { return dict(depth) }
      if take("'") { return text(until: UInt8(ascii: "'")) }
      if take("\"") { return text(until: UInt8(ascii: "\"")) }
      return word()
    }

    private mutating func sequence(until end: Character, _ depth: Int) -> PythonLiteral? {
      var items: [PythonLiteral] = []
      while !take(end) {
        guard let item = literal(depth: depth + 1) else { return nil }
        items.append(item)
        guard take(",") else { return take(end) ? .sequence(items) : nil }
      }
      return .sequence(items)
    }

    private mutating func dict(_ depth: Int) -> PythonLiteral? {
      var items: [[UInt8]: PythonLiteral] = [:]
      while !take("}") {
        guard case .text(let key)? = literal(depth: depth + 1), take(":"),
          let value = literal(depth: depth + 1)
        else { return nil }
        items[key] = value
        guard take(",") else { return take("}") ? .dict(items) : nil }
      }
      return .dict(items)
    }

    /// Reads up to the quote.
    ///
    /// Of escapes, which names of fields may need, those of one character are known.
    private mutating func text(until quote: UInt8) -> PythonLiteral? {
      var text: [UInt8] = []
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if byte == quote { return .text(text) }
        if byte == UInt8(ascii: "\\") {
          guard place < bytes.count, [quote, byte].contains(bytes[place]) else { return nil }
          text.append(bytes[place])
          place += 1
        } else {
          text.append(byte)
        }
      }
      return nil
    }

    private mutating func word() -> PythonLiteral? {
      skipSpace()
      let rest = bytes[place...]
      let word = rest.prefix {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
          || $0 == UInt8(ascii: "-")
      }
      place = word.endIndex
      let text = String(decoding: word, as: UTF8.self)
      switch text {
      case "None": return PythonLiteral.none
      case "True": return .bool(true)
      case "False": return .bool(false)
      default:
        // Python 2 wrote lengths as 3L.
        return Int(text.hasSuffix("L") ? String(text.dropLast()) : text).map { .integer($0) }
      }
    }
  }
}
