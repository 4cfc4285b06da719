import Glibc

/// Measures what the process takes: time of its own, and memory that is really there.
///
/// With a low MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_ in the environment, what is freed
/// goes back to the system, and little that is resident is not in use.
struct Meter {
  /// The resident bytes before the first input.
  private let base: Int

  init() {
    base = Self.status("VmRSS:")
  }

  /// Begins to look for the peak anew.
  func reset() {
    let file = unsafe open("/proc/self/clear_refs", O_WRONLY)
    guard file >= 0 else { return }
    let command = [UInt8(ascii: "5")]
    _ = unsafe write(file, command, 1)
    close(file)
  }

  /// The most resident bytes since ``reset()``, without those of the start.
  var peak: Int { max(0, Self.status("VmHWM:") - base) }

  /// The seconds of processor time that the process has taken.
  static var seconds: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// A line of /proc/self/status, in bytes.
  private static func status(_ name: String) -> Int {
    let text = String(decoding: file("/proc/self/status") ?? [], as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first)
      .flatMap { Int($0) }.map { $0 << 10 } ?? 0
  }

  /// The bytes of a file, or nil.
  static func file(_ path: String) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let got = unsafe read(file, &buffer, buffer.count)
      guard got > 0 else { return bytes }
      bytes += buffer[..<got]
    }
  }
}
