import Glibc
import PodFUSE

/// The file by which a daemon tells that it serves a mount.
///
/// The daemon holds the file's lock for as long as it lives, however it ends: a record that can be
/// locked is that of a dead daemon, and waiting for the lock is waiting for the daemon's end.
///
///     STORE/mounts/NAME     device, mount namespace, PID namespace, process; options; mount point
///     STORE/mounts/.NAME    the same while it is being written
///
/// NAME is random: daemons in different containers can have the same process number. The numbers
/// of the first line are separated by spaces, and each of the three parts ends with a newline. Only
/// a daemon that starts removes the records of dead ones; reading changes nothing.
struct MountRecord: ~Copyable {
  private let folder: Descriptor
  private let name: String
  private let record: Descriptor

  /// Writes the record of this process, which serves `mount`; nil without a place for it.
  init?(
    of mount: MountTable.Entry?, options: OptionList, in parent: String?
  ) throws(CommandError) {
    guard let mount, let parent else { return nil }
    let path = Self.folder(in: parent)
    try Path.makeDirectory(path)
    let folder = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try Self.removeDead(in: folder)
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    let name = String(repeating: "0", count: 16 - digits.count) + digits
    let record = try Descriptor(
      opening: "." + name, in: folder, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    _ = try record.lock(waiting: true)
    let identity = "\(mount.device) \(Namespace.mount.number) \(Namespace.process.number)"
    let text = "\(identity) \(getpid())\n\(options.text)\n\(mount.path)\n"
    try record.write(Array(text.utf8))
    try folder.rename("." + name, to: name)
    try record.holdUntilExit()
    self.folder = folder
    self.name = name
    self.record = record
  }

  /// Removes the file, since the mount is gone; the lock stays until the process has ended.
  borrowing func remove() throws(CommandError) { try folder.remove(name) }

  /// A daemon that is alive.
  final class Daemon {
    /// The device of its mount, which no other mount of this machine has at the same time.
    let device: String
    /// Where it serves the store, in its mount namespace.
    let mountPoint: String
    /// The options that make a difference, as they were given.
    let options: [String]
    /// Whether it runs in the mount namespace of this process.
    let isHere: Bool
    /// Its process, or nil if this process knows it by another number.
    let process: pid_t?
    private let record: Descriptor

    /// Reads a record; nil if it is none.
    fileprivate init?(_ record: consuming Descriptor) throws(CommandError) {
      let text = String(decoding: try record.read(upTo: MountRecord.limit), as: UTF8.self)
      self.record = record
      let parts = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
      let identity = parts[0].split(separator: " ")
      guard parts.count == 3, identity.count == 4, parts[2].hasSuffix("\n"),
        let process = pid_t(identity[3])
      else { return nil }
      device = String(identity[0])
      isHere = identity[1] == "\(Namespace.mount.number)"
      self.process = identity[2] == "\(Namespace.process.number)" ? process : nil
      options = parts[1].split(separator: ",").map(String.init)
      mountPoint = String(parts[2].dropLast())
    }

    /// Waits until it has ended.
    func waitForEnd() throws(CommandError) { _ = try record.lock(waiting: true) }
  }

  /// Returns the daemons that may serve the store at `path` and are alive: whether they do is told
  /// by their devices.
  static func daemons(of path: String) throws(CommandError) -> [Daemon] {
    var daemons: [Daemon] = []
    for folder in DaemonFolder.all(of: path) {
      daemons += try FileIdentity.asCaller { () throws(CommandError) in
        try Self.daemons(in: folder)
      }
    }
    return daemons
  }

  private static func daemons(in parent: String) throws(CommandError) -> [Daemon] {
    let folder: Descriptor
    do {
      folder = try Descriptor(
        opening: Self.folder(in: parent), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch .system(_, _, let errno) where Self.unreadable.contains(errno) {
      return []
    }
    var daemons: [Daemon] = []
    for name in try folder.names() {
      guard let record = try record(name, in: folder), try !record.lock(waiting: false) else {
        continue
      }
      if let daemon = try Daemon(record) { daemons.append(daemon) }
    }
    return daemons
  }

  /// The most bytes of a record that are read.
  fileprivate static let limit = 1 << 16

  /// What opening a record of another user ends with, or one that is gone or is no file.
  private static let unreadable: Set<CInt> = [ENOENT, ENOTDIR, ELOOP, EACCES, ENXIO]

  /// Opens a record; nil if it is gone, or cannot be one.
  private static func record(
    _ name: String, in folder: borrowing Descriptor
  ) throws(CommandError) -> Descriptor? {
    if name.hasPrefix(".") { return nil }
    do {
      // Without waiting: a store that somebody else made may have a FIFO here.
      let record = try Descriptor(
        opening: name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      return try record.isFile ? consume record : nil
    } catch .system(_, _, let errno) where unreadable.contains(errno) {
      return nil
    }
  }

  private static func removeDead(in folder: borrowing Descriptor) throws(CommandError) {
    for name in try folder.names() {
      guard let record = try record(name, in: folder), try record.lock(waiting: false) else {
        continue
      }
      try folder.remove(name)
    }
  }

  private static func folder(in parent: String) -> String { parent + "/mounts" }
}
