import PodPickle

extension ValueReader {
  /// Arrays of the module `array`.
  static let machineArrays: [String: Recognizer] = [
    "array._array_reconstructor": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 4,
        let code = reader.shortString(object.argument(1)), code.count == 1,
        let format = reader.integer(object.argument(2)), let elements = object.argument(3),
        reader.graph.kind(of: elements) == .bytes
      else { return nil }
      return MachineArray(code, format: format, reader.payload(of: elements)).map { .lined($0) }
    }
  ]
}

/// An array of the module `array`, an element a line.
private struct MachineArray: LinedValue {
  private let code: String
  private let form: Form
  private let elements: Payload

  private struct Form {
    enum Kind { case unsigned, signed, float, text }
    let kind: Kind
    let width: Int
    let isBigEndian: Bool
  }

  /// - Parameter format: the number of the form that the elements have in memory.
  init?(_ code: String, format: Int, _ elements: Payload) {
    let kinds: [(Form.Kind, Int)] = [
      (.unsigned, 2), (.signed, 2), (.unsigned, 4), (.signed, 4), (.unsigned, 8), (.signed, 8),
      (.float, 4), (.float, 8), (.text, 2), (.text, 4),
    ]
    switch format {
    case 0, 1: form = Form(kind: format == 0 ? .unsigned : .signed, width: 1, isBigEndian: false)
    case 2..<22:
      let (kind, width) = kinds[(format - 2) / 2]
      form = Form(kind: kind, width: width, isBigEndian: format % 2 == 1)
    default: return nil
    }
    guard elements.count % form.width == 0 else { return nil }
    self.code = PythonText.name(code)
    self.elements = elements
  }

  var heading: String { "array('\(code)', length=\(elements.count / form.width))" }

  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError) {
    // Whole elements of any width.
    let step = 64 << 10
    for start in stride(from: 0, to: elements.count, by: step) {
      let bytes = try elements.bytes(in: start..<min(start + step, elements.count))
      for element in stride(from: 0, to: bytes.count, by: form.width) {
        output.bytes += repeatElement(UInt8(ascii: " "), count: indentation)
        output.bytes += text(word(bytes[element..<(element + form.width)]))
        output.endLine()
      }
    }
  }

  private func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    form.isBigEndian
      ? bytes.reduce(0) { $0 << 8 | UInt64($1) }
      : bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func text(_ word: UInt64) -> [UInt8] {
    switch form.kind {
    case .unsigned: return Array(String(word).utf8)
    case .signed:
      let shift = UInt64(64 - 8 * form.width)
      return Array(String(Int64(bitPattern: word << shift) >> Int64(shift)).utf8)
    case .float:
      let value =
        form.width == 8
        ? Double(bitPattern: word) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
      return Array(PythonText.float(value).utf8)
    case .text:
      guard let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: word)) else {
        return Array("0x\(String(word, radix: 16))".utf8)
      }
      return PythonText.text(of: .string(Array(String(Character(scalar)).utf8)))
    }
  }
}
