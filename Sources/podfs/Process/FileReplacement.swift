import Glibc

/// Writing a whole file so that it is there entirely or not at all.
enum FileReplacement {
  /// Writes to `path` what `body` hands to its argument; an old file stays as it was until the new
  /// one is complete, and keeps its mode.
  static func write(
    to path: String, _ body: ((_ bytes: [UInt8]) throws -> Void) throws -> Void
  ) throws {
    let kind = try Path.kind(ofOutside: path)
    if kind == .other {
      // A pipe or a device cannot be replaced.
      let file = try FileIdentity.asCaller { () throws(CommandError) in
        try Descriptor(opening: path, O_WRONLY, to: "write")
      }
      return try body { try file.write($0) }
    }
    let target = try FileIdentity.asCaller { () throws(CommandError) in
      kind == nil ? path : try Path.resolved(path)
    }
    let temporary = "\(Path.folder(of: target))/.podfs-\(getpid())"
    do {
      let file = try FileIdentity.asCaller { () throws(CommandError) in
        try new(temporary, for: kind == nil ? nil : target)
      }
      try body { try file.write($0) }
      try FileIdentity.asCaller { () throws(CommandError) in
        try Path.rename(temporary, to: target)
      }
    } catch {
      try FileIdentity.asCaller { () throws(CommandError) in try Path.removeFile(temporary) }
      throw error
    }
  }

  /// Makes the file at `path`, with the mode of `old` if there is one.
  private static func new(_ path: String, for old: String?) throws(CommandError) -> Descriptor {
    let file = try Descriptor(
      opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666, to: "write")
    if let old {
      let mode = try Path.mode(of: old)
      let number = file.number
      _ = try SystemCall.retrying("write", old) { Int(fchmod(number, mode)) }
    }
    return file
  }
}
