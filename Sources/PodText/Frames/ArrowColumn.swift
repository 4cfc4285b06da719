import PodPickle

extension ValueReader {
  /// A column of an array of Arrow with the type `name`, over its buffers; nil if they are too short,
  /// or the type is none that is known.
  func arrowColumn(
    named name: String, _ buffers: [Payload?], offset: Int, count: Int, missing: [UInt8]
  ) -> (any ColumnValues)? {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow, buffers.count >= 2, end < 1 << 48 else { return nil }
    let validity = buffers[0]
    if let validity, validity.count < (end + 7) / 8 { return nil }
    let flags = ArrowValidity(bits: validity, offset: offset)
    switch name {
    case "string", "large_string":
      let width = name == "string" ? 4 : 8
      guard buffers.count == 3, count == 0 || (buffers[1]?.count ?? 0) / width > end else {
        return nil
      }
      return ArrowTextColumn(
        validity: flags, ends: buffers[1] ?? .memory([]), width: width,
        texts: buffers[2] ?? .memory([]), offset: offset, count: count, missing: missing)
    case "bool":
      guard let bits = buffers[1], bits.count >= (end + 7) / 8 else { return nil }
      return ArrowBitColumn(
        validity: flags, bits: ArrowValidity(bits: bits, offset: offset), count: count,
        missing: missing)
    default:
      guard let type = Self.arrowTypes[name], let values = buffers[1],
        let elements = ArrayElements(
          values, type: type, shape: [count], strides: [type.width],
          offset: count == 0 ? 0 : offset * type.width, count: count),
        let column = ElementColumn(elements, row: 0, memory: ColumnMemory(values))
      else { return nil }
      return ArrowNumberColumn(validity: flags, values: column, missing: missing)
    }
  }

  private static let arrowTypes: [String: ElementType] = [
    "int8": ElementType(kind: .signed, width: 1), "int16": ElementType(kind: .signed, width: 2),
    "int32": ElementType(kind: .signed, width: 4), "int64": ElementType(kind: .signed, width: 8),
    "uint8": ElementType(kind: .unsigned, width: 1),
    "uint16": ElementType(kind: .unsigned, width: 2),
    "uint32": ElementType(kind: .unsigned, width: 4),
    "uint64": ElementType(kind: .unsigned, width: 8),
    "halffloat": ElementType(kind: .float, width: 2), "float": ElementType(kind: .float, width: 4),
    "double": ElementType(kind: .float, width: 8),
  ]
}

/// Bits that say of each value whether it is there, or true; all do if there are none.
struct ArrowValidity {
  let bits: Payload?
  /// The number of the first value's bit.
  let offset: Int

  /// Reads the bits of `rows`.
  func flags(in rows: Range<Int>) throws(BlobError) -> [Bool] {
    guard let bits, !rows.isEmpty else { return [Bool](repeating: true, count: rows.count) }
    let first = offset + rows.lowerBound
    let bytes = try bits.bytes(in: (first / 8)..<((offset + rows.upperBound + 7) / 8))
    return rows.map { row in
      let bit = offset + row - first / 8 * 8
      return bytes[bit / 8] >> UInt8(bit % 8) & 1 == 1
    }
  }

  func extents(count: Int) -> [ColumnExtent] {
    bits.map { [ColumnExtent(memory: $0, offset: offset, stride: 0, width: 0, count: count)] } ?? []
  }
}

/// Texts one behind the other, and where each ends.
private struct ArrowTextColumn: ColumnValues {
  let validity: ArrowValidity
  let ends: Payload
  /// The number of bytes of each end.
  let width: Int
  let texts: Payload
  let offset: Int
  let count: Int
  let missing: [UInt8]

  var extents: [ColumnExtent] {
    validity.extents(count: count) + [
      ColumnExtent(memory: ends, offset: offset * width, stride: width, width: width, count: count),
      ColumnExtent(memory: texts, offset: 0, stride: 0, width: 0, count: count),
    ]
  }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    let flags = try validity.flags(in: rows)
    guard !rows.isEmpty else {
      return Cells(flags: [], places: [], texts: [], first: 0, missing: missing)
    }
    let start = (offset + rows.lowerBound) * width
    let bytes = try ends.bytes(in: start..<(start + (rows.count + 1) * width))
    // Where they do not rise, or lead out of the texts, there is none.
    var last = 0
    var places: [Int] = []
    places.reserveCapacity(rows.count + 1)
    for index in 0...rows.count {
      let place = bytes.signed(at: index * width, width, false)
      last = max(last, Int(min(max(place, 0), Int64(texts.count))))
      places.append(last)
    }
    let base = places[0]
    let content = try texts.bytes(in: base..<last)
    return Cells(
      flags: flags, places: places.map { $0 - base }, texts: content, first: rows.lowerBound,
      missing: missing)
  }

  private struct Cells: ColumnCells {
    let flags: [Bool]
    let places: [Int]
    let texts: [UInt8]
    let first: Int
    let missing: [UInt8]

    func append(_ row: Int, to output: inout [UInt8]) {
      let index = row - first
      if flags[index] {
        output.append(cell: texts[places[index]..<places[index + 1]], isAlone: true)
      } else {
        output += missing
      }
    }
  }
}

/// Numbers, some of which may be missing.
private struct ArrowNumberColumn: ColumnValues {
  let validity: ArrowValidity
  let values: ElementColumn
  let missing: [UInt8]

  var count: Int { values.count }
  var extents: [ColumnExtent] { validity.extents(count: count) + values.extents }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    Cells(
      flags: try validity.flags(in: rows), values: try values.cells(in: rows),
      first: rows.lowerBound, missing: missing)
  }

  private struct Cells: ColumnCells {
    let flags: [Bool]
    let values: any ColumnCells
    let first: Int
    let missing: [UInt8]

    func append(_ row: Int, to output: inout [UInt8]) {
      if flags[row - first] { values.append(row, to: &output) } else { output += missing }
    }
  }
}

/// Truth values in bits, some of which may be missing.
private struct ArrowBitColumn: ColumnValues {
  let validity: ArrowValidity
  let bits: ArrowValidity
  let count: Int
  let missing: [UInt8]

  var extents: [ColumnExtent] { validity.extents(count: count) + bits.extents(count: count) }

  func cells(in rows: Range<Int>) throws(BlobError) -> any ColumnCells {
    Cells(
      flags: try validity.flags(in: rows), values: try bits.flags(in: rows),
      first: rows.lowerBound, missing: missing)
  }

  private struct Cells: ColumnCells {
    let flags: [Bool]
    let values: [Bool]
    let first: Int
    let missing: [UInt8]

    func append(_ row: Int, to output: inout [UInt8]) {
      guard flags[row - first] else { return output += missing }
      output += (values[row - first] ? "True" : "False").utf8
    }
  }
}
