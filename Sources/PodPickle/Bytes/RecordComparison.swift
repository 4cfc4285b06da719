import Glibc

/// Calls `body` with the number of each record of `width` bytes that differs between `one` and
/// `other`, which have as many bytes as each other.
public func forEachDifferingRecord(
  _ one: [UInt8], _ other: [UInt8], width: Int, _ body: (_ number: Int) -> Void
) {
  precondition(one.count == other.count && width > 0, "records that do not correspond")
  let count = one.count / width
  // Mostly nearly all are equal.
  let block = max(1, 4096 / width)
  unsafe one.withUnsafeBytes { left in
    unsafe other.withUnsafeBytes { right in
      guard let left = left.baseAddress, let right = right.baseAddress else { return }
      func isEqual(_ records: Range<Int>) -> Bool {
        let start = records.lowerBound * width
        return unsafe memcmp(left + start, right + start, records.count * width) == 0
      }
      for start in stride(from: 0, to: count, by: block) {
        let end = min(count, start + block)
        if isEqual(start..<end) { continue }
        for number in start..<end where !isEqual(number..<(number + 1)) { body(number) }
      }
    }
  }
}

extension ByteSource {
  /// A hash of each record of `width` bytes; see ``lines(seed:)``.
  public func recordHashes(width: Int, seed: UInt64) -> [UInt64] {
    precondition(width > 0, "records without bytes")
    return (0..<(count / width)).map { number in
      unsafe tableHash(of: base + number * width, count: width, seed: seed)
    }
  }
}
