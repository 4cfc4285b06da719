import CZlib

/// The difference of bytes from others that are much alike: a raw deflate stream (RFC 1951) that
/// may copy from the base as if it stood before.
///
/// This is zlib's own, since libdeflate knows no preset dictionary.
enum Delta {
  /// Deflate reaches back 32 KiB; longer bases and bytes have no use of it.
  static let byteLimit = 32 << 10
}

/// Makes deltas, one after the other.
@safe struct DeltaCompressor: ~Copyable {
  // On the heap: zlib remembers the address.
  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe podfs_deflate_init(stream, 6) == Z_OK else { preconditionFailure("out of memory") }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Returns the difference of `bytes` from `base`, or nil if it would be more than `limit` bytes.
  func compress(_ bytes: RawSpan, base: [UInt8], limit: Int) -> [UInt8]? {
    guard limit > 0, unsafe deflateReset(stream) == Z_OK,
      unsafe deflateSetDictionary(stream, base, UInt32(base.count)) == Z_OK
    else { return nil }
    var isWhole = false
    let delta = unsafe [UInt8](unsafeUninitializedCapacity: limit) { output, count in
      unsafe bytes.withUnsafeBytes { input in
        let start = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(limit)
        isWhole = unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
        count = isWhole ? limit - Int(unsafe stream.pointee.avail_out) : 0
      }
    }
    return isWhole ? delta : nil
  }
}

extension Delta {
  /// Returns what differs by `delta` from `base`, or nil if that is not `count` bytes.
  static func apply(_ delta: ArraySlice<UInt8>, to base: [UInt8], count: Int) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe podfs_inflate_init(&stream) == Z_OK else { preconditionFailure("out of memory") }
    defer { unsafe inflateEnd(&stream) }
    guard unsafe inflateSetDictionary(&stream, base, UInt32(base.count)) == Z_OK else { return nil }
    var isWhole = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      unsafe delta.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(count)
        isWhole = unsafe inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0
        filled = isWhole ? count : 0
      }
    }
    return isWhole ? bytes : nil
  }
}
