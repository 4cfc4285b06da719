import CZlib

/// The difference of bytes from others that are much alike, the base: raw deflate streams (RFC 1951)
/// that may copy from the base as if it stood before.
///
/// Deflate reaches back nearly 32 KiB. Where the bytes and the base are no longer than 28 KiB, there is
/// one stream that may copy from all of the base. Longer ones have a stream for each 16 KiB, which may
/// copy from the 28 KiB of the base around the same place.
///
/// This is zlib's own, since libdeflate knows no preset dictionary.
enum Delta {
  /// Longer bytes are kept whole.
  static let byteLimit = 512 << 10

  private static let reach = 28 << 10
  private static let blockCount = 16 << 10

  /// What one stream makes, and what it may copy from.
  struct Block {
    let bytes: Range<Int>
    let base: Range<Int>
  }

  /// The streams of a difference of `count` bytes from `baseCount`.
  static func blocks(of count: Int, from baseCount: Int) -> [Block] {
    guard max(count, baseCount) > reach else {
      return [Block(bytes: 0..<count, base: 0..<baseCount)]
    }
    return stride(from: 0, to: count, by: blockCount).map { start in
      let lower = max(0, min(start - (reach - blockCount) / 2, baseCount - reach))
      return Block(
        bytes: start..<min(start + blockCount, count),
        base: lower..<min(lower + reach, baseCount))
    }
  }
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
    guard limit > 0 else { return nil }
    var isWhole = true
    let delta = unsafe [UInt8](unsafeUninitializedCapacity: limit) { output, count in
      unsafe stream.pointee.next_out = output.baseAddress
      unsafe stream.pointee.avail_out = UInt32(limit)
      unsafe bytes.withUnsafeBytes { input in
        for block in Delta.blocks(of: input.count, from: base.count) where isWhole {
          isWhole = unsafe append(
            UnsafeRawBufferPointer(rebasing: input[block.bytes]), base: base[block.base])
        }
      }
      count = isWhole ? limit - Int(unsafe stream.pointee.avail_out) : 0
    }
    return isWhole ? delta : nil
  }

  /// Appends one stream to the output, or returns false if there is no room.
  private func append(_ bytes: UnsafeRawBufferPointer, base: ArraySlice<UInt8>) -> Bool {
    let isReady = unsafe base.withUnsafeBufferPointer { base in
      unsafe deflateReset(stream) == Z_OK
        && deflateSetDictionary(stream, base.baseAddress, UInt32(base.count)) == Z_OK
    }
    guard isReady else { return false }
    let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    unsafe stream.pointee.avail_in = UInt32(bytes.count)
    return unsafe deflate(stream, Z_FINISH) == Z_STREAM_END
  }
}

extension Delta {
  /// The beginning of the name of the base of a pod that is stored as a delta; see ``Codec/delta``.
  static func base(of stored: [UInt8]) -> UInt64? {
    guard stored.count >= 8 else { return nil }
    return stored[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Returns what differs by `delta` from `base`, or nil if that is not `count` bytes.
  static func apply(_ delta: ArraySlice<UInt8>, to base: [UInt8], count: Int) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe podfs_inflate_init(&stream) == Z_OK else { preconditionFailure("out of memory") }
    defer { unsafe inflateEnd(&stream) }
    var isWhole = true
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      unsafe delta.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        for block in blocks(of: count, from: base.count) where isWhole {
          isWhole = unsafe inflate(block.bytes.count, from: base[block.base], &stream)
        }
      }
      filled = isWhole ? count : 0
    }
    return isWhole ? bytes : nil
  }

  /// Reads one stream, which must make `count` bytes.
  private static func inflate(
    _ count: Int, from base: ArraySlice<UInt8>, _ stream: inout z_stream
  ) -> Bool {
    let isReady = unsafe base.withUnsafeBufferPointer { base in
      unsafe inflateReset(&stream) == Z_OK
        && inflateSetDictionary(&stream, base.baseAddress, UInt32(base.count)) == Z_OK
    }
    guard isReady else { return false }
    unsafe stream.avail_out = UInt32(count)
    return unsafe CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0
  }
}
