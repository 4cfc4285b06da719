import PodPickle

/// An array of numpy whose elements are bytes: numbers, times, texts of a fixed length, structures.
///
/// It is shown an element a line; where the last dimension is short, a line for each run of it. There
/// is no line that says the index: a row that comes in would change all that follow.
struct ArrayValue: LinedValue {
  /// The most elements on a line.
  private static let rowLimit = 16

  let heading: String
  let elements: ArrayElements
  /// Which elements are masked: True of a bool.
  var mask: ArrayElements?

  var type: ElementType { elements.type }
  var shape: [Int] { elements.shape }

  /// The number of elements on a line.
  var rowLength: Int {
    guard let last = shape.last, shape.count > 1, last <= Self.rowLimit else { return 1 }
    return last
  }

  /// Appends the text of each element in `range` to `output`, and calls `body` after it.
  ///
  /// The range counts elements in the order in which they are shown.
  func forEachElement(
    in range: Range<Int>, _ output: inout [UInt8],
    _ body: (_ index: Int, _ output: inout [UInt8]) -> Void
  ) throws(BlobError) {
    let width = type.width
    try elements.forEachChunk(in: range) { bytes, first throws(BlobError) in
      let count = width == 0 ? range.upperBound - first : bytes.count / width
      let masked = try mask?.bytes(of: first..<(first + count))
      for index in 0..<count {
        if let masked, masked[index] != 0 {
          output += "--".utf8
        } else {
          output.append(type, of: bytes, at: index * width)
        }
        body(first + index, &output)
      }
    }
  }

  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError) {
    guard elements.count > 0, rowLength > 0 else { return }
    if elements.extent > output.limit, case .stored(let blob, let source) = elements.memory {
      return try appendParts(of: try source.pieces(of: blob), indentation, to: &output)
    }
    try appendElements(0..<elements.count, indentation, to: &output)
  }

  private func appendElements(
    _ range: Range<Int>, _ indentation: Int, to output: inout TextOutput
  ) throws(BlobError) {
    guard !range.isEmpty else { return }
    let rowLength = rowLength
    let end = range.upperBound
    var lines = [UInt8](repeating: UInt8(ascii: " "), count: indentation)
    try forEachElement(in: range, &lines) { index, lines in
      if rowLength > 1, (index + 1) % rowLength != 0 {
        lines += ", ".utf8
      } else {
        lines.append(UInt8(ascii: "\n"))
        if lines.count > 64 << 10 {
          output.append(lines: lines)
          lines.removeAll(keepingCapacity: true)
        }
        if index + 1 < end {
          for _ in 0..<indentation { lines.append(UInt8(ascii: " ")) }
        }
      }
    }
    output.append(lines: lines)
  }

  /// Shows the first and the last elements, and the pods in between by their names, unread.
  private func appendParts(
    of pieces: [Blob], _ indentation: Int, to output: inout TextOutput
  ) throws(BlobError) {
    let width = max(type.width, 1)
    // Eight bytes make a line of about twenty, a byte one of up to five.
    let room = output.limit / 10
    let rows = max(1, room / width / rowLength)
    let head = min(elements.count, rows * rowLength)
    let tail = max(head, elements.count - head)
    try appendElements(0..<head, indentation, to: &output)
    // Where a piece begins, counted from the first element: a file has a header before that.
    var start = elements.isReversed ? 0 : -elements.offset
    for piece in pieces {
      defer { start += piece.count }
      let end = start + piece.count
      guard end > 0, elements.isReversed || start < elements.extent else { continue }
      let isShown = elements.isContiguous && (end <= head * width || start >= tail * width)
      if !isShown {
        output.bytes += repeatElement(UInt8(ascii: " "), count: indentation)
        let range =
          "elements [\(max(0, start) / width):\((min(end, elements.extent) + width - 1) / width)]"
        let order = elements.isContiguous ? "" : " in memory"
        output.bytes += blockLine("\(range)\(order), \(piece.count) bytes", piece.pod).dropLast()
        output.endLine()
      }
    }
    try appendElements(tail..<elements.count, indentation, to: &output)
  }
}
