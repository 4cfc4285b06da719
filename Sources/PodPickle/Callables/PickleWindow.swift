/// A cursor over a file that is read a piece at a time, for as much as is looked at.
struct PickleWindow<Failure: Error> {
  private static var pieceCount: Int { 1 << 20 }

  /// The number of bytes of the file.
  let count: Int
  private let read: (Int, Int) throws(Failure) -> [UInt8]
  private var piece: [UInt8] = []
  private var start = 0
  /// The position of the next byte.
  var offset = 0

  /// Looks at a file of `count` bytes, of which `read` returns some from an offset on.
  init(count: Int, read: @escaping (Int, Int) throws(Failure) -> [UInt8]) {
    self.count = count
    self.read = read
  }

  /// The number of bytes that are left.
  var remaining: Int { max(0, count - offset) }

  /// Takes a byte; nil at the end.
  mutating func byte() throws(Failure) -> UInt8? {
    if offset < start || offset >= start + piece.count {
      guard remaining > 0 else { return nil }
      piece = try read(offset, min(Self.pieceCount, remaining))
      start = offset
      guard !piece.isEmpty else { return nil }
    }
    defer { offset += 1 }
    return piece[offset - start]
  }

  /// Takes a little-endian integer of at most 8 bytes; nil at the end.
  mutating func integer(width: Int) throws(Failure) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<width {
      guard let byte = try byte() else { return nil }
      value |= UInt64(byte) << (8 * UInt64(index))
    }
    return value
  }

  /// Takes `length` bytes and returns the first of them, up to `limit`; nil if there are fewer.
  mutating func take(_ length: UInt64, limit: Int) throws(Failure) -> [UInt8]? {
    guard let length = Int(exactly: length), length <= remaining else { return nil }
    let end = offset + length
    var bytes: [UInt8] = []
    while offset < end, bytes.count < limit, let byte = try byte() { bytes.append(byte) }
    offset = end
    return bytes
  }

  /// Takes a line and returns the first bytes of it, up to `limit`, without its newline; nil if there
  /// is none.
  mutating func line(limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    while let byte = try byte() {
      if byte == UInt8(ascii: "\n") { return bytes }
      if bytes.count < limit { bytes.append(byte) }
    }
    return nil
  }
}
