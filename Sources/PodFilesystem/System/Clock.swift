import Glibc
import PodModel

/// The system's clock; it always exists, so asking it cannot fail.
private var realTime: timespec {
  var time = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return time
}

extension Timestamp {
  /// The time at this moment.
  static var now: Timestamp {
    let time = realTime
    return Timestamp(
      microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}

extension FileTime {
  /// The time at this moment.
  static var now: FileTime {
    let time = realTime
    return FileTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }
}
