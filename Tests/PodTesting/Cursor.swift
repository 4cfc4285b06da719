/// Bytes that are taken one after another.
struct Cursor {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The number of bytes that are left.
  var count: Int { bytes.count }

  mutating func byte() throws -> UInt8 {
    guard let byte = bytes.popFirst() else { throw PodReader.Failure(reason: "too few bytes") }
    return byte
  }

  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw PodReader.Failure(reason: "too few bytes") }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  /// Takes an unsigned LEB128 integer that is no longer than it must be.
  mutating func varint() throws -> Int {
    var value = 0
    for shift in stride(from: 0, to: 63, by: 7) {
      let byte = try byte()
      value |= Int(byte & 0x7f) << shift
      guard byte < 0x80 else { continue }
      if byte == 0, shift > 0 { break }
      return value
    }
    throw PodReader.Failure(reason: "an overlong integer")
  }

  /// Takes a line with its newline.
  mutating func line() throws -> ArraySlice<UInt8> {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      throw PodReader.Failure(reason: "a line without an end")
    }
    return try take(end + 1 - bytes.startIndex)
  }

  func expectEnd(_ name: String) throws {
    guard bytes.isEmpty else { throw PodReader.Failure(reason: "\(name) with too many bytes") }
  }
}
