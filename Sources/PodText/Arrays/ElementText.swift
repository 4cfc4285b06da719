import PodPickle

/// Elements of arrays as text, straight into a buffer.
extension [UInt8] {
  /// Appends the element of `type` that begins at `offset` of `bytes`, which hold all of it.
  mutating func append(_ type: ElementType, of bytes: [UInt8], at offset: Int) {
    switch type.kind {
    case .bool: self += (bytes[offset] != 0 ? "True" : "False").utf8
    case .signed:
      append(decimal: bytes.signed(at: offset, type.width, type.isBigEndian))
    case .unsigned: append(decimal: bytes.word(at: offset, type.width, type.isBigEndian))
    case .float: append(floatOf: type.width, bytes, offset, type.isBigEndian, isWhole: false)
    case .complex: append(complex: type, of: bytes, at: offset)
    case .bytes:
      let text = bytes[offset..<(offset + type.width)]
      let end = text.lastIndex { $0 != 0 }.map { $0 + 1 } ?? offset
      self += PythonText.text(of: .bytes(Array(text[..<end])))
    case .unicode: append(unicode: type, of: bytes, at: offset)
    case .void:
      self += "b'".utf8
      for byte in bytes[offset..<(offset + type.width)] {
        self += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        self += [PythonText.hexDigit(byte >> 4), PythonText.hexDigit(byte & 15)]
      }
      append(UInt8(ascii: "'"))
    case .time(let unit):
      append(time: bytes.signed(at: offset, 8, type.isBigEndian), unit)
    case .duration(let unit):
      append(duration: bytes.signed(at: offset, 8, type.isBigEndian), unit)
    case .fields(let fields, _):
      append(UInt8(ascii: "("))
      for (index, field) in fields.enumerated() {
        if index > 0 { self += ", ".utf8 }
        append(field.type, of: bytes, at: offset + field.offset)
      }
      if fields.count == 1 { append(UInt8(ascii: ",")) }
      append(UInt8(ascii: ")"))
    case .array(let type, let shape):
      append(elementsOf: type, shape[...], bytes, offset)
    case .object, .string: self += "<object>".utf8
    }
  }

  /// Appends an array within an element as lists in lists.
  private mutating func append(
    elementsOf type: ElementType, _ shape: ArraySlice<Int>, _ bytes: [UInt8], _ offset: Int
  ) {
    guard let length = shape.first else { return append(type, of: bytes, at: offset) }
    let width = shape.dropFirst().reduce(type.width, *)
    append(UInt8(ascii: "["))
    for index in 0..<length {
      if index > 0 { self += ", ".utf8 }
      append(elementsOf: type, shape.dropFirst(), bytes, offset + index * width)
    }
    append(UInt8(ascii: "]"))
  }

  private mutating func append(duration ticks: Int64, _ unit: TimeUnit) {
    guard ticks != Self.noTime else { return self += "NaT".utf8 }
    let (value, overflow) = ticks.multipliedReportingOverflow(by: unit.multiple)
    append(decimal: overflow ? ticks : value)
    append(UInt8(ascii: " "))
    self += unit.word.utf8
  }

  /// Appends a number as `repr` writes a complex one: `(1+2j)`, and `2j` without a real part.
  private mutating func append(complex type: ElementType, of bytes: [UInt8], at offset: Int) {
    let width = type.width / 2
    func part(_ offset: Int) -> [UInt8] {
      var text: [UInt8] = []
      text.append(floatOf: width, bytes, offset, type.isBigEndian, isWhole: true)
      return text
    }
    let (real, imaginary) = (part(offset), part(offset + width))
    let isPure = real == [UInt8(ascii: "0")]
    if !isPure {
      append(UInt8(ascii: "("))
      self += real
      if imaginary.first != UInt8(ascii: "-") { append(UInt8(ascii: "+")) }
    }
    self += imaginary
    append(UInt8(ascii: "j"))
    if !isPure { append(UInt8(ascii: ")")) }
  }

  @inline(__always)
  private mutating func append(
    floatOf width: Int, _ bytes: [UInt8], _ offset: Int, _ isBigEndian: Bool, isWhole: Bool
  ) {
    switch width {
    case 8:
      let word = bytes.word(at: offset, 8, isBigEndian)
      append(float: Double(bitPattern: word), isWhole: isWhole)
    case 4:
      let word = UInt32(bytes.word(at: offset, 4, isBigEndian))
      append(float: Float(bitPattern: word), isWhole: isWhole)
    case 2: append(halfBits: UInt16(bytes.word(at: offset, 2, isBigEndian)), isWhole: isWhole)
    default: append(extended: Array(bytes[offset..<(offset + width)]), isBigEndian, isWhole)
    }
  }

  /// Appends a number of 80 bits, which numpy fills up to 12 or 16 bytes.
  private mutating func append(extended bytes: [UInt8], _ isBigEndian: Bool, _ isWhole: Bool) {
    let ordered = isBigEndian ? bytes.reversed() : bytes
    let significand = ordered.word(at: 0, 8, false)
    let head = ordered.word(at: 8, 2, false)
    #if arch(x86_64)
      let value = Float80(
        sign: head >> 15 == 1 ? .minus : .plus, exponentBitPattern: UInt(head & 0x7fff),
        significandBitPattern: significand)
      append(layout: value.description, isWhole)
    #else
      self += "0x\(String(head, radix: 16)):\(String(significand, radix: 16))".utf8
    #endif
  }

  /// Appends the digits of a number that Swift wrote, laid out as Python does.
  private mutating func append(layout text: String, _ isWhole: Bool) {
    let sign = text.hasPrefix("-") ? "-" : ""
    let parts = text.drop { $0 == "-" }.split(separator: "e")
    guard text.contains(where: \.isNumber), let number = parts.first else {
      return self += (text.hasSuffix("nan") || text.hasPrefix("snan") ? "nan" : text).utf8
    }
    let halves = number.split(separator: ".")
    let all = halves.joined()
    let digits = all.drop { $0 == "0" }
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let trimmed = String(digits.reversed().drop { $0 == "0" }.reversed())
    let point = (halves.first?.count ?? 0) - (all.count - digits.count) + power
    self += sign.utf8
    if trimmed.isEmpty {
      self += (isWhole ? "0" : "0.0").utf8
    } else if point > 16 || point < -3 {
      self += "\(trimmed.prefix(1))\(trimmed.count > 1 ? "." : "")\(trimmed.dropFirst())e".utf8
      self += (point < 1 ? "-" : "+").utf8
      append(decimal: UInt64((point - 1).magnitude), width: 2)
    } else if point <= 0 {
      self += "0.\(String(repeating: "0", count: -point))\(trimmed)".utf8
    } else if trimmed.count <= point {
      let zeros = String(repeating: "0", count: point - trimmed.count)
      self += "\(trimmed)\(zeros)\(isWhole ? "" : ".0")".utf8
    } else {
      self += "\(trimmed.prefix(point)).\(trimmed.dropFirst(point))".utf8
    }
  }

  /// Appends text of four bytes a character, in quotes.
  private mutating func append(unicode type: ElementType, of bytes: [UInt8], at offset: Int) {
    var text: [UInt8] = []
    var end = 0
    for place in stride(from: offset, to: offset + type.width, by: 4) {
      let code = UInt32(bytes.word(at: place, 4, type.isBigEndian))
      text.append(utf8: code)
      if code != 0 { end = text.count }
    }
    text.removeLast(text.count - end)
    self += PythonText.text(of: .string(text))
  }

  /// Appends a character as Python stores it: a lone surrogate takes three bytes.
  private mutating func append(utf8 code: UInt32) {
    switch code {
    case ..<0x80: append(UInt8(code))
    case ..<0x800: self += [UInt8(0xc0 | code >> 6), UInt8(0x80 | code & 0x3f)]
    case ..<0x10000:
      self += [UInt8(0xe0 | code >> 12), UInt8(0x80 | code >> 6 & 0x3f), UInt8(0x80 | code & 0x3f)]
    case ..<0x110000:
      self += [UInt8(0xf0 | code >> 18), UInt8(0x80 | code >> 12 & 0x3f)]
      self += [UInt8(0x80 | code >> 6 & 0x3f), UInt8(0x80 | code & 0x3f)]
    default: self += "\u{fffd}".utf8
    }
  }

  // MARK: Reading

  /// The unsigned integer of `width` bytes at `offset`.
  @inline(__always)
  func word(at offset: Int, _ width: Int, _ isBigEndian: Bool) -> UInt64 {
    let word = littleEndianWord(at: offset, width)
    return isBigEndian ? word.byteSwapped >> UInt64(64 &- 8 &* width) : word
  }

  /// The signed integer of `width` bytes at `offset`.
  @inline(__always)
  func signed(at offset: Int, _ width: Int, _ isBigEndian: Bool) -> Int64 {
    let shift = UInt64(64 &- 8 &* width)
    return Int64(bitPattern: word(at: offset, width, isBigEndian) << shift) >> Int64(shift)
  }

  @inline(__always)
  private func littleEndianWord(at offset: Int, _ width: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<width { word |= UInt64(self[offset + index]) << UInt64(8 &* index) }
    return word
  }
}
