import Glibc

/// The mounts of podfs that the kernel knows of.
enum MountTable {
  /// What the kernel calls the type of these mounts.
  static let type = "fuse.podfs"

  /// One mount.
  struct Entry: Equatable {
    /// Where it is.
    let path: String
    /// The store that it shows.
    let store: String
  }

  /// Reads what is mounted now, in the order of mounting.
  static func read() throws(CommandError) -> [Entry] {
    let file = try Descriptor(opening: "/proc/self/mountinfo", O_RDONLY, to: "read")
    return parse(String(decoding: try file.readToEnd(), as: UTF8.self))
  }

  /// Reads the text of /proc/PID/mountinfo; proc(5) has its layout.
  static func parse(_ text: String) -> [Entry] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: false)
      // The number of optional fields before the separator varies.
      guard fields.count > 6, let separator = fields.dropFirst(6).firstIndex(of: "-"),
        fields.count > separator + 2, fields[separator + 1] == type
      else { return nil }
      return Entry(path: unescaped(fields[4]), store: unescaped(fields[separator + 2]))
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
