/// The file of one array of numpy (`.npy`).
enum NumpyFile {
  /// A longer header is not read.
  private static let headerLimit = 1 << 20

  /// What the header of an array's file says.
  struct Header {
    let type: PythonLiteral
    let shape: [Int]
    let isFortran: Bool
    /// Where the elements begin, from the beginning of the file.
    let offset: Int
  }

  /// Reads the header in `bytes`, which the file begins with; nil if that is something else.
  static func header(in file: Payload, _ range: Range<Int>) throws(BlobError) -> Header? {
    guard range.count >= 12, let head = try file.bytes(at: range.lowerBound, count: 12),
      head.begins(0x93), head.has("NUMPY", at: 1), (1...3).contains(head[6])
    else { return nil }
    let width = head[6] == 1 ? 2 : 4
    guard let count = head.number(at: 8, width), count <= Self.headerLimit,
      count <= range.count - 8 - width,
      let text = try file.bytes(at: range.lowerBound + 8 + width, count: count),
      case .dict(let entries)? = PythonLiteral(parsing: text),
      let type = entries[Array("descr".utf8)],
      case .bool(let isFortran)? = entries[Array("fortran_order".utf8)],
      case .sequence(let lengths)? = entries[Array("shape".utf8)]
    else { return nil }
    var shape: [Int] = []
    for length in lengths {
      guard case .integer(let length) = length, length >= 0, shape.count < 64 else { return nil }
      shape.append(length)
    }
    return Header(type: type, shape: shape, isFortran: isFortran, offset: 8 + width + count)
  }

  /// Returns the array that a file is; nil if it is none, or of objects.
  static func array(in file: Payload) throws(BlobError) -> (any LinedValue)? {
    try array(in: file, 0..<file.count)
  }

  /// Returns the array that a stretch of a file is.
  static func array(
    in file: Payload, _ range: Range<Int>
  ) throws(BlobError) -> (any LinedValue)? {
    guard let header = try header(in: file, range) else { return nil }
    _ = header
    return nil
  }
}
