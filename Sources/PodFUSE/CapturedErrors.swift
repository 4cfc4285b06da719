import CFuse
import Glibc

/// Standard error as a text, for calls of libfuse that say only there why they failed.
enum CapturedErrors {
  /// Runs `body`, and returns its result and what it, or a program that it ran, wrote to standard
  /// error meanwhile.
  static func during<Result>(_ body: () -> Result) -> (result: Result, text: String) {
    let memory = podfs_memory_file()
    let before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    guard memory >= 0, before >= 0, dup2(memory, STDERR_FILENO) >= 0 else {
      for descriptor in [memory, before] where descriptor >= 0 { close(descriptor) }
      return (body(), "")
    }
    let result = body()
    dup2(before, STDERR_FILENO)
    close(before)
    defer { close(memory) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe pread(memory, &buffer, buffer.count, 0)
    let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
      .split(separator: "\n").map { $0.drop { $0 == " " } }
    return (result, lines.joined(separator: "; "))
  }
}
