/// Reading of what formats say is somewhere in a file, which may lie.
extension Payload {
  /// Returns `count` bytes from `offset`, or nil if the file does not have them.
  func bytes(at offset: Int, count: Int) throws(BlobError) -> [UInt8]? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      return nil
    }
    return try bytes(in: offset..<(offset + count))
  }

  /// Returns up to `count` bytes from the beginning.
  func head(_ count: Int) throws(BlobError) -> [UInt8] {
    try bytes(in: 0..<min(count, self.count))
  }
}

extension [UInt8] {
  /// The unsigned number in `width` bytes at `offset`; nil if they are not there.
  func number(at offset: Int, _ width: Int, isBigEndian: Bool = false) -> Int? {
    guard offset >= 0, offset <= count - width else { return nil }
    let bytes = self[offset..<(offset + width)]
    let word =
      isBigEndian
      ? bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      : bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return Int(exactly: word)
  }

  /// Whether `text` stands at `offset`.
  func has(_ text: String, at offset: Int = 0) -> Bool {
    let text = Array(text.utf8)
    return offset >= 0 && offset <= count - text.count
      && self[offset..<(offset + text.count)].elementsEqual(text)
  }

  /// Whether `bytes` stand at the beginning.
  func begins(_ bytes: UInt8...) -> Bool { starts(with: bytes) }
}
