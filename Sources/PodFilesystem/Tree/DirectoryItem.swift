/// A name in a directory, as `readdir` gives it.
public struct DirectoryItem: Hashable, Sendable {
  /// The name.
  public let name: String
  /// The number of what it leads to.
  public let inode: InodeNumber
  /// The kind of what it leads to.
  public let kind: FileKind
}

extension [DirectoryItem] {
  /// The items in the order of their names' bytes, as `LC_ALL=C ls` shows them.
  func sorted() -> [DirectoryItem] {
    sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}
