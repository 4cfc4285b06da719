import PodModel
public import PodPickle

/// Renders a file that was written as such and is no pickle.
///
/// What is text is shown as it is; arrays of numpy, as arrays; all else by its format and a digest for
/// each block, which is read only where the names of the pods do not serve.
///
/// - Parameter limit: the most bytes of text; of more the beginning and the end are shown.
public func renderFile(
  _ file: Blob, limit: Int, blobs: any BlobSource
) throws(BlobError) -> [UInt8] {
  try FileText(.stored(file, blobs), blobs, limit: limit).render()
}

/// Renders the rest of a file, of which the beginning was shown otherwise.
public func renderFile(
  _ rest: [UInt8], limit: Int, blobs: any BlobSource
) throws(BlobError) -> [UInt8] {
  try FileText(.memory(rest), blobs, limit: limit).render()
}

/// A file that was written as such.
struct FileText {
  /// Other files of so many bytes are shown in hexadecimal: a digest would say less.
  private static let dumpLimit = 1 << 10
  /// So many bytes are read at once.
  private static let chunkCount = 1 << 20
  /// As much of a long file is looked at, at either end, to know whether it is text.
  private static let sampleCount = 64 << 10

  private let file: Payload
  private let blobs: any BlobSource
  private let limit: Int

  init(_ file: Payload, _ blobs: any BlobSource, limit: Int) {
    (self.file, self.blobs, self.limit) = (file, blobs, limit)
  }

  func render() throws(BlobError) -> [UInt8] {
    if let text = try plainText() { return text }
    var output = TextOutput(limit: limit) { blobs.digest(of: $0) }
    if let array = try NumpyFile.array(in: file) {
      output.line(array.heading)
      try array.appendLines(indentation: 2, to: &output)
      return output.finish()
    }
    let zip = try ZipFile(file)
    if let zip, zip.isOfArrays {
      output.line("<arrays of numpy: \(zip.members.count)>")
      try zip.appendArrays(to: &output, blobs)
      return output.finish()
    }
    let format = try FileFormat.name(of: file) ?? "file"
    output.line("<\(format), \(file.count) bytes>")
    for member in zip?.members ?? [] { output.line("  " + member.summary) }
    if zip == nil, format == "file", file.count <= Self.dumpLimit {
      try output.append(hexDumpOf: .memory(file.bytes()), indentation: 2)
    } else {
      try appendBlocks(to: &output)
    }
    return output.finish()
  }

  // MARK: Text

  /// The file as it is, if it is text; nil if it is something else.
  private func plainText() throws(BlobError) -> [UInt8]? {
    let head = try file.bytes(in: 0..<min(file.count, Self.sampleCount))
    guard Self.isText(head, isCut: file.count > head.count) else { return nil }
    guard file.count > limit else {
      var text = head
      text.reserveCapacity(file.count)
      while text.count < file.count {
        text += try file.bytes(
          in: text.count..<min(file.count, text.count + Self.chunkCount))
        try blobs.checkIsWanted()
      }
      return Self.isText(text, isCut: false) ? text : nil
    }
    let end = try file.bytes(in: max(0, file.count - Self.sampleCount)..<file.count)
    let rest = Array(end.drop { $0 & 0xc0 == 0x80 })
    return Self.isText(rest, isCut: false) ? try longText() : nil
  }

  /// The beginning and the end of a text over the limit, and a line for each piece between them.
  private func longText() throws(BlobError) -> [UInt8] {
    let room = limit / 2
    var text: [UInt8] = []
    var middle = TextOutput(limit: limit) { blobs.digest(of: $0) }
    var tail: [UInt8] = []
    var offset = 0
    for piece in try pieces() {
      let end = offset + piece.count
      if offset < room {
        text += try file.bytes(in: offset..<end)
      } else if file.count - end < room {
        tail += try file.bytes(in: offset..<end)
      } else {
        middle.append(lines: blockLine("\(piece.count) bytes", try piece.digest(in: file, blobs)))
      }
      offset = end
    }
    // A line that goes on behind what is left out stands for itself.
    if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    return text + middle.finish() + tail
  }

  /// Whether bytes are text: UTF-8 without zeros; with `isCut`, but for a character at the end.
  private static func isText(_ bytes: [UInt8], isCut: Bool) -> Bool {
    var end = bytes.count
    if isCut {
      var start = end
      while start > 0, end - start < 3, bytes[start - 1] & 0xc0 == 0x80 { start -= 1 }
      if start > 0, bytes[start - 1] >= 0xc0 { end = start - 1 }
    }
    let span = bytes.span.extracting(0..<end)
    for index in span.indices where span[index] == 0 { return false }
    do {
      _ = try UTF8Span(validating: span)
      return true
    } catch { return false }
  }

  // MARK: Blocks

  /// A stretch of the file that has a digest of its own.
  private struct Piece {
    let start: Int
    let count: Int
    let pod: Blob?

    /// What names the bytes: the pod they are, or else their digest.
    func digest(in file: Payload, _ blobs: any BlobSource) throws(BlobError) -> PodID {
      if let pod { return pod.pod }
      return blobs.digest(of: try file.bytes(in: start..<(start + count)))
    }
  }

  /// The stretches that the file is kept in.
  private func pieces() throws(BlobError) -> [Piece] {
    var start = 0
    guard case .stored(let blob, let source) = file else {
      return stride(from: 0, to: file.count, by: Self.sampleCount).map {
        Piece(start: $0, count: min(Self.sampleCount, file.count - $0), pod: nil)
      }
    }
    return try source.pieces(of: blob).map { pod in
      defer { start += pod.count }
      return Piece(start: start, count: pod.count, pod: pod)
    }
  }

  private func appendBlocks(to output: inout TextOutput) throws(BlobError) {
    for piece in try pieces() {
      output.bytes += "  ".utf8
      output.append(
        lines: blockLine("\(piece.count) bytes", try piece.digest(in: file, blobs)))
    }
  }
}
