import Glibc

/// An open file, closed when it goes out of scope.
struct Descriptor: ~Copyable {
  /// The number that the kernel knows it by.
  let number: CInt
  /// What it was opened as, for messages.
  let path: String

  /// Takes over a descriptor that is open already.
  init(takingOver number: CInt, path: String) {
    self.number = number
    self.path = path
  }

  /// Opens `path`; `flags` and `mode` are those of open(2).
  init(opening path: String, _ flags: CInt, mode: mode_t = 0o666, to doing: String = "open")
    throws(CommandError)
  {
    let answer = try SystemCall.retrying(doing, path) {
      unsafe Int(open(path, flags | O_CLOEXEC, mode))
    }
    self.init(takingOver: CInt(answer), path: path)
  }

  /// Opens the file `name` in the directory `folder`, whatever path leads there by now.
  init(
    opening name: String, in folder: borrowing Descriptor, _ flags: CInt, mode: mode_t = 0o666
  ) throws(CommandError) {
    let path = "\(folder.path)/\(name)"
    let directory = folder.number
    let answer = try SystemCall.retrying("open", path) {
      unsafe Int(openat(directory, name, flags | O_CLOEXEC, mode))
    }
    self.init(takingOver: CInt(answer), path: path)
  }

  deinit { close(number) }

  /// Opens what a careless parent left closed of standard input, output and error: otherwise the
  /// next file to be opened would become it, and get what is written there.
  static func fillStandardOnes() {
    var number: CInt = 0
    while number < 3 {
      number = unsafe open("/dev/null", O_RDWR)
      if number < 0 { return }
    }
    close(number)
  }

  /// Writes all of `bytes`.
  borrowing func write(_ bytes: some Collection<UInt8>) throws(CommandError) {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let (number, path) = (number, path)
      let count = try SystemCall.retrying("write", path) {
        unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads at most `count` bytes; returns none at the end of the file.
  borrowing func read(upTo count: Int) throws(CommandError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let (number, path) = (number, path)
    let answer = try SystemCall.retrying("read", path) {
      unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
    }
    return Array(bytes.prefix(answer))
  }

  /// Reads up to the end of the file.
  borrowing func readToEnd() throws(CommandError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = try read(upTo: 1 << 16)
      if part.isEmpty { return all }
      all += part
    }
  }

  /// Flushes what was written to the disk.
  borrowing func synchronize() throws(CommandError) {
    let (number, path) = (number, path)
    _ = try SystemCall.retrying("write", path) { Int(fsync(number)) }
  }

  /// Takes the only lock on the file, held until the descriptor is closed, whoever dies; waits for
  /// it, or returns false at once if it is taken and `waiting` is false.
  borrowing func lock(waiting: Bool) throws(CommandError) -> Bool {
    let (number, path) = (number, path)
    do {
      _ = try SystemCall.retrying("lock", path) {
        Int(flock(number, waiting ? LOCK_EX : LOCK_EX | LOCK_NB))
      }
      return true
    } catch .system(_, _, EWOULDBLOCK) {
      return false
    }
  }

  /// Keeps the file open, and what is locked of it locked, until this process has ended.
  borrowing func holdUntilExit() throws(CommandError) {
    let number = number
    _ = try SystemCall.retrying("keep", path) { Int(fcntl(number, F_DUPFD_CLOEXEC, 0)) }
  }

  /// Whether it is an ordinary file.
  var isFile: Bool {
    get throws(CommandError) {
      var status = stat()
      let number = number
      _ = try SystemCall.retrying("look at", path) { unsafe Int(fstat(number, &status)) }
      return status.st_mode & S_IFMT == S_IFREG
    }
  }

  /// Whether the file is a terminal.
  var isTerminal: Bool { isatty(number) == 1 }
}

/// The names in a directory that is open.
extension Descriptor {
  /// Returns the names, without "." and "..", in the order of their bytes.
  borrowing func names() throws(CommandError) -> [String] {
    let (number, path) = (number, path)
    // The stream takes over what it reads from.
    let copy = try SystemCall.retrying("list", path) {
      unsafe Int(openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }
    guard let stream = unsafe fdopendir(CInt(copy)) else {
      throw .system(doing: "list", path: path, errno: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file; one that is gone already is fine.
  borrowing func remove(_ name: String) throws(CommandError) {
    let number = number
    do {
      _ = try SystemCall.retrying("remove", "\(path)/\(name)") {
        unsafe Int(unlinkat(number, name, 0))
      }
    } catch .system(_, _, ENOENT) {}
  }

  /// Puts the file `old` in the place of `new`, at once.
  borrowing func rename(_ old: String, to new: String) throws(CommandError) {
    let number = number
    _ = try SystemCall.retrying("write", "\(path)/\(new)") {
      unsafe Int(renameat(number, old, number, new))
    }
  }
}
