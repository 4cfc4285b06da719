import PodPickle

/// A column of numbers or times that lie at regular distances in memory.
struct ElementColumn: ColumnValues {
  let memory: ColumnMemory
  let type: ElementType
  /// Where the first value is.
  let offset: Int
  let stride: Int
  let count: Int
  /// What times are counted from, in seconds east of UTC; nil for times without a zone.
  var zone: Int64?

  /// One dimension of `elements`: those whose other index, if there is one, is `row`.
  init?(_ elements: ArrayElements, row: Int, memory: ColumnMemory) {
    guard let length = elements.shape.last, let stride = elements.strides.last else { return nil }
    let start = elements.shape.count == 2 && elements.count > 0 ? row * elements.strides[0] : 0
    self.memory = memory
    type = elements.type
    offset = elements.count == 0 ? 0 : elements.offset + start
    self.stride = stride
    count = length
  }

  var extents: [ColumnExtent] {
    [
      ColumnExtent(
        memory: memory.payload, offset: offset, stride: stride, width: type.width, count: count)
    ]
  }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    let (bytes, start, stride) = try bytes(of: rows)
    if case .float = type.kind, type.width == 8, !type.isBigEndian {
      return FloatCells(bytes: bytes, start: start, stride: stride, first: rows.lowerBound)
    }
    return ElementCells(
      bytes: bytes, start: start, stride: stride, first: rows.lowerBound, type: type, zone: zone)
  }

  /// Values that are further apart than so many bytes in all are read one by one.
  private static let spanLimit = 16 << 20

  /// Returns bytes that hold the values of `rows`, where in them the first is, and how far it is to
  /// the next.
  private func bytes(
    of rows: Range<Int>
  ) throws(BlobError) -> (bytes: [UInt8], start: Int, stride: Int) {
    guard !rows.isEmpty else { return ([], 0, 0) }
    if rows.count > 1, Int(stride.magnitude) > Self.spanLimit / rows.count {
      var bytes: [UInt8] = []
      for row in rows {
        let start = offset + row * stride
        bytes += try memory.payload.bytes(in: start..<(start + type.width))
      }
      return (bytes, 0, type.width)
    }
    let (first, last) = (offset + rows.lowerBound * stride, offset + (rows.upperBound - 1) * stride)
    let (low, high) = (min(first, last), max(first, last) + type.width)
    let (bytes, start) = try memory.bytes(in: low..<high, step: Int(stride.magnitude))
    return (bytes, start + first - low, stride)
  }

  /// Reads the integers of `rows`.
  func integers(in rows: Range<Int>) throws(BlobError) -> [Int64] {
    let (bytes, start, stride) = try bytes(of: rows)
    return rows.map { row in
      bytes.signed(at: start + (row - rows.lowerBound) * stride, type.width, type.isBigEndian)
    }
  }
}

/// Memory that several columns lie in: what one of them has read is kept for the next.
final class ColumnMemory {
  let payload: Payload
  private var range = 0..<0
  private var bytes: [UInt8] = []

  /// Less is read at once.
  private static let wholeLimit = 1 << 20

  init(_ payload: Payload) { self.payload = payload }

  /// Returns bytes that hold those in `wanted`, and where in them these begin.
  ///
  /// - Parameter step: how far the values in it are from each other. The rows of an array may lie
  ///   together: then the columns beside this one are read with it.
  func bytes(in wanted: Range<Int>, step: Int) throws(BlobError) -> (bytes: [UInt8], start: Int) {
    if wanted.lowerBound < range.lowerBound || wanted.upperBound > range.upperBound {
      let isWhole = payload.count <= Self.wholeLimit
      let low = isWhole ? 0 : max(0, wanted.lowerBound - step)
      let high = isWhole ? payload.count : min(payload.count, wanted.upperBound + step)
      bytes = try payload.bytes(in: low..<high)
      range = low..<high
    }
    return (bytes, wanted.lowerBound - range.lowerBound)
  }
}

/// Numbers of 64 bits, which most columns have.
private struct FloatCells: ColumnCells {
  let bytes: [UInt8]
  let start: Int
  let stride: Int
  let first: Int

  func append(_ row: Int, to output: inout [UInt8]) {
    let value = Double(bitPattern: bytes.word(at: start + (row - first) * stride, 8, false))
    if value.isNaN { output += "NaN".utf8 } else { output.append(float: value) }
  }
}

/// Numbers and times of any type.
private struct ElementCells: ColumnCells {
  let bytes: [UInt8]
  let start: Int
  let stride: Int
  let first: Int
  let type: ElementType
  let zone: Int64?

  func append(_ row: Int, to output: inout [UInt8]) {
    let offset = start + (row - first) * stride
    switch type.kind {
    case .bool, .signed, .unsigned: output.append(type, of: bytes, at: offset)
    case .time(let unit):
      let ticks = bytes.signed(at: offset, 8, type.isBigEndian)
      output.append(timestamp: ticks, unit, zone: zone)
    case .duration(let unit):
      output.append(span: bytes.signed(at: offset, 8, type.isBigEndian), unit)
    default:
      var text: [UInt8] = []
      text.append(type, of: bytes, at: offset)
      if case .float = type.kind, text == Array("nan".utf8) { text = Array("NaN".utf8) }
      output.append(csv: text)
    }
  }
}
