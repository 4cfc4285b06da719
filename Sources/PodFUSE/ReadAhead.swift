import Glibc

/// How far the kernel reads ahead in a mount.
///
/// The default of 128 KiB makes eight times the requests. Only root may change it, so for others
/// reading is slower by a quarter, and nothing else is different.
enum ReadAhead {
  private static let kibibytes = "1024"

  /// Sets the read-ahead of what is mounted at `path`, an absolute path, if that is allowed.
  static func set(forMountAt path: String) {
    guard let device = device(ofMountAt: path) else { return }
    let setting = "/sys/class/bdi/\(device)/read_ahead_kb"
    let descriptor = unsafe open(setting, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = unsafe write(descriptor, kibibytes, kibibytes.utf8.count)
    close(descriptor)
  }

  /// Returns the number of the device, as `major:minor`.
  ///
  /// `stat` of the path would wait for an answer of the mount, which nobody gives yet.
  private static func device(ofMountAt path: String) -> Substring? {
    let escaped = path.reduce(into: "") { text, character in
      switch character {
      case " ": text += "\\040"
      case "\t": text += "\\011"
      case "\n": text += "\\012"
      case "\\": text += "\\134"
      default: text.append(character)
      }
    }
    // Fields: an identifier, its parent's, the device, the root, the mount point. A later mount
    // covers an earlier one.
    let fields = mounts().split(separator: "\n").map {
      $0.split(separator: " ", maxSplits: 5)
    }
    return fields.last { $0.count > 4 && $0[4] == escaped }?[2]
  }

  private static func mounts() -> String {
    let descriptor = unsafe open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }
}
