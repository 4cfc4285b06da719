import Glibc
import PodFilesystem
import PodModel
import PodStore
import Synchronization
import Testing

/// A store in a directory of its own, with the tree of a mount over it; both go with the value.
final class Scratch: Sendable {
  let path: String
  let store: Store
  let filesystem: Filesystem
  let session: SessionID
  private let lines: Lines

  /// What the tree reported.
  final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  init() throws {
    var template = Array("/tmp/podfs-tree-XXXXXX".utf8CString)
    path = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        ?? "/nonexistent"
    }
    store = try Store(creatingAt: path + "/store")
    session = try store.createSession(SessionName("alice")).id
    let lines = Lines()
    self.lines = lines
    filesystem = Filesystem(store: store, options: FilesystemOptions(user: 0, group: 0)) { line in
      lines.all.withLock { $0.append(line) }
    }
  }

  deinit { remove(path) }

  /// The tree as another mount of the store has it.
  func anotherMount() throws -> Filesystem {
    Filesystem(
      store: try Store(openingAt: store.path), options: FilesystemOptions(user: 0, group: 0)
    ) { _ in }
  }

  /// The lines that the tree reported.
  var reports: [String] { lines.all.withLock { $0 } }

  /// The files that were set aside.
  var kept: [String] { files(in: store.stagingPath) }
}

/// Removes a directory with all that is in it.
private func remove(_ path: String) {
  for name in files(in: path) {
    let inner = path + "/" + name
    if unsafe unlink(inner) != 0 { remove(inner) }
  }
  unsafe rmdir(path)
}

private func files(in path: String) -> [String] {
  guard let directory = unsafe opendir(path) else { return [] }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// What programs that read do, in terms of the kernel's requests.
extension Scratch {
  /// A tree, to be read by paths.
  struct Reader {
    let filesystem: Filesystem

    /// Looks up a path, name by name.
    func inode(_ path: String) throws -> InodeNumber {
      var inode = InodeNumber.root
      for name in path.split(separator: "/") {
        guard let entry = try filesystem.lookup(String(name), in: inode) else {
          throw FilesystemError.notFound
        }
        inode = entry.attributes.inode
      }
      return inode
    }

    /// The bytes of a file.
    func bytes(_ path: String) throws -> [UInt8] {
      let inode = try inode(path)
      let opened = try filesystem.open(inode, OpenMode(writes: false))
      var bytes: [UInt8] = []
      while true {
        let piece = try filesystem.read(
          inode, at: Int64(bytes.count), count: 1 << 16, through: opened.handle)
        if piece.isEmpty { break }
        bytes += piece
      }
      if let handle = opened.handle { filesystem.release(handle) }
      return bytes
    }

    /// The names in a directory.
    func names(_ path: String) throws -> [String] {
      let (handle, _) = try filesystem.openDirectory(inode(path))
      defer { filesystem.releaseDirectory(handle) }
      return try filesystem.items(of: handle, from: 0).map(\.name).filter { !$0.hasPrefix(".") }
    }
  }

  private var reader: Reader { Reader(filesystem: filesystem) }

  /// Looks up a path, name by name.
  func inode(_ path: String) throws -> InodeNumber { try reader.inode(path) }

  /// The bytes of a file.
  func bytes(_ path: String) throws -> [UInt8] { try reader.bytes(path) }

  /// The names in a directory.
  func names(_ path: String) throws -> [String] { try reader.names(path) }
}

/// What programs that write do, in terms of the kernel's requests.
extension Scratch {
  /// What `stat` shows of a path.
  func attributes(_ path: String) throws -> Attributes {
    try filesystem.attributes(of: inode(path))
  }

  /// The bytes of a file as text.
  func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  /// Opens a file of the workspace as `open(O_RDWR | O_CREAT)` does.
  func open(_ name: String, truncating: Bool = false) throws -> HandleNumber {
    let mode = OpenMode(writes: true, truncates: truncating)
    do {
      let inode = try inode("alice/workspace/\(name)")
      return try #require(try filesystem.open(inode, mode).handle)
    } catch FilesystemError.notFound {
      let created = try filesystem.create(
        name, in: inode("alice/workspace"), permissions: 0o644, mode)
      return try #require(created.opened.handle)
    }
  }

  /// Writes text through a handle.
  func write(_ text: String, at offset: Int64 = 0, through handle: HandleNumber) throws {
    let bytes = Array(text.utf8)
    #expect(try filesystem.write(bytes.span, at: offset, through: handle) == bytes.count)
  }

  /// Closes a handle that is open once.
  func close(_ handle: HandleNumber) throws {
    defer { filesystem.release(handle) }
    try filesystem.flush(handle) { false }
  }

  /// Replaces the bytes of a file of the workspace, as `echo text > name` does.
  func write(_ text: String, to name: String) throws {
    let handle = try open(name, truncating: true)
    try write(text, through: handle)
    try close(handle)
  }

  /// Commits the workspace, as `echo message > commit` does.
  func commit(_ message: String) throws {
    let inode = try inode("alice/commit")
    let handle = try #require(
      try filesystem.open(inode, OpenMode(writes: true, truncates: true)).handle)
    try filesystem.flush(handle) { false }
    try write(message + "\n", through: handle)
    try close(handle)
  }

  /// Copies all of a file into a file of the workspace, as `cp` does.
  func copy(_ source: String, to name: String) throws {
    let inode = try inode(source)
    let handle = try open(name, truncating: true)
    var copied: Int64 = 0
    while true {
      let count = try filesystem.copy(
        inode, at: copied, through: nil, to: handle, at: copied, count: .max - copied)
      if count == 0 { break }
      copied += count
    }
    try close(handle)
  }

}
