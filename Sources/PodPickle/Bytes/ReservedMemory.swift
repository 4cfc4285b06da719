import Glibc

/// Memory that the kernel gives page by page as it is used.
@safe final class ReservedMemory {
  let base: UnsafeMutableRawPointer
  let byteCount: Int
  /// The number of values that may be stored before ``use(_:_:)`` is called again.
  @exclusivity(unchecked) private(set) var capacity = 0
  private let isMapped: Bool
  private var hasHugePages = false

  /// More than this is mapped by itself, and goes back to the system at once when it is freed.
  private static let mappedByteCount = 256 << 10

  /// Reserves `byteCount` bytes, or only `least` if the process may not have that much.
  init(byteCount: Int, least: Int) {
    if byteCount > Self.mappedByteCount {
      let mapped = unsafe mmap(
        nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let mapped = unsafe mapped, unsafe mapped != MAP_FAILED {
        unsafe base = mapped
        self.byteCount = byteCount
        isMapped = true
        return
      }
    }
    self.byteCount = max(byteCount > Self.mappedByteCount ? least : byteCount, 64)
    unsafe base = UnsafeMutableRawPointer.allocate(byteCount: self.byteCount, alignment: 16)
    isMapped = false
  }

  deinit {
    if isMapped { unsafe munmap(base, byteCount) } else { unsafe base.deallocate() }
  }

  /// Sets the first `count` bytes, which were never used, to zero.
  func prepareZeros(_ count: Int) {
    precondition(count <= byteCount, "zeros beyond the end of memory")
    if !isMapped { unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: count) }
  }

  /// Prepares the first `needed` bytes for values of `stride` bytes, and some more.
  ///
  /// What is used by the megabyte gets huge pages: one fault for each instead of 512, and fewer
  /// misses when it is read here and there.
  func use(_ needed: Int, _ stride: Int) {
    let used = isMapped ? min(byteCount, max(2 * needed, Self.mappedByteCount)) : byteCount
    unsafe capacity = used / stride
    if used >= 2 << 20, isMapped, !hasHugePages {
      hasHugePages = true
      unsafe _ = madvise(base, byteCount, MADV_HUGEPAGE)
    }
  }
}
