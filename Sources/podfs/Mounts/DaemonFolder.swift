import Glibc
import PodStore

/// Where the daemons of a store keep their log and their records.
///
/// That is the store; or, if the store cannot be written, a folder of the user's that is gone after
/// a restart of the machine: `$XDG_RUNTIME_DIR/podfs`, or `/run/podfs` for root.
enum DaemonFolder {
  /// Returns the folder of a store's new daemons; nil without one.
  static func path(for store: Store) throws -> String? {
    store.directory.isWritable ? store.path : try madeRuntimeFolder()
  }

  /// Returns the folders in which daemons of the store at `path` may have records.
  static func all(of path: String) -> [String] { [path] + [runtimeFolder].compactMap(\.self) }

  /// Runs `body`, which uses the folder of a store's new daemons, as whoever may do that.
  static func use<Result: ~Copyable, Failure>(
    for store: Store, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    store.directory.isWritable ? try body() : try FileIdentity.asCaller(body)
  }

  /// The folder for daemons that cannot write to their store.
  private static var runtimeFolder: String? {
    if let folder = SystemCall.environment("XDG_RUNTIME_DIR"), folder.hasPrefix("/") {
      return folder + "/podfs"
    }
    return geteuid() == 0 ? "/run/podfs" : "/run/user/\(geteuid())/podfs"
  }

  /// Returns the same once it is there and nobody else's; nil if it cannot be.
  private static func madeRuntimeFolder() throws -> String? {
    guard let folder = runtimeFolder else { return nil }
    return try FileIdentity.asCaller {
      do {
        try Path.makeDirectory(folder)
        return try Path.isOwn(directory: folder) ? folder : nil
      } catch CommandError.system(_, _, let errno) where hindrances.contains(errno) {
        return nil
      }
    }
  }

  private static let hindrances: Set<CInt> = [ENOENT, ENOTDIR, EACCES, EPERM, EROFS, ENOSPC]
}
