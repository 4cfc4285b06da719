extension RawSpan {
  /// The byte at `offset`.
  func byte(at offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < byteCount, "the offset is in the span")
    return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }
}

extension [UInt8] {
  /// Appends a copy of `bytes`.
  mutating func append(_ bytes: RawSpan) {
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }

  /// Appends the bytes of `value`, the least significant first.
  mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
    unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// Appends an unsigned LEB128 integer.
  mutating func append(varint value: Int) {
    var rest = UInt(value)
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}

extension ArraySlice<UInt8> {
  /// Takes an unsigned LEB128 integer off; nil if there is none, or one of more than 56 bits.
  mutating func popVarint() -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 56, by: 7) {
      guard let byte = popFirst() else { return nil }
      value |= Int(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  /// Calls `body` with the bytes in place.
  func withSpan<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe span.bytes)
  }
}

extension [UInt8] {
  /// Calls `body` with the bytes in place.
  func withSpan<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe span.bytes)
  }
}
