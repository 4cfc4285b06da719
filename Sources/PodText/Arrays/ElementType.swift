import PodPickle

/// The type of the elements of an array: what a dtype of numpy says.
struct ElementType: Sendable {
  indirect enum Kind: Sendable {
    case bool, signed, unsigned, float, complex
    /// Bytes and text of a fixed length, filled up with zeros.
    case bytes, unicode
    /// Bytes that mean nothing to numpy.
    case void
    case time(TimeUnit)
    case duration(TimeUnit)
    /// Any object of Python.
    case object
    /// Text of any length.
    case string
    case fields([Field], isAligned: Bool)
    case array(ElementType, shape: [Int])
  }

  struct Field: Sendable {
    var name: [UInt8]
    var type: ElementType
    /// Where the field begins in an element.
    var offset: Int
  }

  var kind: Kind
  /// The number of bytes of an element.
  var width: Int
  var isBigEndian = false

  /// Whether elements are objects rather than bytes.
  var isObject: Bool {
    switch kind {
    case .object, .string: true
    default: false
    }
  }

  /// The type as `str` writes it.
  var name: String {
    let word: String
    switch kind {
    case .bool: return "bool"
    case .object: return "object"
    case .string: return "StringDType()"
    case .signed: word = "int"
    case .unsigned: word = "uint"
    case .float: word = "float"
    case .complex: word = "complex"
    case .bytes: return "|S\(width)"
    case .unicode: return "\(isBigEndian ? ">" : "<")U\(width / 4)"
    case .void: return "|V\(width)"
    case .time(let unit): return isBigEndian ? ">M8[\(unit.name)]" : "datetime64[\(unit.name)]"
    case .duration(let unit): return isBigEndian ? ">m8[\(unit.name)]" : "timedelta64[\(unit.name)]"
    case .fields, .array: return code
    }
    return isBigEndian ? code : "\(word)\(width * 8)"
  }

  /// The type as it stands within another one.
  private var code: String {
    let order = isBigEndian ? ">" : width == 1 ? "|" : "<"
    switch kind {
    case .bool: return "?"
    case .signed: return "\(order)i\(width)"
    case .unsigned: return "\(order)u\(width)"
    case .float: return "\(order)f\(width)"
    case .complex: return "\(order)c\(width)"
    case .time(let unit): return "\(order)M8[\(unit.name)]"
    case .duration(let unit): return "\(order)m8[\(unit.name)]"
    case .object: return "O"
    case .bytes, .unicode, .void, .string: return name
    case .fields(let fields, let isAligned): return Self.text(of: fields, isAligned, width: width)
    case .array(let type, let shape): return "(\(type.quotedCode), \(shapeText(shape)))"
    }
  }

  /// The type as `repr` writes it within the call that makes it.
  var quotedName: String {
    switch kind {
    case .fields, .array: name
    default: "'\(name)'"
    }
  }

  private var quotedCode: String {
    switch kind {
    case .fields, .array: code
    default: "'\(code)'"
    }
  }

  private static func text(of fields: [Field], _ isAligned: Bool, width: Int) -> String {
    var end = 0
    var isPacked = !isAligned
    for field in fields {
      isPacked = isPacked && field.offset == end
      end = field.offset + field.type.width
    }
    let names = fields.map { field in
      String(decoding: PythonText.text(of: .string(field.name)), as: UTF8.self)
    }
    if isPacked, end == width {
      let parts = zip(names, fields).map { name, field in
        if case .array(let type, let shape) = field.type.kind {
          return "(\(name), \(type.quotedCode), \(shapeText(shape)))"
        }
        return "(\(name), \(field.type.quotedCode))"
      }
      return "[\(parts.joined(separator: ", "))]"
    }
    let formats = fields.map(\.type.quotedCode).joined(separator: ", ")
    let offsets = fields.map { String($0.offset) }.joined(separator: ", ")
    return "{'names': [\(names.joined(separator: ", "))], 'formats': [\(formats)], "
      + "'offsets': [\(offsets)], 'itemsize': \(width)\(isAligned ? ", 'aligned': True" : "")}"
  }
}

/// A shape as Python writes the tuple.
func shapeText(_ shape: [Int]) -> String {
  "(\(shape.map(String.init).joined(separator: ", "))\(shape.count == 1 ? "," : ""))"
}
