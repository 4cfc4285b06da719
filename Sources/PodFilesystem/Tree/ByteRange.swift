extension [UInt8] {
  /// Up to `count` bytes from `offset`, where they are; fewer only at the end, none behind it.
  func range(at offset: Int64, count: Int) -> ArraySlice<UInt8> {
    guard offset >= 0, offset < Int64(self.count), count > 0 else { return [] }
    let start = Int(offset)
    return self[start..<(start + Swift.min(count, self.count - start))]
  }

  /// Returns up to `count` bytes from `offset`; fewer only at the end, none behind it.
  func piece(at offset: Int64, count: Int) -> [UInt8] {
    Array(range(at: offset, count: count))
  }
}
