import Glibc

/// Whether a device may write into memory of this process past the protection of its pages.
///
/// A page that a device reads into is pinned, and written long after the page table was asked. That
/// is so for memory that is registered with a device or a ring for good, while a file is read
/// without the page cache, and for memory that a driver of CUDA pins, which no counter shows.
enum DeviceWrites {
  /// Whether that is possible now.
  static var arePossible: Bool { hasPinnedMemory || hasDirectFile || hasCUDA }

  private static var hasCUDA: Bool {
    guard let library = unsafe dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD) else { return false }
    unsafe dlclose(library)
    return true
  }

  /// Whether the kernel counts a page as pinned; true where it does not tell.
  private static var hasPinnedMemory: Bool {
    guard let file = unsafe fopen("/proc/self/status", "re") else { return true }
    defer { unsafe fclose(file) }
    var pages: CLong = 0
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { line in
      while unsafe fgets(line.baseAddress, CInt(line.count), file) != nil {
        guard let start = line.baseAddress, unsafe strncmp(start, "VmPin:", 6) == 0 else {
          continue
        }
        pages = unsafe strtol(start + 6, nil, 10)
        return pages != 0
      }
      return true
    }
  }

  private static var hasDirectFile: Bool {
    guard let folder = unsafe opendir("/proc/self/fd") else { return true }
    defer { unsafe closedir(folder) }
    while let entry = unsafe readdir(folder) {
      let number = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
        unsafe name.bindMemory(to: CChar.self).baseAddress.map { unsafe atoi($0) } ?? -1
      }
      let flags = fcntl(number, F_GETFL)
      if flags >= 0, flags & __O_DIRECT != 0 { return true }
    }
    return false
  }
}
