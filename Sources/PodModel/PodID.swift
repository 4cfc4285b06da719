/// The name of a pod: the SHA-256 digest of its canonical form.
///
/// Two pods with the same bytes have the same `PodID`, in any commit and on
/// any machine. Comparing names is comparing contents.
public struct PodID: Hashable, Sendable {
  /// The number of bytes in a digest.
  public static let byteCount = 32

  /// The digest as four big-endian words, so that a name needs no allocation.
  public let words: SIMD4<UInt64>

  /// Creates a name from a digest of four big-endian words.
  public init(words: SIMD4<UInt64>) { self.words = words }

  /// Creates a name from a digest, or returns nil if there are not 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    var words = SIMD4<UInt64>()
    for word in 0..<4 {
      for index in (8 * word)..<(8 * word + 8) {
        words[word] = words[word] << 8 | UInt64(bytes[index])
      }
    }
    self.words = words
  }

  /// Creates a name from 64 hexadecimal digits, or returns nil.
  public init?(hexadecimal text: some StringProtocol) {
    let digits = text.utf8.compactMap(Self.digitValue)
    guard digits.count == 2 * Self.byteCount, digits.count == text.utf8.count else { return nil }
    self.init(bytes: (0..<Self.byteCount).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] })
  }

  /// The digest, most significant byte first.
  public var bytes: [UInt8] {
    [UInt8](capacity: Self.byteCount) { bytes in
      for word in 0..<4 {
        for shift in stride(from: 56, through: 0, by: -8) {
          bytes.append(UInt8(truncatingIfNeeded: words[word] >> UInt64(shift)))
        }
      }
    }
  }

  /// The first 64 bits of the digest: a good hash, and never a name.
  public var prefix: UInt64 { words[0] }

  /// Feeds the hasher with the prefix.
  public func hash(into hasher: inout Hasher) { hasher.combine(prefix) }

  private static func digitValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension PodID: CustomStringConvertible {
  /// The digest in hexadecimal, in lower case.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
