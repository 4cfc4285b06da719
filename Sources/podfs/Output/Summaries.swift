import PodModel

extension ValueSummary {
  /// The dimensions and the element type for a person: `150×4 float64`, `3`, or nothing.
  var shapeText: String {
    let dimensions = shape.map { $0.map(String.init).joined(separator: "×") }
    return [dimensions, dtype].compactMap(\.self).joined(separator: " ")
  }

  /// Type, dimensions and size in one phrase: `numpy.ndarray 150×4 float64, 4.8 KiB`.
  var phrase: String {
    [type, shapeText].filter { !$0.isEmpty }.joined(separator: " ") + ", " + byteText(size)
  }

  /// The members that describe a value to a program.
  var json: JSON {
    .object([
      "type": .string(type), "shape": .numbers(orNull: shape), "dtype": .string(orNull: dtype),
      "size": .number(size),
    ])
  }
}

extension Version {
  /// What tells values apart: equal for equal bytes, in any session.
  struct Value: Hashable {
    let content: ContentID
    let root: Int
  }

  /// The value that the version holds.
  var value: Value { Value(content: content, root: root) }
}
