/// The file of one array of numpy (`.npy`).
///
///     \x93NUMPY, major, minor, the count of bytes in the header: 2 in version 1, else 4
///     the header: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)}
///     the elements
enum NumpyFile {
  /// A longer header is not read.
  private static let headerLimit = 1 << 20
  /// Arrays have this many dimensions at most.
  private static let dimensionLimit = 64
  /// Elements without bytes are no reason to write lines without end.
  private static let emptyLimit = 1 << 20

  /// Returns the array that a file is; nil if it is none, or of objects.
  static func array(in file: Payload) throws(BlobError) -> ArrayValue? {
    try array(in: file, 0..<file.count)
  }

  /// Returns the array that a stretch of a file is.
  static func array(
    in file: Payload, _ range: Range<Int>
  ) throws(BlobError) -> ArrayValue? {
    guard range.count >= 12, let head = try file.bytes(at: range.lowerBound, count: 12),
      head.begins(0x93), head.has("NUMPY", at: 1), (1...3).contains(head[6])
    else { return nil }
    let start = head[6] == 1 ? 10 : 12
    guard let count = head.number(at: 8, start - 8), count <= Self.headerLimit,
      count <= range.count - start,
      let header = try file.bytes(at: range.lowerBound + start, count: count)
    else { return nil }
    return array(header, in: file, (range.lowerBound + start + count)..<range.upperBound)
  }

  private static func array(
    _ header: [UInt8], in file: Payload, _ range: Range<Int>
  ) -> ArrayValue? {
    guard case .dict(let entries)? = PythonLiteral(parsing: header),
      let literal = entries[Array("descr".utf8)],
      case .bool(let isFortran)? = entries[Array("fortran_order".utf8)],
      case .sequence? = entries[Array("shape".utf8)],
      let shape = entries[Array("shape".utf8)].flatMap(lengths),
      let type = ElementType(header: literal), let size = size(of: shape, width: type.width),
      let count = Self.size(of: shape, width: 1), size == range.count,
      type.width > 0 || count <= emptyLimit,
      let elements = ArrayElements(
        file, type: type, shape: shape,
        strides: ArrayElements.strides(of: shape, width: type.width, isFortran: isFortran),
        offset: range.lowerBound, count: count)
    else { return nil }
    let heading = "numpy.ndarray(shape=\(shapeText(shape)), dtype=\(type.name))"
    return ArrayValue(heading: heading, elements: elements)
  }

  /// The lengths in a tuple, none of them negative; or one length.
  static func lengths(_ literal: PythonLiteral) -> [Int]? {
    if case .integer(let length) = literal { return length >= 0 ? [length] : nil }
    guard case .sequence(let items) = literal, items.count <= dimensionLimit else { return nil }
    var lengths: [Int] = []
    for item in items {
      guard case .integer(let length) = item, length >= 0 else { return nil }
      lengths.append(length)
    }
    return lengths
  }

  /// The number of bytes of elements of `width` in `shape`; nil if no memory has so many.
  static func size(of shape: [Int], width: Int) -> Int? {
    var size = width
    for length in shape {
      let (next, overflow) = size.multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      size = next
    }
    return size
  }
}
