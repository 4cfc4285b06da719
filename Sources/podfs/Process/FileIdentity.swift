import CLinux
import Glibc
import Synchronization

/// Whose permissions this process uses files with.
///
/// Root may work on anybody's store, but files that root made there would shut the owner out, and
/// what somebody else's store leads to is not for root to touch. So podfs uses the store as its
/// owner does, and only what lies outside with the rights of whoever runs it.
///
/// Linux has the permission to use files for each thread: a thread begins with that of the one that
/// starts it. All else that root may do, such as mounting, stays allowed.
enum FileIdentity {
  private struct Owner {
    let user: uid_t
    let group: gid_t
  }

  private static let owner = Mutex<Owner?>(nil)

  /// Uses files as the owner of `path` from now on, if this is root and the owner is not.
  ///
  /// To be called before any other thread is started.
  static func become(ownerOf path: String) throws(CommandError) {
    var status = stat()
    guard geteuid() == 0, unsafe stat(path, &status) == 0, status.st_uid != 0 else { return }
    let account = unsafe getpwuid(status.st_uid)
    let group = unsafe account?.pointee.pw_gid ?? status.st_gid
    if let name = unsafe account?.pointee.pw_name {
      unsafe initgroups(name, group)
    } else {
      unsafe setgroups(1, [group])
    }
    let new = Owner(user: status.st_uid, group: group)
    guard use(new) else {
      _ = use(Owner(user: 0, group: getegid()))
      // Root has no power over files of users that its container does not know.
      if status.st_uid == unknownUser { return }
      throw .failed(
        "'\(path)' belongs to user \(status.st_uid), as whom root may not act here; "
          + "run podfs as that user")
    }
    owner.withLock { $0 = new }
    guard unsafe faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 else {
      throw .failed(
        "'\(path)' belongs to user \(status.st_uid), who cannot enter it; let the owner enter the "
          + "directories above it, or 'chown -R root' it")
    }
  }

  /// Runs `body` with the permissions of whoever runs podfs, for what lies outside of the store.
  static func asCaller<Result: ~Copyable, Failure>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let owner = owner.withLock({ $0 }) else { return try body() }
    _ = use(Owner(user: 0, group: getegid()))
    defer { _ = use(owner) }
    return try body()
  }

  /// What the kernel shows as the owner of files whose owner it cannot name.
  private static let unknownUser: uid_t = 65534

  /// Makes this thread use files as `owner`; returns whether it does.
  private static func use(_ owner: Owner) -> Bool {
    // As root first: only root may become anybody.
    _ = podfs_setfsuid(0)
    _ = podfs_setfsgid(owner.group)
    _ = podfs_setfsuid(owner.user)
    // The calls answer what was before, whether it changed or not.
    return podfs_setfsuid(.max) == owner.user && podfs_setfsgid(.max) == owner.group
  }
}
