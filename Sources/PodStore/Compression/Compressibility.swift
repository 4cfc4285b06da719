import Glibc

/// Guesses, in a microsecond, whether compressing bytes would pay.
enum Compressibility {
  /// Fewer bytes than this are stored as they are.
  static let minimumCount = 256

  /// The most bytes that a compressed form of `count` bytes may have to be worth keeping.
  static func limit(for count: Int) -> Int { count - count / 5 }

  private static let runs = 4
  private static let runLength = 256

  /// `n * log2(n)` for every count that a byte can have in a sample.
  private static let entropyTerms: [Float] =
    (0...runs * runLength).map { $0 == 0 ? 0 : Float($0) * log2(Float($0)) }

  /// Tells whether the bytes in a sample are so unevenly frequent that a fifth could be saved.
  ///
  /// Random floats fail: their exponents are even, their mantissas are noise. What repeats
  /// without being uneven is missed; the background compaction looks closer.
  static func isLikely(_ bytes: RawSpan) -> Bool {
    let count = bytes.byteCount
    guard count >= minimumCount else { return false }
    var frequencies = InlineArray<256, UInt16>(repeating: 0)
    let runs = min(Self.runs, count / runLength)
    for run in 0..<runs {
      let start = runs == 1 ? 0 : (count - runLength) / (runs - 1) * run
      for offset in start..<start + runLength {
        frequencies[Int(bytes.byte(at: offset))] += 1
      }
    }
    let sampled = runs * runLength
    let terms = entropyTerms
    var sum: Float = 0
    for value in frequencies.indices { sum += terms[Int(frequencies[value])] }
    let bitsPerByte = log2(Float(sampled)) - sum / Float(sampled)
    return bitsPerByte < 6.4
  }
}
