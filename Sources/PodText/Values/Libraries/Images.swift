import PodPickle

/// Images of PIL: by mode, size and what else is known of them, and the pixels by digests of rows.
extension ValueReader {
  /// Whatever of PIL has the state of an image.
  static let image: Recognizer = { object, reader throws(BlobError) in
    guard object.arguments.isEmpty, let state = object.states.first,
      reader.graph.kind(of: state) == .list
    else { return nil }
    let items = Array(reader.graph.children(of: state))
    guard 5...6 ~= items.count, reader.graph.kind(of: items[4]) == .bytes,
      case .string(let mode) = reader.graph.scalar(of: items[1]),
      let pixels = PixelRows(
        reader.payload(of: items[4]), mode: String(decoding: mode, as: UTF8.self),
        size: reader.graph.children(of: items[2]).map { reader.graph.integer(of: $0) },
        blobs: reader.blobs)
    else { return nil }
    let names = ["mode": items[1], "size": items[2], "info": items[0], "palette": items[3]]
    var parts = ["mode", "size", "info", "palette"].compactMap { name in
      names[name].map { Part.attribute(name, $0) }
    }
    // What was read from a file has its name, which is empty where it has none.
    parts += items.count == 6 ? [.attribute("filename", items[5])] : []
    parts.append(Part(step: .attribute("pixels"), content: .value(.lined(pixels))))
    return reader.form(object, parts)
  }
}

/// The pixels of an image, a line for some rows.
private struct PixelRows: LinedValue {
  /// The bytes that a line stands for, about.
  private static let blockSize = 1 << 16

  private static let bytesOfPixel: [String: Int] = [
    "L": 1, "P": 1, "LA": 2, "La": 2, "PA": 2, "RGB": 3, "YCbCr": 3, "LAB": 3, "HSV": 3, "RGBA": 4,
    "RGBa": 4, "RGBX": 4, "CMYK": 4, "I": 4, "F": 4, "I;16": 2, "I;16B": 2, "I;16L": 2,
  ]

  private let pixels: Payload
  private let rowCount: Int
  private let rowSize: Int
  private let blobs: any BlobSource

  /// Takes the bytes of an image, or fails if it has not as many as its size says.
  init?(_ pixels: Payload, mode: String, size: [Int64?], blobs: any BlobSource) {
    guard size.count == 2, let width = size[0], let height = size[1],
      (0...1 << 32).contains(width), (0...1 << 32).contains(height)
    else { return nil }
    let rowSize =
      mode == "1" ? (Int(width) + 7) / 8 : Self.bytesOfPixel[mode].map { $0 * Int(width) }
    guard let rowSize, rowSize.multipliedReportingOverflow(by: Int(height)) == (pixels.count, false)
    else { return nil }
    self.pixels = pixels
    self.rowSize = rowSize
    self.blobs = blobs
    rowCount = Int(height)
  }

  var heading: String { "<\(pixels.count) bytes of \(rowCount) rows>" }

  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError) {
    guard rowSize > 0 else { return }
    let rows = max(1, Self.blockSize / rowSize)
    for start in stride(from: 0, to: rowCount, by: rows) {
      let end = min(rowCount, start + rows)
      let bytes = try pixels.bytes(in: (start * rowSize)..<(end * rowSize))
      output.bytes += repeatElement(UInt8(ascii: " "), count: indentation)
      output.bytes += blockLine("rows [\(start):\(end)]", blobs.digest(of: bytes)).dropLast()
      output.endLine()
    }
  }
}
