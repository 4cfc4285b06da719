import Glibc

/// The mounts of podfs that the kernel knows of.
public enum MountTable {
  /// What the kernel calls the type of these mounts.
  private static let type = "fuse.podfs"

  /// One mount.
  public struct Entry: Hashable, Sendable {
    /// Where it is.
    public let path: String
    /// The store that it shows.
    public let store: String
    /// The number of its device, as `major:minor`.
    public let device: String
  }

  /// Reads what is mounted now, in the order of mounting: a later mount covers an earlier one.
  public static func read() throws(MountError) -> [Entry] {
    let descriptor = unsafe open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .noTable(errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw .noTable(errno: errno) }
      if count == 0 { return parse(String(decoding: bytes, as: UTF8.self)) }
      bytes += buffer[..<count]
    }
  }

  /// Whether a device is mounted anywhere on this machine, in any mount namespace; nil if the kernel
  /// does not say, since /sys is not mounted.
  public static func isMountedAnywhere(device: String) -> Bool? {
    guard unsafe access("/sys/class/bdi", F_OK) == 0 else { return nil }
    return unsafe access("/sys/class/bdi/\(device)", F_OK) == 0
  }

  /// Reads the text of /proc/PID/mountinfo; proc(5) has its layout.
  static func parse(_ text: String) -> [Entry] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: false)
      // The number of optional fields before the separator varies.
      guard fields.count > 6, let separator = fields.dropFirst(6).firstIndex(of: "-"),
        fields.count > separator + 2, fields[separator + 1] == type
      else { return nil }
      return Entry(
        path: unescaped(fields[4]), store: unescaped(fields[separator + 2]),
        device: String(fields[2]))
    }
  }

  /// Undoes `\040` and the like, by which the kernel writes spaces, tabs, newlines and backslashes.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      if byte == UInt8(ascii: "\\"), let value = UInt8(digits, radix: 8) {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
