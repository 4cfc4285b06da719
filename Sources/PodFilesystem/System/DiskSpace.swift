import Glibc

/// What `df` shows: the disk of the store.
public struct DiskSpace: Hashable, Sendable {
  /// The number of bytes in a block.
  public let blockSize: UInt
  /// The number of blocks.
  public let blocks: UInt
  /// The number of blocks that are free.
  public let free: UInt
  /// The number of blocks that are free for those who are not root.
  public let available: UInt
  /// The number of files that the disk can hold.
  public let files: UInt
  /// The number of files that can still be made.
  public let freeFiles: UInt

  /// Asks the disk that holds `path`.
  init(of path: String) throws(FilesystemError) {
    var answer = statvfs()
    guard unsafe statvfs(path, &answer) == 0 else { throw .staging(Glibc.errno) }
    blockSize = answer.f_frsize
    blocks = UInt(answer.f_blocks)
    free = UInt(answer.f_bfree)
    available = UInt(answer.f_bavail)
    files = UInt(answer.f_files)
    freeFiles = UInt(answer.f_ffree)
  }
}
