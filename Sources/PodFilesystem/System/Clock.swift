import Glibc
import PodModel

extension Timestamp {
  /// The time at this moment.
  static var now: Timestamp {
    var time = timespec()
    // CLOCK_REALTIME always exists, so the call cannot fail.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(
      microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
