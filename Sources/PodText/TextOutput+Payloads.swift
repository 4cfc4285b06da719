import PodPickle

/// Long texts and bytes, read and written piece by piece.
extension TextOutput {
  /// Longer lines of texts are parted.
  private static let segmentLimit = 64 << 10

  /// Writes a str as `repr` does: on one line, or, if it is long and has several, in brackets, with
  /// a line for each of its own.
  mutating func append(
    string payload: Payload, _ indentation: Int, after end: String
  ) throws(BlobError) {
    if payload.count <= Self.segmentLimit {
      let text = try payload.bytes()
      let isLong = text.count > ValueReader.lineLimit
      if !isLong || !text.dropLast().contains(UInt8(ascii: "\n")) {
        PythonText.append(string: text[...], to: &bytes)
        return line(end)
      }
    }
    line("(")
    var rest: [UInt8] = []
    var offset = 0
    while offset < payload.count {
      let count = min(4 * Self.segmentLimit, payload.count - offset)
      rest += try payload.bytes(in: offset..<(offset + count))
      offset += count
      appendSegments(of: &rest, indentation + 2, isEnd: offset == payload.count)
    }
    bytes += repeatElement(UInt8(ascii: " "), count: indentation)
    line(")" + end)
  }

  /// Writes whole lines of `text`, and leaves in it what is none yet.
  private mutating func appendSegments(of text: inout [UInt8], _ indentation: Int, isEnd: Bool) {
    var start = 0
    while start < text.count {
      let window = text[start..<min(text.count, start + Self.segmentLimit)]
      var next: Int
      if let newline = window.firstIndex(of: UInt8(ascii: "\n")) {
        next = newline + 1
      } else if window.endIndex < text.count {
        next = window.endIndex
        // Not in the middle of a character.
        while next > start + 1, text[next] & 0xc0 == 0x80 { next -= 1 }
      } else if isEnd {
        next = text.count
      } else {
        break
      }
      bytes += repeatElement(UInt8(ascii: " "), count: indentation)
      PythonText.append(string: text[start..<next], to: &bytes)
      endLine()
      start = next
    }
    text.removeSubrange(..<start)
  }

  /// Writes bytes as `repr` does, if they are few; else as a hex dump, and of more than fits into the
  /// limit the middle by the digests of its pieces.
  mutating func append(
    bytes payload: Payload, isArray: Bool, _ indentation: Int, after end: String
  ) throws(BlobError) {
    if payload.count <= ValueReader.lineLimit {
      let bytes = try payload.bytes()
      self.bytes += PythonText.text(of: isArray ? .byteArray(bytes) : .bytes(bytes))
      return line(end)
    }
    line("<\(isArray ? "bytearray" : "bytes") of \(payload.count) bytes>\(end)")
    try append(hexDumpOf: payload, indentation: indentation + 2)
  }

  /// Writes lines of 32 bytes in hexadecimal; what is kept in several pieces begins a new line with
  /// each.
  ///
  /// There are no offsets, so that a change of length leaves all other pieces as they are.
  mutating func append(hexDumpOf payload: Payload, indentation: Int) throws(BlobError) {
    guard case .stored(let blob, let source) = payload else {
      return append(hexLinesOf: try payload.bytes(), indentation)
    }
    let pieces = try source.pieces(of: blob)
    // 32 bytes make a line of 65.
    let room = limit / 4
    var offset = 0
    for piece in pieces {
      if offset < room || blob.count - offset - piece.count < room {
        append(hexLinesOf: try source.bytes(of: piece, in: 0..<piece.count), indentation)
      } else {
        bytes += repeatElement(UInt8(ascii: " "), count: indentation)
        bytes += blockLine("\(piece.count) bytes at \(offset)", piece.pod).dropLast()
        endLine()
      }
      offset += piece.count
    }
  }

  private mutating func append(hexLinesOf bytes: [UInt8], _ indentation: Int) {
    for start in stride(from: 0, to: bytes.count, by: 32) {
      self.bytes += repeatElement(UInt8(ascii: " "), count: indentation)
      for byte in bytes[start..<min(start + 32, bytes.count)] {
        self.bytes.append(PythonText.hexDigit(byte >> 4))
        self.bytes.append(PythonText.hexDigit(byte & 15))
      }
      endLine()
    }
  }
}
