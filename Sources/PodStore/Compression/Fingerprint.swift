import CXXHash

/// A fingerprint of bytes: xxh3 of 128 bits.
///
/// It tells whether bytes in memory changed, fast. It is no protection against someone who wants
/// two things to look the same, so it never names anything that is stored.
public struct Fingerprint: Hashable, Sendable {
  private let low: UInt64
  private let high: UInt64

  /// Computes the fingerprint of `bytes`, in place.
  public init(of bytes: UnsafeRawBufferPointer) {
    let hash = unsafe podfs_xxh3_128(bytes.baseAddress, bytes.count)
    low = hash.low64
    high = hash.high64
  }

  /// Computes the fingerprint of `bytes`, in place.
  public init(of bytes: RawSpan) {
    self = unsafe bytes.withUnsafeBytes { unsafe Fingerprint(of: $0) }
  }

  /// Computes the fingerprint of fingerprints in a row.
  init(of prints: [Fingerprint]) {
    self = unsafe prints.withUnsafeBytes { unsafe Fingerprint(of: $0) }
  }
}
