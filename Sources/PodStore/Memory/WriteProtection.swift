private import CLinux
import Glibc

/// Write protection that the kernel lifts by itself, page by page, and remembers to have lifted.
///
/// That is a userfaultfd with asynchronous write protection: the first write to a page after it was
/// protected costs a fault of a microsecond, which nobody handles. `PAGEMAP_SCAN` tells which pages
/// were written, whoever did it (a thread, C, `read(2)`, `process_vm_writev`), and protects them
/// again, in one call. It takes Linux 6.11.
@safe struct WriteProtection: ~Copyable {
  private let faults: CInt
  private let pages: CInt
  private let maps: CInt

  /// Opens what it takes; nil where the kernel, or who runs this, does not allow it.
  init?() {
    faults = podfs_faults_open(O_CLOEXEC | O_NONBLOCK)
    pages = unsafe open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
    maps = unsafe open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
    guard faults >= 0, pages >= 0, maps >= 0 else { return nil }
  }

  deinit {
    for file in [faults, pages, maps] where file >= 0 { close(file) }
  }

  /// The number of bytes in a page.
  static let pageSize = UInt(getpagesize())

  /// Protects whole pages that were not before; returns whether all writes to them will show.
  ///
  /// They do in private anonymous memory. What is shared, or belongs to a file or a device, can be
  /// written through another mapping.
  func begin(_ range: Range<UInt>) -> Bool {
    guard isPrivateAnonymous(range), own(range) else { return false }
    // Pages that nobody touched yet are made zeros in large steps here, and one by one later.
    unsafe madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, 22)
    return podfs_faults_protect(faults, UInt64(range.lowerBound), UInt64(range.count)) == 0
  }

  /// Returns which pages of `range` were written or dropped since they were protected, and protects
  /// them again; nil if the range, or a part of it, is not protected any more.
  func takeWritten(in range: Range<UInt>) -> [Range<UInt>]? {
    let written = scan(range, flags: UInt64(PODFS_SCAN_WP_MATCHING | PODFS_SCAN_CHECK_WPASYNC))
    // That the memory is protected for someone else would not show in a scan.
    return own(range) ? written : nil
  }

  /// Whether a page of `range` was written or dropped since it was protected, or is not any more.
  func isWritten(in range: Range<UInt>) -> Bool {
    scan(range, flags: UInt64(PODFS_SCAN_CHECK_WPASYNC), limit: 1)?.isEmpty != true
  }

  /// Ends the protection of whole pages, if there is any.
  func end(_ range: Range<UInt>) {
    _ = podfs_faults_unregister(faults, UInt64(range.lowerBound), UInt64(range.count))
  }

  /// Makes whole pages ones whose faults come to this; returns false if they are somebody else's.
  private func own(_ range: Range<UInt>) -> Bool {
    podfs_faults_register(faults, UInt64(range.lowerBound), UInt64(range.count)) == 0
  }

  private func isPrivateAnonymous(_ range: Range<UInt>) -> Bool {
    var address = UInt64(range.lowerBound)
    while address < range.upperBound {
      var query = podfs_map_query()
      query.size = UInt64(MemoryLayout<podfs_map_query>.size)
      query.query_addr = address
      guard unsafe podfs_map_query(maps, &query) == 0, query.inode == 0,
        query.vma_flags & UInt64(PODFS_MAP_SHARED) == 0
      else { return false }
      address = query.vma_end
    }
    return true
  }

  private static let regionCount = 512

  private func scan(_ range: Range<UInt>, flags: UInt64, limit: UInt64 = 0) -> [Range<UInt>]? {
    unsafe withUnsafeTemporaryAllocation(
      of: podfs_page_region.self, capacity: Self.regionCount
    ) { regions in
      var found: [Range<UInt>] = []
      var scan = podfs_page_scan()
      scan.size = UInt64(MemoryLayout<podfs_page_scan>.size)
      scan.flags = flags
      (scan.start, scan.end) = (UInt64(range.lowerBound), UInt64(range.upperBound))
      scan.vec = UInt64(UInt(bitPattern: regions.baseAddress))
      scan.vec_len = UInt64(Self.regionCount)
      scan.max_pages = limit
      // A page that was dropped (`MADV_DONTNEED`) is zeros from then on though nobody wrote it: it is
      // neither in memory nor swapped out. One that is swapped out has kept its protection.
      scan.category_inverted = UInt64(PODFS_PAGE_IS_PRESENT)
      scan.category_anyof_mask = UInt64(PODFS_PAGE_IS_PRESENT | PODFS_PAGE_IS_WRITTEN)
      scan.return_mask = UInt64(PODFS_PAGE_IS_SWAPPED | PODFS_PAGE_IS_WRITTEN)
      while scan.start < scan.end {
        let count = unsafe podfs_page_scan(pages, &scan)
        guard count >= 0, scan.walk_end > scan.start || count > 0 else { return nil }
        for index in 0..<count {
          let region = unsafe regions[index]
          if region.categories == UInt64(PODFS_PAGE_IS_SWAPPED) { continue }
          found.append(UInt(region.start)..<UInt(region.end))
        }
        if limit > 0, !found.isEmpty { break }
        scan.start = scan.walk_end
      }
      return found
    }
  }
}
