import Glibc

/// What a container has of its own, and what two processes may not have in common.
enum Namespace: String {
  /// The mounts that a process sees.
  case mount = "mnt"
  /// The processes that a process sees, and their numbers.
  case process = "pid"

  /// The number of this process's namespace, which no other one has at the same time; 0 without
  /// /proc.
  var number: UInt64 {
    var status = stat()
    return unsafe stat("/proc/self/ns/\(rawValue)", &status) == 0 ? UInt64(status.st_ino) : 0
  }
}
