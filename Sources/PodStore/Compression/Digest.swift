import CCrypto
public import PodModel

/// Computes SHA-256 digests, which name pods and commits.
@safe struct Digest: ~Copyable {
  private let context: OpaquePointer

  init() {
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    unsafe self.context = context
    // Looking up the algorithm takes as long as hashing 600 bytes; the context remembers it.
    precondition(unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, Self.missing)
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  private static let missing = "SHA-256 is part of every libcrypto"

  /// Adds bytes to what is digested in pieces.
  mutating func update(_ bytes: [UInt8]) {
    let isDone = unsafe bytes.withUnsafeBytes { input in
      unsafe EVP_DigestUpdate(context, input.baseAddress, input.count) == 1
    }
    precondition(isDone, Self.missing)
  }

  /// Returns the digest of all pieces.
  consuming func finish() -> PodID {
    var digest = [UInt8](repeating: 0, count: PodID.byteCount)
    precondition(unsafe EVP_DigestFinal_ex(context, &digest, nil) == 1, Self.missing)
    return unsafe digest.withUnsafeBytes { unsafe PodID(loading: $0) }
  }

  /// Returns the digest of `bytes`, or of `first` and then `bytes`, read in place.
  func callAsFunction(_ bytes: RawSpan, after first: UInt8? = nil) -> PodID {
    unsafe withUnsafeTemporaryAllocation(byteCount: PodID.byteCount, alignment: 8) { digest in
      let start = unsafe digest.assumingMemoryBound(to: UInt8.self).baseAddress
      var done = unsafe EVP_DigestInit_ex(context, nil, nil) == 1
      if var first { done = unsafe done && EVP_DigestUpdate(context, &first, 1) == 1 }
      let isWhole = unsafe bytes.withUnsafeBytes { input in
        unsafe EVP_DigestUpdate(context, input.baseAddress, input.count) == 1
          && EVP_DigestFinal_ex(context, start, nil) == 1
      }
      precondition(done && isWhole, Self.missing)
      return unsafe PodID(loading: UnsafeRawBufferPointer(digest))
    }
  }
}

extension PodID {
  /// Creates a name from the 32 bytes of a digest.
  init(loading bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == Self.byteCount, "a digest has 32 bytes")
    var words = SIMD4<UInt64>()
    for index in 0..<4 {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
      words[index] = UInt64(bigEndian: word)
    }
    self.init(words: words)
  }
}

extension PodID {
  /// The SHA-256 digest of `bytes`.
  public init(digestOf bytes: [UInt8]) { self = bytes.withSpan { Digest()($0) } }
}
