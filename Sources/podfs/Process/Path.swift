import Glibc

/// A place in the file system, as text.
enum Path {
  /// What is at a path.
  enum Kind { case file, directory, other }

  /// Returns what is at `path`, or nil if nothing is; links are followed.
  static func kind(of path: String) throws(CommandError) -> Kind? {
    var status = stat()
    do {
      _ = try SystemCall.retrying("look at", path) { unsafe Int(stat(path, &status)) }
    } catch .system(_, _, ENOENT), .system(_, _, ENOTDIR) {
      return nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  /// Returns what is at a path that does not lead into the store.
  static func kind(ofOutside path: String) throws(CommandError) -> Kind? {
    try FileIdentity.asCaller { () throws(CommandError) in try kind(of: path) }
  }

  /// Returns the permission bits of the file at `path`.
  static func mode(of path: String) throws(CommandError) -> mode_t {
    var status = stat()
    _ = try SystemCall.retrying("look at", path) { unsafe Int(stat(path, &status)) }
    return status.st_mode & 0o7777
  }

  /// Tells whether there is a directory at `path`, not a link to one, that is this user's.
  static func isOwn(directory path: String) throws(CommandError) -> Bool {
    var status = stat()
    _ = try SystemCall.retrying("look at", path) { unsafe Int(lstat(path, &status)) }
    return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
  }

  /// Returns the absolute path without links; all of it must exist.
  static func resolved(_ path: String) throws(CommandError) -> String {
    guard let text = unsafe realpath(path, nil) else {
      throw .system(doing: "find", path: path, errno: errno)
    }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// Returns the absolute path without links; its last part need not exist, or may be a mount
  /// whose daemon has died.
  static func resolvedParent(_ path: String) throws(CommandError) -> String {
    let trimmed = path.count > 1 ? String(path.reversed().drop { $0 == "/" }.reversed()) : path
    let name = lastComponent(of: trimmed)
    if trimmed.isEmpty || ["", ".", ".."].contains(name) { return try resolved(path) }
    let folder = String(trimmed.dropLast(name.count))
    let parent = try resolved(folder.isEmpty ? "." : folder)
    return parent == "/" ? "/" + name : parent + "/" + name
  }

  /// Returns what follows the last "/".
  static func lastComponent(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
  }

  /// Returns what is before the last "/": "." for a name alone.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a directory that only its owner may enter; one that is there already is fine.
  static func makeDirectory(_ path: String) throws(CommandError) {
    do {
      _ = try SystemCall.retrying("make", path) { unsafe Int(mkdir(path, 0o700)) }
    } catch .system(_, _, EEXIST) {}
  }

  /// Removes a file; one that is gone already is fine.
  static func removeFile(_ path: String) throws(CommandError) {
    do {
      _ = try SystemCall.retrying("remove", path) { unsafe Int(unlink(path)) }
    } catch .system(_, _, ENOENT) {}
  }

  /// Puts the file `old` in the place of `new`, at once.
  static func rename(_ old: String, to new: String) throws(CommandError) {
    _ = try SystemCall.retrying("write", new) { unsafe Int(Glibc.rename(old, new)) }
  }

  /// Makes `path` the directory that relative paths of this process begin at.
  static func changeDirectory(to path: String) throws(CommandError) {
    _ = try SystemCall.retrying("enter", path) { unsafe Int(chdir(path)) }
  }

  /// The path of the running executable.
  static func executable() throws(CommandError) -> String { try resolved("/proc/self/exe") }
}
