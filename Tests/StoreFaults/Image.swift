import Glibc

/// All that is in a directory, by paths relative to it.
struct Image: Hashable {
  /// Each behind the one that it is in.
  var directories: [String] = []
  var files: [String: [UInt8]] = [:]

  init() {}

  /// Reads what is in the directory at `path`, without the index of SQLite's log.
  init(of path: String) throws(Failure) {
    try read(path, as: "")
  }

  private mutating func read(_ path: String, as name: String) throws(Failure) {
    for entry in try Scratch.names(in: path).sorted() where !entry.hasSuffix("-shm") {
      let child = name.isEmpty ? entry : name + "/" + entry
      if Scratch.isDirectory(path + "/" + entry) {
        directories.append(child)
        try read(path + "/" + entry, as: child)
      } else {
        files[child] = try Scratch.bytes(of: path + "/" + entry)
      }
    }
  }

  /// Makes the directory at `path`, with all that is in the image.
  func write(to path: String) throws(Failure) {
    try Scratch.make(path)
    for directory in directories { try Scratch.make(path + "/" + directory) }
    for (name, bytes) in files { try Scratch.write(bytes, to: path + "/" + name) }
  }
}

/// What went wrong with the harness or the store, in one line.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Directories that the harness makes and removes.
enum Scratch {
  static func make(_ path: String) throws(Failure) {
    if unsafe mkdir(path, 0o700) != 0 { throw failure("mkdir", path) }
  }

  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let file = unsafe open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    guard file >= 0 else { throw failure("open", path) }
    defer { close(file) }
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      guard count > 0 else { throw failure("write", path) }
      done += count
    }
  }

  static func bytes(of path: String) throws(Failure) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY)
    guard file >= 0 else { throw failure("open", path) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
    let count = unsafe bytes.withUnsafeMutableBytes {
      unsafe pread(file, $0.baseAddress, $0.count, 0)
    }
    guard count == bytes.count else { throw failure("read", path) }
    return bytes
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func names(in path: String) throws(Failure) -> [String] {
    guard let stream = unsafe opendir(path) else { throw failure("opendir", path) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a directory with all that is in it, if it is there.
  static func remove(_ path: String) throws(Failure) {
    guard isDirectory(path) else { return }
    for name in try names(in: path) {
      let child = path + "/" + name
      if isDirectory(child) { try remove(child) } else { unsafe _ = unlink(child) }
    }
    if unsafe rmdir(path) != 0 { throw failure("rmdir", path) }
  }

  private static func failure(_ call: String, _ path: String) -> Failure {
    Failure("\(call) of \(path) failed: \(unsafe String(cString: strerror(errno)))")
  }
}
