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

  /// The size of a file of a store, or nil if there is none.
  static func size(of path: StorePath) throws(StoreError) -> Int64? {
    try path.store.status(of: path.name).map { Int64($0.st_size) }
  }

  /// Whether a store has a file or directory of this name.
  static func contains(_ path: StorePath) throws(StoreError) -> Bool {
    try path.store.status(of: path.name) != nil
  }

  /// Makes a directory of a store, unless it is there.
  static func make(_ path: StorePath) throws(StoreError) {
    let isNew = try path.store.withParent(of: path.name) { parent, name throws(StoreError) in
      if unsafe mkdirat(parent, name, 0o700) == 0 { return true }
      if errno == EEXIST { return false }
      throw StoreError(call: "mkdir", path: path.description, errno: errno)
    }
    // What is there may be something else.
    let directory = try File(path, .directory)
    if isNew { try path.store.handOver(directory.descriptor, path.name) }
  }

  /// Makes an empty file that only its owner may use; one that is there is the owner's from now on.
  static func makePrivateFile(_ path: StorePath) throws(StoreError) {
    // A file that is there is not opened: closing it would drop the locks that SQLite has on it.
    if try contains(path) {
      return try path.store.withParent(of: path.name) { parent, name throws(StoreError) in
        if unsafe fchmodat(parent, name, 0o600, 0) != 0 {
          throw StoreError(call: "chmod", path: path.description, errno: errno)
        }
      }
    }
    _ = try File(path, .creating)
  }

  /// Returns the permission bits of a store's own directory.
  static func permissions(of store: StoreDirectory) throws(StoreError) -> UInt32 {
    var status = stat()
    guard unsafe fstat(try store.root(), &status) == 0 else {
      throw StoreError(call: "stat", path: store.path, errno: errno)
    }
    return status.st_mode & 0o7777
  }

  /// Lets nobody but its owner enter a store's own directory, if that is this user.
  static func makePrivate(_ store: StoreDirectory) throws(StoreError) {
    // Its owner decides about a directory of another user.
    if unsafe fchmodat(try store.root(), ".", 0o700, 0) != 0, errno != EPERM {
      throw StoreError(call: "chmod", path: store.path, errno: errno)
    }
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
      if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST {
        throw StoreError(call: "mkdir", path: path, errno: errno)
      }
      try flushParent(of: path)
    }
  }

  /// Flushes the directory that a directory is in, unless it belongs to others: then this process
  /// has made nothing in it.
  private static func flushParent(of path: String) throws(StoreError) {
    do throws(StoreError) { try flush(path + "/..") } catch .permissionDenied {}
  }

  /// Flushes the directory that a store lies in.
  static func flushParent(of store: StoreDirectory) throws(StoreError) {
    try flushParent(of: store.path)
  }

  /// Returns the names in a directory of a store, without "." and "..".
  static func names(in path: StorePath) throws(StoreError) -> [String] {
    try names(in: try path.store.open(path.name, O_RDONLY | O_DIRECTORY), path.description)
  }

  /// Returns the names in a store's own directory, without "." and "..".
  static func names(in store: StoreDirectory) throws(StoreError) -> [String] {
    let descriptor = unsafe openat(try store.root(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw StoreError(call: "open", path: store.path, errno: errno) }
    return try names(in: descriptor, store.path)
  }

  private static func names(
    in descriptor: Int32, _ path: String
  ) throws(StoreError) -> [String] {
    guard let stream = unsafe fdopendir(descriptor) else {
      let failure = errno
      close(descriptor)
      throw StoreError(call: "opendir", path: path, errno: failure)
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

  /// Renames a file of a store over another one in the same directory.
  static func rename(_ path: StorePath, to newPath: StorePath) throws(StoreError) {
    try path.store.withParent(of: path.name) { parent, name throws(StoreError) in
      try newPath.store.withParent(of: newPath.name) { newParent, newName throws(StoreError) in
        if unsafe renameat(parent, name, newParent, newName) != 0 {
          throw StoreError(call: "rename", path: path.description, errno: errno)
        }
      }
    }
  }

  /// Removes a file of a store, if it is there.
  static func remove(_ path: StorePath) throws(StoreError) {
    try path.store.withParent(of: path.name) { parent, name throws(StoreError) in
      if unsafe unlinkat(parent, name, 0) != 0 && errno != ENOENT {
        throw StoreError(call: "unlink", path: path.description, errno: errno)
      }
    }
  }

  /// Returns when the names in a directory of a store are on the disk.
  static func flush(_ path: StorePath) throws(StoreError) {
    try flush(try File(path, .directory))
  }

  /// Returns when the names in a store's own directory are on the disk.
  static func flush(_ store: StoreDirectory) throws(StoreError) { try flush(try File(store)) }

  private static func flush(_ directory: borrowing File) throws(StoreError) {
    if fsync(directory.descriptor) != 0 {
      throw StoreError(call: "fsync", path: directory.path, errno: errno)
    }
  }

  private static func flush(_ path: String) throws(StoreError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(call: "open", path: path, errno: errno) }
    defer { _ = close(descriptor) }
    if fsync(descriptor) != 0 { throw StoreError(call: "fsync", path: path, errno: errno) }
  }

  /// Returns the error number that making a file in a store ends with, or nil if files can be
  /// made there.
  static func obstacle(in store: StoreDirectory) -> Int32? {
    let root: Int32
    do throws(StoreError) { root = try store.root() } catch { return nil }
    // Without a name, so that nothing is left; Swift does not import this flag.
    let temporary = 0o20_000_000 | O_DIRECTORY
    let descriptor = unsafe openat(root, ".", temporary | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return errno }
    defer { _ = close(descriptor) }
    let block = [UInt8](repeating: 0, count: 4096)
    return unsafe pwrite(descriptor, block, block.count, 0) < 0 ? errno : nil
  }
}
