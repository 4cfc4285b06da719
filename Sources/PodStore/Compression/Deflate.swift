import CDeflate

/// Compresses into zlib format.
@safe struct Deflater: ~Copyable {
  private let handle: OpaquePointer

  /// How hard to look for matches.
  enum Effort: Int32 {
    /// For what somebody waits for: texts take 2 % more than with the best, at 160 MB/s, and columns of
    /// integers a tenth more, at 260 MB/s.
    case fast = 1
    /// For little: objects take a sixth less than fast, at 70 MB/s.
    case thorough = 5
    /// For what nobody waits for.
    case best = 9
  }

  init(_ effort: Effort) {
    guard let handle = unsafe libdeflate_alloc_compressor(effort.rawValue) else {
      preconditionFailure("out of memory")
    }
    unsafe self.handle = handle
  }

  deinit { unsafe libdeflate_free_compressor(handle) }

  /// Returns the compressed `bytes`, or nil if they would be more than `limit`.
  func compress(_ bytes: RawSpan, limit: Int) -> [UInt8]? {
    let compressed = unsafe [UInt8](unsafeUninitializedCapacity: limit) { output, count in
      count = unsafe bytes.withUnsafeBytes { input in
        unsafe libdeflate_zlib_compress(
          handle, input.baseAddress, input.count, output.baseAddress, limit)
      }
    }
    return compressed.isEmpty ? nil : compressed
  }
}

/// Decompresses zlib format.
public enum Inflater {
  /// Returns what `bytes` are the compressed form of without zlib's header, as in ZIP archives; nil if
  /// that is not `count` bytes.
  public static func decompress(raw bytes: [UInt8], count: Int) -> [UInt8]? {
    guard let handle = unsafe libdeflate_alloc_decompressor() else {
      preconditionFailure("out of memory")
    }
    defer { unsafe libdeflate_free_decompressor(handle) }
    var isWhole = false
    let plain = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      isWhole =
        unsafe libdeflate_deflate_decompress(
          handle, bytes, bytes.count, output.baseAddress, count, nil) == LIBDEFLATE_SUCCESS
      filled = isWhole ? count : 0
    }
    return isWhole ? plain : nil
  }

  /// Returns what `bytes` are the compressed form of, or nil if that is not `count` bytes.
  static func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
    var isWhole = false
    let plain = ReadBuffer.bytes(capacity: count) { buffer in
      buffer.append(upTo: count) { output in
        isWhole = decompress(bytes, into: &output)
        return count
      }
    }
    return isWhole ? plain : nil
  }

  /// Writes what `bytes` are the compressed form of; false if that does not fill `output`.
  static func decompress(_ bytes: [UInt8], into output: inout MutableRawSpan) -> Bool {
    guard let handle = unsafe libdeflate_alloc_decompressor() else {
      preconditionFailure("out of memory")
    }
    defer { unsafe libdeflate_free_decompressor(handle) }
    return unsafe output.withUnsafeMutableBytes { output in
      unsafe libdeflate_zlib_decompress(
        handle, bytes, bytes.count, output.baseAddress, output.count, nil)
        == LIBDEFLATE_SUCCESS
    }
  }
}
