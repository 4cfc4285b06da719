import Glibc

/// Bytes that are appended one by one.
typealias GrowingBytes = GrowingArray<UInt8>

extension GrowingArray where Element == UInt8 {
  /// Appends an unsigned LEB128 integer.
  @inline(__always)
  mutating func append(varint value: Int) {
    if value < 0x80 {
      append(UInt8(truncatingIfNeeded: value))
    } else {
      append(longVarint: value)
    }
  }

  @inline(never)
  private mutating func append(longVarint value: Int) {
    var rest = UInt64(value)
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a copy of `bytes`.
  @inline(__always)
  mutating func append(_ bytes: BorrowedBytes) {
    unsafe append(count: bytes.count) { unsafe bytes.copy(to: UnsafeMutableRawPointer($0)) }
  }

  /// Moves the bytes of `other` from `start` on to the end of these.
  mutating func append(moving other: inout GrowingBytes, from start: Int) {
    append(other.bytes(in: start..<other.count))
    other.removeLast(other.count - start)
  }

  /// Moves the bytes from `start` on to the end of `output`.
  mutating func move(from start: Int, to output: inout [UInt8]) {
    unsafe output.append(contentsOf: bytes(in: start..<count).buffer)
    removeLast(count - start)
  }

  /// Calls `body` with the bytes in place.
  func withSpan(_ body: (RawSpan) -> Void) {
    unsafe body(RawSpan(_unsafeBytes: bytes(in: 0..<count).buffer))
  }

  /// A copy of the bytes.
  var array: [UInt8] { unsafe Array(bytes(in: 0..<count).buffer) }

  /// Appends the bytes in `range` to `output`.
  func append(_ range: Range<Int>, to output: inout [UInt8]) {
    unsafe output.append(contentsOf: bytes(in: range).buffer)
  }

  /// Says whether the bytes in `range` are those of `source` from `start` on.
  func equal(_ range: Range<Int>, to source: ByteSource, at start: Int) -> Bool {
    unsafe source.withBytes(in: start..<(start + range.count)) { theirs in
      guard let left = unsafe bytes(in: range).buffer.baseAddress,
        let right = theirs.baseAddress
      else { return true }
      return unsafe memcmp(left, right, range.count) == 0
    }
  }

  /// Removes the bytes in `range`.
  mutating func remove(_ range: Range<Int>) {
    let rest = bytes(in: range.upperBound..<count)
    let count = rest.count
    for index in 0..<count { self[range.lowerBound + index] = rest[index] }
    removeLast(range.count)
  }

  private func bytes(in range: Range<Int>) -> BorrowedBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "beyond the end of an array")
    return unsafe BorrowedBytes(start: pointer + range.lowerBound, count: range.count)
  }
}
