import PodPickle

extension ValueReader {
  /// Arrays of numpy.
  static let arrays: [String: Recognizer] = [
    "numpy.ndarray": { object, reader throws(BlobError) in
      guard let array = reader.graph.arraySummary(of: object.node) else { return nil }
      return ArrayValue(array, reader.payload(of: array.elements)).map { .lined($0) }
    }
  ]
}

/// A numpy array of numbers.
struct ArrayValue: LinedValue {
  private let array: ArrayDescription
  private let elements: Payload

  /// Takes the elements of `array`, or fails if they are not of a kind that is rendered here.
  init?(_ array: ArrayDescription, _ elements: Payload) {
    guard ArrayText.accepts(array, byteCount: elements.count) else { return nil }
    self.array = array
    self.elements = elements
  }

  var heading: String {
    let shape = array.shape.map(String.init).joined(separator: ", ")
    let comma = array.shape.count == 1 ? "," : ""
    return "numpy.ndarray(shape=(\(shape)\(comma)), dtype=\(array.dtype))"
  }

  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError) {
    ArrayText(array, bytes: try elements.bytes())?.append(to: &output, indentation: indentation)
  }
}
