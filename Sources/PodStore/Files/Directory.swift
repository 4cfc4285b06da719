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

  /// Makes a directory, and those that it lies in, that only their owner may enter.
  static func makeWithParents(_ path: String) throws(StoreError) {
    var missing: [String] = []
    var here = path[...]
    while try kind(of: String(here)) == .nothing {
      missing.append(String(here))
      while here.last == "/" { here = here.dropLast() }
      guard let slash = here.lastIndex(of: "/"), slash > here.startIndex else { break }
      here = here[..<slash]
    }
    for path in missing.reversed() { try make(path) }
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
}
