import Glibc
import PodModel

/// What is common to all system calls: the answer that they failed, and the environment.
enum SystemCall {
  /// Returns the operating system's words for an error number, such as `No such file or directory`.
  static func message(of errno: CInt) -> String {
    unsafe String(cString: strerror(errno))
  }

  /// Returns what `body` answers, again and again while a signal interrupts it.
  ///
  /// Throws the error number, told as "cannot `doing` 'path'", when the answer is -1.
  static func retrying(
    _ doing: String, _ path: String, _ body: () -> Int
  ) throws(CommandError) -> Int {
    while true {
      let answer = body()
      if answer >= 0 { return answer }
      if errno != EINTR { throw .system(doing: doing, path: path, errno: errno) }
    }
  }

  /// Returns an environment variable, or nil if it is not set or empty.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}

extension Timestamp {
  /// The present time.
  static var now: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
