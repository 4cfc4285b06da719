import Glibc

/// The names in a file system, by path.
enum Directory {
  /// What is at a path.
  enum Kind {
    case nothing
    case directory
    case file
  }

  /// Tells what is at `path`, at the end of symbolic links.
  static func kind(of path: String) throws(StoreError) -> Kind {
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      return status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }
    if errno == ENOENT { return .nothing }
    if errno == ENOTDIR { return .file }
    throw StoreError(call: "stat", path: path, errno: errno)
  }

  /// The size of the file at `path`, or nil if there is none.
  static func size(of path: String) throws(StoreError) -> Int64? {
    var status = stat()
    if unsafe stat(path, &status) == 0 { return Int64(status.st_size) }
    if errno == ENOENT { return nil }
    throw StoreError(call: "stat", path: path, errno: errno)
  }

  /// Makes a directory that only its owner may enter, unless it is there.
  static func make(_ path: String) throws(StoreError) {
    if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw StoreError(call: "mkdir", path: path, errno: errno)
    }
  }

  /// Makes an empty file that only its owner may use; one that is there is the owner's from now on.
  static func makePrivateFile(_ path: String) throws(StoreError) {
    // A file that is there is not opened: closing it would drop the locks that SQLite has on it.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      close(descriptor)
    } else if errno != EEXIST {
      throw StoreError(call: "open", path: path, errno: errno)
    } else if unsafe chmod(path, 0o600) != 0 {
      throw StoreError(call: "chmod", path: path, errno: errno)
    }
  }

  /// Returns the permission bits of what is at `path`.
  static func permissions(of path: String) throws(StoreError) -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw StoreError(call: "stat", path: path, errno: errno)
    }
    return status.st_mode & 0o7777
  }

  /// Makes a directory, and those that it lies in, that only their owner may enter; returns when
  /// their names are on the disk.
  static func makeWithParents(_ path: String) throws(StoreError) {
    var missing: [String] = []
    var here = path[...]
    while try kind(of: String(here)) == .nothing {
      missing.append(String(here))
      while here.last == "/" { here = here.dropLast() }
      let slash = here.lastIndex(of: "/")
      here = slash.map { $0 == here.startIndex ? "/" : here[..<$0] } ?? "."
    }
    // An attempt may have made this one and failed before it was flushed.
    try flushParent(of: String(here))
    for path in missing.reversed() {
      try make(path)
      try flushParent(of: path)
    }
  }

  /// Flushes the directory that a directory is in, unless it belongs to others: then this process
  /// has made nothing in it.
  private static func flushParent(of path: String) throws(StoreError) {
    do throws(StoreError) { try flush(path + "/..") } catch .permissionDenied {}
  }

  /// Returns the names in the directory at `path`, without "." and "..".
  static func names(in path: String) throws(StoreError) -> [String] {
    guard let stream = unsafe opendir(path) else {
      throw StoreError(call: "opendir", path: path, errno: errno)
    }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    if errno != 0 { throw StoreError(call: "readdir", path: path, errno: errno) }
    return names
  }

  /// Renames a file over another.
  static func rename(_ path: String, to newPath: String) throws(StoreError) {
    if unsafe Glibc.rename(path, newPath) != 0 {
      throw StoreError(call: "rename", path: path, errno: errno)
    }
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) throws(StoreError) {
    if unsafe unlink(path) != 0 && errno != ENOENT {
      throw StoreError(call: "unlink", path: path, errno: errno)
    }
  }

  /// Returns when the names in the directory at `path` are on the disk.
  static func flush(_ path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(call: "open", path: path, errno: errno) }
    defer { _ = close(descriptor) }
    if fsync(descriptor) != 0 { throw StoreError(call: "fsync", path: path, errno: errno) }
  }

  /// The path of the directory that the file at `path` is in.
  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  /// Returns the error number that making a file in the directory at `path` ends with, or nil if
  /// files can be made there.
  static func obstacle(in path: String) -> Int32? {
    // Without a name, so that nothing is left; Swift does not import this flag.
    let temporary = 0o20_000_000 | O_DIRECTORY
    let descriptor = unsafe open(path, temporary | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return errno }
    defer { _ = close(descriptor) }
    let block = [UInt8](repeating: 0, count: 4096)
    return unsafe pwrite(descriptor, block, block.count, 0) < 0 ? errno : nil
  }
}
