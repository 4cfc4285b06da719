import Glibc

/// Bytes that stay where they are while they are looked at.
@safe struct BorrowedBytes: BitwiseCopyable {
  private let start: UnsafeRawPointer
  let count: Int

  @unsafe @inline(__always)
  init(start: UnsafeRawPointer, count: Int) {
    unsafe self.start = start
    self.count = count
  }

  @unsafe var buffer: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: start, count: count)
  }

  /// The byte at `offset`.
  @inline(__always)
  subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < count, "a read beyond the end of bytes")
    return unsafe start.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The bytes from `offset` on.
  @inline(__always)
  func dropFirst(_ offset: Int) -> BorrowedBytes {
    precondition(offset >= 0 && offset <= count, "bytes beyond their end")
    return unsafe BorrowedBytes(start: start + offset, count: count - offset)
  }

  /// Copies the bytes; short ones by two words that may overlap, which takes no call.
  @unsafe @inline(__always)
  func copy(to target: UnsafeMutableRawPointer) {
    if count > 16 {
      unsafe target.copyMemory(from: start, byteCount: count)
    } else if count >= 8 {
      unsafe copyEnds(as: UInt64.self, to: target)
    } else if count >= 4 {
      unsafe copyEnds(as: UInt32.self, to: target)
    } else if count >= 2 {
      unsafe copyEnds(as: UInt16.self, to: target)
    } else if count == 1 {
      unsafe target.storeBytes(of: self[0], as: UInt8.self)
    }
  }

  @unsafe @inline(__always)
  private func copyEnds<Word: FixedWidthInteger & BitwiseCopyable>(
    as type: Word.Type, to target: UnsafeMutableRawPointer
  ) {
    let last = count - MemoryLayout<Word>.size
    let (head, tail) = unsafe (word(at: 0, type), word(at: last, type))
    unsafe target.storeBytes(of: head, as: type)
    unsafe target.storeBytes(of: tail, toByteOffset: last, as: type)
  }

  @unsafe @inline(__always)
  private func word<Word: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, _ type: Word.Type
  ) -> Word {
    unsafe start.loadUnaligned(fromByteOffset: offset, as: type)
  }

  /// A hash of the bytes, for tables that are not kept; see ``ByteSource/lines(seed:)``.
  @inline(__always)
  func tableHash(seed: UInt64) -> UInt64 {
    unsafe PodPickle.tableHash(of: start, count: count, seed: seed)
  }

  /// Whether these are the same bytes as `other`.
  @inline(__always)
  func isEqual(to other: BorrowedBytes) -> Bool {
    unsafe count == other.count && memcmp(start, other.start, count) == 0
  }

  /// A hash of the bytes.
  ///
  /// It is the same on every machine and a part of the format: borders between pods depend on it.
  @inline(__always)
  func hash(seed: UInt64) -> UInt64 {
    let seed = seed ^ UInt64(count) &* 0x9E37_79B9_7F4A_7C15
    if count >= 8 {
      var hash = seed
      var offset = 0
      while offset + 8 < count {
        hash = mix(hash, unsafe UInt64(littleEndian: word(at: offset, UInt64.self)))
        offset += 8
      }
      return mix(hash, unsafe UInt64(littleEndian: word(at: count - 8, UInt64.self)))
    }
    if count >= 4 {
      let head = unsafe UInt64(UInt32(littleEndian: word(at: 0, UInt32.self)))
      let tail = unsafe UInt64(UInt32(littleEndian: word(at: count - 4, UInt32.self)))
      return mix(seed, tail << 32 | head)
    }
    guard count > 0 else { return mix(seed, 0) }
    let ends = UInt64(self[0]) | UInt64(self[count - 1]) << 16
    return mix(seed, ends | UInt64(self[count / 2]) << 8)
  }
}
