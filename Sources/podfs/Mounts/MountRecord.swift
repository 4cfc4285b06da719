import Glibc

/// The file by which a daemon tells that it serves a mount: STORE/mounts/PID.
///
/// The daemon holds the file's lock as long as it lives, however it ends; so whoever can take the
/// lock knows that the daemon has ended, and whoever waits for the lock waits for its end.
///
///     STORE/mounts/4711      the options, a newline, the mount point's absolute path, a newline
///     STORE/mounts/.4711     the same while it is being written
struct MountRecord: ~Copyable {
  private let path: String
  private let descriptor: Descriptor

  /// Writes the record of this process.
  init(
    of mountPoint: String, options: OptionList, in store: String
  ) throws(CommandError) {
    let folder = Self.folder(of: store)
    try Path.makeDirectory(folder)
    let temporary = "\(folder)/.\(getpid())"
    try Path.removeFile(temporary)
    let path = "\(folder)/\(getpid())"
    let file = try Descriptor(opening: temporary, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    _ = try file.lock(waiting: true)
    try file.write(Array("\(options.text)\n\(mountPoint)\n".utf8))
    try Path.rename(temporary, to: path)
    self.path = path
    descriptor = file
  }

  /// Removes the file, since the mount is gone; the lock stays with the value.
  borrowing func remove() throws(CommandError) { try Path.removeFile(path) }

  /// A daemon that is alive.
  struct Daemon: Equatable {
    /// Its process.
    let process: pid_t
    /// Where it serves the store.
    let mountPoint: String
    /// The options that make a difference, as they were given.
    let options: [String]

    /// Reads what a record says.
    fileprivate init(process: pid_t, record: String) {
      self.process = process
      let options = record.prefix { $0 != "\n" }
      self.options = options.split(separator: ",").map(String.init)
      mountPoint = String(record.dropFirst(options.count + 1).dropLast())
    }
  }

  /// Returns the daemons of a store that are alive, and removes the records of dead ones.
  static func daemons(of store: String) throws(CommandError) -> [Daemon] {
    let folder = folder(of: store)
    guard try Path.kind(of: folder) != nil else { return [] }
    var daemons: [Daemon] = []
    for name in try Path.names(in: folder) {
      guard let process = pid_t(name) else { continue }
      let path = folder + "/" + name
      do {
        let file = try Descriptor(opening: path, O_RDONLY)
        if try file.lock(waiting: false) {
          try Path.removeFile(path)
        } else {
          let text = String(decoding: try file.readToEnd(), as: UTF8.self)
          daemons.append(Daemon(process: process, record: text))
        }
      } catch .system(_, _, ENOENT) {
        continue  // It has just ended.
      }
    }
    return daemons
  }

  /// Waits until a daemon has ended.
  static func waitForEnd(of daemon: Daemon, store: String) throws(CommandError) {
    let path = "\(folder(of: store))/\(daemon.process)"
    do {
      let file = try Descriptor(opening: path, O_RDONLY)
      _ = try file.lock(waiting: true)
    } catch .system(_, _, ENOENT) {}
  }

  private static func folder(of store: String) -> String { store + "/mounts" }
}
