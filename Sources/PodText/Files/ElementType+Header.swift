/// Types of elements as the headers of arrays' files have them.
extension ElementType {
  /// Reads what `numpy.lib.format.dtype_to_descr` writes; nil if it is nothing that numpy has.
  init?(header literal: PythonLiteral) {
    switch literal {
    case .text(let code): self.init(code: code)
    case .sequence(let fields): self.init(fields: fields)
    case .none, .bool, .integer, .dict: return nil
    }
  }

  /// Reads an order, a letter and a width, such as `<f8`.
  private init?(code: [UInt8]) {
    guard code.count >= 2 else { return nil }
    let isBigEndian = code[0] == UInt8(ascii: ">")
    let letter = code[1]
    let digits = code[2...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    let count = Int(String(decoding: digits, as: UTF8.self)) ?? 0
    let rest = code[digits.endIndex...]
    guard count < 1 << 40 else { return nil }
    func type(_ kind: Kind, _ widths: Set<Int>) -> ElementType? {
      guard widths.contains(count), rest.isEmpty else { return nil }
      return ElementType(kind: kind, width: count, isBigEndian: isBigEndian && count > 1)
    }
    let found: ElementType? =
      switch letter {
      case UInt8(ascii: "b"): type(.bool, [1])
      case UInt8(ascii: "i"): type(.signed, [1, 2, 4, 8])
      case UInt8(ascii: "u"): type(.unsigned, [1, 2, 4, 8])
      case UInt8(ascii: "f"): type(.float, [2, 4, 8, 12, 16])
      case UInt8(ascii: "c"): type(.complex, [8, 16, 24, 32])
      case UInt8(ascii: "S"): type(.bytes, [count])
      case UInt8(ascii: "V"): type(.void, [count])
      case UInt8(ascii: "U"):
        rest.isEmpty
          ? ElementType(kind: .unicode, width: 4 * count, isBigEndian: isBigEndian) : nil
      case UInt8(ascii: "M"), UInt8(ascii: "m"):
        Self.unit(rest).flatMap { unit in
          count == 8
            ? ElementType(
              kind: letter == UInt8(ascii: "M") ? .time(unit) : .duration(unit), width: 8,
              isBigEndian: isBigEndian) : nil
        }
      default: nil
      }
    guard let found else { return nil }
    self = found
  }

  /// Reads a unit in brackets, such as `[25s]`; without any it is the generic one.
  private static func unit(_ text: ArraySlice<UInt8>) -> TimeUnit? {
    guard !text.isEmpty else { return TimeUnit(base: .generic, multiple: 1) }
    guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { return nil }
    let inner = text.dropFirst().dropLast()
    let digits = inner.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    let multiple = digits.isEmpty ? 1 : Int64(String(decoding: digits, as: UTF8.self))
    guard let multiple else { return nil }
    return TimeUnit(name: Array(inner[digits.endIndex...]), multiple: multiple)
  }

  /// Reads fields one behind the other; those without a name fill gaps.
  private init?(fields entries: [PythonLiteral]) {
    var fields: [Field] = []
    var offset = 0
    for entry in entries {
      guard case .sequence(let parts) = entry, parts.count == 2 || parts.count == 3,
        let name = Self.name(parts[0]), var type = ElementType(header: parts[1]), !type.isObject
      else { return nil }
      if parts.count == 3 {
        guard let shape = NumpyFile.lengths(parts[2]),
          let width = NumpyFile.size(of: shape, width: type.width)
        else { return nil }
        type = ElementType(kind: .array(type, shape: shape), width: width)
      }
      let isGap = name.isEmpty && (parts[1] == .text(Array("|V\(type.width)".utf8)))
      if !isGap { fields.append(Field(name: name, type: type, offset: offset)) }
      let (end, overflow) = offset.addingReportingOverflow(type.width)
      guard !overflow else { return nil }
      offset = end
    }
    self.init(kind: .fields(fields, isAligned: false), width: offset)
  }

  /// The name of a field, which may have a title before it.
  private static func name(_ literal: PythonLiteral) -> [UInt8]? {
    switch literal {
    case .text(let name): return name
    case .sequence(let parts):
      guard parts.count == 2, case .text(let name) = parts[1] else { return nil }
      return name
    case .none, .bool, .integer, .dict: return nil
    }
  }
}
