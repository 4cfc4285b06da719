import Glibc

/// How far the kernel reads ahead in a mount.
///
/// With the default of 128 KiB there are eight times the requests, one at a time. With some MiB the
/// kernel asks for the next ones while the last is answered, so that several processors look up,
/// inflate and hash. Only root may change it; for others reading is slower, and nothing else is
/// different.
enum ReadAhead {
  private static let kibibytes = "4096"

  /// Sets the read-ahead of what is mounted at `path`, an absolute path, if that is allowed.
  static func set(forMountAt path: String) {
    // `stat` of the path would wait for an answer of the mount, which nobody gives yet.
    guard let mount = try? MountTable.read().last(where: { $0.path == path }) else { return }
    let setting = "/sys/class/bdi/\(mount.device)/read_ahead_kb"
    let descriptor = unsafe open(setting, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = unsafe write(descriptor, kibibytes, kibibytes.utf8.count)
    close(descriptor)
  }
}
