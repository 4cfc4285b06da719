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
    sorted { left, right in
      let (left, right) = (left.name.utf8.span, right.name.utf8.span)
      let shared = Swift.min(left.count, right.count)
      for index in 0..<shared where left[index] != right[index] {
        return left[index] < right[index]
      }
      return left.count < right.count
    }
  }
}
