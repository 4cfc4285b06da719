extension [UInt8] {
  /// Returns up to `count` bytes from `offset`; fewer only at the end, none behind it.
  func piece(at offset: Int64, count: Int) -> [UInt8] {
    guard offset >= 0, offset < Int64(self.count), count > 0 else { return [] }
    let start = Int(offset)
    return Array(self[start..<(start + Swift.min(count, self.count - start))])
  }
}
