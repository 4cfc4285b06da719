import Glibc

/// How many files a process may have open.
enum OpenFileLimit {
  /// Makes it as large as it may be: every file that is written through a mount is one of its
  /// daemon's.
  static func raise() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    // The limit of a parent that allows no more is enough for all but thousands of writers.
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
