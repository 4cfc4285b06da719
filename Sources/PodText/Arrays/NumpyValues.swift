import PodPickle

/// Values of numpy.
extension ValueReader {
  /// Arrays, by their class or by what makes those of any class.
  static let arrays: [String: Recognizer] = [
    "numpy.ndarray": array,
    "numpy.core.multiarray._reconstruct": array,
    "numpy._core.multiarray._reconstruct": array,
    "numpy.ma.core._mareconstruct": maskedArray,
    "numpy.ma.core.MaskedConstant": { _, _ throws(BlobError) in .line("numpy.ma.masked") },
    "numpy.generic": scalar,
    "numpy.dtype": { object, reader throws(BlobError) in
      reader.elementType(of: object.node).map { .line("numpy.dtype(\($0.quotedName))") }
    },
  ]

  private static let array: Recognizer = { object, reader throws(BlobError) in
    guard let array = reader.numpyArray(object) else { return nil }
    return reader.value(of: array)
  }

  /// What an array is shown as.
  private func value(of array: NumpyArray) -> Value {
    let name = PythonText.name(Self.shortName(array.className))
    let heading = "\(name)(shape=\(shapeText(array.shape)), dtype=\(array.type.name))"
    switch array.elements {
    case .memory(let elements): return .lined(ArrayValue(heading: heading, elements: elements))
    case .nodes(let nodes): return .composite(form(of: nodes, heading: heading))
    }
  }

  /// Objects of arrays of several dimensions up to so many are named by their indexes.
  static let indexedLimit = 100_000

  private func form(of elements: NodeElements, heading: String) -> Composite {
    var form = Composite(open: String(heading.dropLast()) + ", [", close: "])", order: .sequence)
    let isWhole = elements.offset == 0 && elements.count == elements.nodes.count
    let isPlain = elements.shape.count == 1 && elements.strides == [1]
    if isWhole, isPlain || elements.count > Self.indexedLimit {
      form.sections = [.items(elements.nodes, first: 0)]
    } else if elements.count <= Self.indexedLimit {
      form.sections = [
        .parts(
          (0..<elements.count).map { index in
            let indexes = Self.indexText(index, elements.shape)
            return Part(step: .made(indexes), content: .node(elements[index]))
          })
      ]
    } else {
      form.sections = [.elements((0..<elements.count).map { elements[$0] })]
    }
    return form
  }

  /// The indexes of the element with the number `index`, in brackets.
  private static func indexText(_ index: Int, _ shape: [Int]) -> String {
    var rest = index
    var indexes: [String] = []
    for length in shape.reversed() {
      indexes.append(String(rest % length))
      rest /= length
    }
    return "[\(indexes.reversed().joined(separator: ", "))]"
  }

  private static let maskedArray: Recognizer = { object, reader throws(BlobError) in
    guard let array = reader.numpyArray(object), case .memory(let elements) = array.elements,
      let state = object.states.last, reader.graph.children(of: state).count == 7
    else { return nil }
    let parts = Array(reader.graph.children(of: state))
    let mask = reader.payload(of: parts[5])
    let isFortran = reader.graph.scalar(of: parts[3]) == .bool(true)
    let type = ElementType(kind: .bool, width: 1)
    let strides = ArrayElements.strides(of: array.shape, width: 1, isFortran: isFortran)
    guard mask.count == elements.count,
      let masked = ArrayElements(
        mask, type: type, shape: array.shape, strides: strides, offset: 0, count: elements.count)
    else { return nil }
    let fill = try reader.fillText(parts[6])
    let heading =
      "numpy.ma.MaskedArray(shape=\(shapeText(array.shape)), dtype=\(array.type.name)"
      + "\(fill))"
    return .lined(ArrayValue(heading: heading, elements: elements, mask: masked))
  }

  /// What stands for masked elements, if it says so.
  private func fillText(_ node: Node) throws(BlobError) -> String {
    guard let array = numpyArray(of: node), case .memory(let elements) = array.elements,
      elements.count == 1, elements.type.width <= ValueReader.lineLimit
    else { return "" }
    var text: [UInt8] = []
    text.append(elements.type, of: try elements.bytes(of: 0..<1), at: 0)
    return ", fill_value=\(String(decoding: text, as: UTF8.self))"
  }

  /// A number of numpy's own types, on a line: `numpy.float32(0.1)`.
  private static let scalar: Recognizer = { object, reader throws(BlobError) in
    guard let first = object.argument(0), let second = object.argument(1),
      let type = reader.elementType(of: first), !type.isObject,
      case .bytes(let bytes)? = reader.graph.scalar(of: second), bytes.count == type.width
    else { return nil }
    var text: [UInt8] = []
    text.append(type, of: bytes, at: 0)
    return .line(Array("numpy.\(type.scalarName)(".utf8) + type.argument(text) + Array(")".utf8))
  }

  /// A class without the modules of numpy in which it happens to stand.
  private static func shortName(_ name: String) -> String {
    guard name.hasPrefix("numpy."), let last = name.split(separator: ".").last else { return name }
    return "numpy.\(last)"
  }
}

extension ElementType {
  /// The class of one element.
  fileprivate var scalarName: String {
    switch kind {
    case .bytes: "bytes_"
    case .unicode: "str_"
    case .void, .fields, .array: "void"
    case .time: "datetime64"
    case .duration: "timedelta64"
    case .float where width > 8: "longdouble"
    case .complex where width > 16: "clongdouble"
    default: isBigEndian ? ElementType(kind: kind, width: width).name : name
    }
  }

  /// What an element with the text `text` is made with.
  fileprivate func argument(_ text: [UInt8]) -> [UInt8] {
    switch kind {
    case .time: return Array("'".utf8) + text + Array("'".utf8)
    case .float where width > 8: return Array("'".utf8) + text + Array("'".utf8)
    case .duration(let unit):
      guard let space = text.firstIndex(of: UInt8(ascii: " ")) else {
        return Array("'NaT', '\(unit.base.rawValue)'".utf8)
      }
      return text[..<space] + Array(", '\(unit.base.rawValue)'".utf8)
    case .complex where text.first == UInt8(ascii: "("): return Array(text.dropFirst().dropLast())
    case .fields: return text + Array(", dtype=\(name)".utf8)
    default: return text
    }
  }
}
