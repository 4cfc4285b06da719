/// A cursor over bytes that come from outside: every read is checked, none trusts a length.
@safe struct ByteReader {
  private let base: UnsafeRawPointer
  private let owner: Allocation?
  private let count: Int

  /// The position of the next byte.
  private(set) var offset = 0

  @unsafe init(base: UnsafeRawPointer, count: Int, owner: Allocation?, offset: Int = 0) {
    unsafe self.base = base
    self.count = count
    self.owner = owner
    self.offset = offset
  }

  /// The number of bytes that are left.
  var remaining: Int { count - offset }

  /// The next byte without taking it; nil at the end.
  var next: UInt8? {
    offset < count ? unsafe base.load(fromByteOffset: offset, as: UInt8.self) : nil
  }

  /// Goes to `position`, which must not lie beyond the end.
  @inline(__always)
  mutating func seek(_ position: Int) {
    precondition(position >= 0 && position <= count, "a position beyond the end of a byte source")
    offset = position
  }

  /// Takes a byte.
  @inline(__always)
  mutating func byte() throws(PickleError) -> UInt8 {
    guard offset < count else { throw .truncated(offset: offset) }
    defer { offset += 1 }
    return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// Takes a little-endian integer.
  @inline(__always)
  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(PickleError) -> T {
    let width = MemoryLayout<T>.size
    guard remaining >= width else { throw .truncated(offset: offset) }
    defer { offset += width }
    return T(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// Takes `length` bytes and returns where they are.
  @inline(__always)
  mutating func take(_ length: some BinaryInteger) throws(PickleError) -> Range<Int> {
    guard let length = Int(exactly: length), length >= 0, length <= remaining else {
      throw .truncated(offset: offset)
    }
    defer { offset += length }
    return offset..<(offset + length)
  }

  /// Takes a line and returns where it is, without its newline.
  mutating func line() throws(PickleError) -> Range<Int> {
    let start = offset
    while let byte = next {
      offset += 1
      if byte == UInt8(ascii: "\n") { return start..<(offset - 1) }
    }
    throw .truncated(offset: start)
  }

  /// Takes an unsigned LEB128 integer of at most 63 bits.
  mutating func varint() throws(PickleError) -> Int {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { break }
      shift += 7
      guard shift < 63 else { throw .malformed(offset: offset, reason: "an overlong integer") }
    }
    return Int(value)
  }
}

extension [UInt8] {
  /// Appends a little-endian integer.
  mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }

  /// Appends an unsigned LEB128 integer.
  mutating func append(varint value: Int) {
    var rest = UInt64(value)
    while rest >= 0x80 {
      append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
