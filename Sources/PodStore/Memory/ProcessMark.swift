import Glibc

/// A mark in memory that a forked child does not have, however it was forked.
///
/// A process number can come again; what the kernel was told of the memory of a parent is never true
/// of a child's.
@safe struct ProcessMark: ~Copyable, Sendable {
  private let address: UInt

  /// Makes a mark; nil where there is no memory for it.
  init?() {
    guard let page = Self.markedPage() else { return nil }
    address = page
  }

  deinit {
    unsafe munmap(
      UnsafeMutableRawPointer(bitPattern: address), Int(WriteProtection.pageSize))
  }

  /// Whether this is the process that made the mark.
  var isHere: Bool {
    unsafe UnsafeRawPointer(bitPattern: address)?.load(as: UInt8.self) == 1
  }

  private static func markedPage() -> UInt? {
    let size = Int(WriteProtection.pageSize)
    let page = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let page = unsafe page, unsafe page != MAP_FAILED else { return nil }
    guard unsafe madvise(page, size, wipeOnFork) == 0 else {
      unsafe munmap(page, size)
      return nil
    }
    unsafe page.storeBytes(of: 1, as: UInt8.self)
    return UInt(bitPattern: page)
  }

  private static let wipeOnFork: CInt = 18
}
