import Glibc

/// How far the kernel reads ahead in a mount.
///
/// The default of 128 KiB makes eight times the requests. Only root may change it, so for others
/// reading is slower by a quarter, and nothing else is different.
enum ReadAhead {
  private static let kibibytes = "1024"

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
