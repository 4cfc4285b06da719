import CLinux
import Glibc
import PodModel

/// What the operating system tells a process.
enum CurrentProcess {
  /// The number of this process; another one after a fork.
  static var id: Int32 { getpid() }

  /// The user with whose permissions this thread uses files.
  static var user: UInt32 { podfs_setfsuid(.max) }

  /// Returns the value of an environment variable, or nil if it is not set or empty.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
    return unsafe String(cString: value)
  }

  /// The time on the wall.
  static var now: Timestamp {
    var time = timespec()
    let failed = unsafe clock_gettime(CLOCK_REALTIME, &time)
    precondition(failed == 0, "Linux has a clock")
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
