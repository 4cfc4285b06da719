import PodTesting

/// Changes pickles and pods at random, a few bytes or a stretch at a time.
struct StreamMutator {
  /// Lengths and indices at which programs go wrong.
  private static let extremes: [UInt64] = [
    0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
    0x1_0000_0000, 1 << 40, 1 << 62, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max,
  ]
  private static let opcodes: [UInt8] =
    Array("(.012FIJKLMNPQRSTUVXabcd}eghijl]opqrst)uGBC".utf8) + Array(0x80...0x98)

  /// The longest result, in bytes.
  let limit: Int

  /// Returns `bytes` after one to six changes; `other` is what stretches are taken from.
  func mutate(
    _ bytes: [UInt8], with other: [UInt8], _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
      change(&bytes, with: other, &generator)
    }
    return bytes.count > limit ? Array(bytes[..<limit]) : bytes
  }

  private func change(
    _ bytes: inout [UInt8], with other: [UInt8], _ generator: inout SeededGenerator
  ) {
    let index = Int.random(in: bytes.indices, using: &generator)
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
    case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2: bytes.removeSubrange(stretch(of: bytes, from: index, &generator))
    case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
    case 4, 5: bytes[index] = Self.opcodes.randomElement(using: &generator) ?? 0
    case 6: bytes.insert(Self.opcodes.randomElement(using: &generator) ?? 0, at: index)
    case 7: writeExtreme(into: &bytes, at: index, &generator)
    case 8: bytes.insert(contentsOf: bytes[stretch(of: bytes, from: index, &generator)], at: index)
    case 9: multiply(&bytes, at: index, &generator)
    case 10: splice(other, into: &bytes, at: index, &generator)
    default: bytes.swapAt(index, Int.random(in: bytes.indices, using: &generator))
    }
  }

  private func stretch(
    of bytes: [UInt8], from index: Int, _ generator: inout SeededGenerator
  ) -> Range<Int> {
    let longest = Int.random(in: 0..<8, using: &generator) == 0 ? bytes.count : 24
    return index..<min(bytes.count, index + Int.random(in: 1...longest, using: &generator))
  }

  /// Overwrites 1, 2, 4 or 8 bytes with an integer.
  private func writeExtreme(
    into bytes: inout [UInt8], at index: Int, _ generator: inout SeededGenerator
  ) {
    let value = Self.extremes.randomElement(using: &generator) ?? 0
    let width = 1 << Int.random(in: 0...3, using: &generator)
    for offset in 0..<min(width, bytes.count - index) {
      bytes[index + offset] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(offset)))
    }
  }

  /// Repeats a short stretch many times.
  private func multiply(
    _ bytes: inout [UInt8], at index: Int, _ generator: inout SeededGenerator
  ) {
    let unit = Array(bytes[stretch(of: bytes, from: index, &generator)].prefix(24))
    let most = Int.random(in: 0..<50, using: &generator) == 0 ? 20_000 : 60
    let times = min(Int.random(in: 2...most, using: &generator), limit / unit.count)
    bytes.insert(contentsOf: (0..<times).flatMap { _ in unit }, at: index)
  }

  private func splice(
    _ other: [UInt8], into bytes: inout [UInt8], at index: Int,
    _ generator: inout SeededGenerator
  ) {
    guard let start = other.indices.randomElement(using: &generator) else { return }
    bytes.insert(contentsOf: other[stretch(of: other, from: start, &generator)], at: index)
  }
}
