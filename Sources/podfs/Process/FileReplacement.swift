import Glibc

/// Writing a whole file so that it is there entirely or not at all.
enum FileReplacement {
  /// Writes to `path` what `body` hands to its argument; an old file stays as it was until the new
  /// one is complete, and keeps its mode.
  static func write(
    to path: String, _ body: ((_ bytes: [UInt8]) throws -> Void) throws -> Void
  ) throws {
    let kind = try Path.kind(of: path)
    if kind == .other {
      // A pipe or a device cannot be replaced.
      let file = try Descriptor(opening: path, O_WRONLY, to: "write")
      return try body { try file.write($0) }
    }
    let target = kind == nil ? path : try Path.resolved(path)
    let temporary = "\(Path.folder(of: target))/.podfs-\(getpid())"
    do {
      let file = try Descriptor(
        opening: temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, to: "write")
      if kind != nil {
        let mode = try Path.mode(of: target)
        _ = try SystemCall.retrying("write", target) { Int(fchmod(file.number, mode)) }
      }
      try body { try file.write($0) }
      try Path.rename(temporary, to: target)
    } catch {
      try Path.removeFile(temporary)
      throw error
    }
  }
}
