import Glibc

extension ByteSource {
  /// The lines: where each ends, behind its end of line, and a hash of each with its end of line.
  ///
  /// The hashes are for tables that are not kept: nobody can choose lines with equal hashes who does
  /// not know `seed`.
  public func lines(seed: UInt64) -> (ends: [Int], hashes: [UInt64]) {
    var ends: [Int] = []
    var hashes: [UInt64] = []
    var start = 0
    while start < count {
      let newline = unsafe memchr(base + start, CInt(UInt8(ascii: "\n")), count - start)
      let end = unsafe newline.map { unsafe UnsafeRawPointer($0) - base + 1 } ?? count
      unsafe hashes.append(tableHash(of: base + start, count: end - start, seed: seed))
      ends.append(end)
      start = end
    }
    return (ends, hashes)
  }
}
