import Glibc

/// Taking a mount away.
enum Unmounting {
  /// Detaches the mount at `path`; `lazily` even while files in it are open.
  ///
  /// As root by a system call, else by fusermount3, which may.
  static func unmount(_ path: String, lazily: Bool) throws(CommandError) {
    do {
      _ = try SystemCall.retrying("unmount", path) {
        unsafe Int(umount2(path, CInt(lazily ? UMOUNT_NOFOLLOW | MNT_DETACH : UMOUNT_NOFOLLOW)))
      }
    } catch .system(_, _, EBUSY) {
      throw .failed(
        "cannot unmount '\(path)': it is in use; leave it and close its files, or add --lazy")
    } catch .system(_, _, EPERM) {
      try unmountAsUser(path, lazily: lazily)
    }
  }

  private static func unmountAsUser(_ path: String, lazily: Bool) throws(CommandError) {
    let child = try ChildProcess.start(
      "fusermount3", ["-u", "-q"] + (lazily ? ["-z"] : []) + ["--", path])
    if try ChildProcess.wait(for: child) != 0 {
      throw .failed(
        "cannot unmount '\(path)': it is in use or not yours; close its files, or add --lazy")
    }
  }
}
