import PodModel
import PodStore
import Synchronization

/// What a program asks for when it opens a file.
public struct OpenMode: Sendable {
  /// Whether it may read.
  public var reads: Bool
  /// Whether it may write.
  public var writes: Bool
  /// Whether the file is emptied.
  public var truncates: Bool
  /// Whether the file must not be there yet.
  public var isExclusive: Bool

  /// Creates a mode from its parts.
  public init(
    reads: Bool = true, writes: Bool, truncates: Bool = false, isExclusive: Bool = false
  ) {
    self.reads = reads
    self.writes = writes
    self.truncates = truncates
    self.isExclusive = isExclusive
  }
}

/// An open file.
public struct Opened: Hashable, Sendable {
  /// What the kernel may do with the bytes it has read before.
  public enum Caching: Hashable, Sendable {
    /// Keep them: they are the bytes of this number for ever, or change by the kernel only.
    case keep
    /// Drop them: they may have changed since.
    case drop
    /// Have none: every read and write is passed on.
    case bypass
    /// Read this file in place of asking.
    case passthrough(KernelFileNumber)
  }

  /// The handle; nil if the filesystem need not know of closes.
  public let handle: HandleNumber?
  /// What the kernel may do with the bytes it has read before.
  public let caching: Caching
  /// Whether the filesystem wants to know of each close, not only of the last.
  public var flushes = true
}

extension Filesystem {
  /// Opens a file.
  public func open(_ inode: InodeNumber, _ mode: OpenMode) throws(FilesystemError) -> Opened {
    if let (file, workspace) = try file(inode) {
      let handle = files.next()
      guard mode.writes || mode.truncates else {
        try file.open()
        files.insert(.workspaceReader(file, workspace), at: handle)
        return Opened(handle: handle, caching: .keep, flushes: false)
      }
      try file.open(handle, truncating: mode.truncates)
      files.insert(.writer(file, workspace), at: handle)
      return Opened(handle: handle, caching: Self.caching(ofWriter: mode))
    }
    let node = try node(inode)
    if case .entry(.commit, let session) = node {
      let handle = files.next()
      files.insert(.message(CommitMessage(for: workspace(of: session))), at: handle)
      return Opened(handle: handle, caching: .bypass)
    }
    guard !mode.writes, !mode.truncates else { throw .readOnly }
    switch node {
    case .readme: return Opened(handle: nil, caching: .keep)
    case .version(let version): return try open(backing.version(version))
    case .text(let version):
      let text = try texts.open(backing.version(version))
      // Where only the text itself tells its size, `fstat` asks for that next.
      if try texts.sizes.size(of: version) == nil { _ = try text.text() }
      let handle = files.next()
      files.insert(.text(text), at: handle)
      return Opened(handle: handle, caching: .keep, flushes: false)
    case .entry(.log, let session):
      let handle = files.next()
      files.insert(.log(LogReader(session)), at: handle)
      return Opened(handle: handle, caching: .drop, flushes: false)
    case .infoFile(let file, _, _):
      return Opened(handle: nil, caching: file.canChange ? .drop : .keep)
    case .root, .session, .commit, .texts, .entry, .info: throw .isDirectory
    case .named(let serial):
      if case .variable = names.named(serial) { throw .isDirectory }
      throw .invalid
    case .time, .introduction, .head, .reference: throw .invalid
    case .file, .newFile: throw .superseded
    }
  }

  private func open(_ version: Version) throws(FilesystemError) -> Opened {
    let lease = try backing.lease(version)
    let use = plainCopies.open(version, under: lease)
    let handle = files.next()
    files.insert(.reader(version, lease, use), at: handle)
    return Opened(
      handle: handle, caching: use?.number.map { .passthrough($0) } ?? .keep, flushes: false)
  }

  /// Makes a file in a workspace and opens it; opens it only, if it is there.
  public func create(
    _ name: String, in directory: InodeNumber, permissions: UInt32, _ mode: OpenMode
  ) throws(FilesystemError) -> (entry: Entry, opened: Opened) {
    let (workspace, name) = try place(name, in: directory)
    let handle = files.next()
    let file = try workspace.create(
      name, permissions: permissions & 0o777, handle: handle, isExclusive: mode.isExclusive,
      truncating: mode.truncates)
    files.insert(.writer(file, workspace), at: handle)
    return (
      Entry(attributes: file.attributes, lifetime: .moment),
      Opened(handle: handle, caching: Self.caching(ofWriter: mode))
    )
  }

  /// What is only written, and so not mapped either, goes past the kernel's cache, which drops what it
  /// has of it: that saves a copy of each byte.
  private static func caching(ofWriter mode: OpenMode) -> Opened.Caching {
    mode.reads ? .keep : .bypass
  }

  /// Returns up to `count` bytes of a file from `offset`; fewer only at the end.
  public func read(
    _ inode: InodeNumber, at offset: Int64, count: Int, through handle: HandleNumber?
  ) throws(FilesystemError) -> [UInt8] {
    try ReadBuffer.bytes(capacity: count) { buffer throws(FilesystemError) in
      try read(inode, at: offset, count: count, through: handle, into: &buffer)
    }
  }

  /// Calls `send`, once, with up to `count` bytes of a file from `offset`; fewer only at the end.
  public func read(
    _ inode: InodeNumber, at offset: Int64, count: Int, through handle: HandleNumber?,
    send: (Span<UInt8>) -> Void
  ) throws(FilesystemError) {
    var memory = buffers.take() ?? []
    if memory.count < count { memory = [UInt8](repeating: 0, count: count) }
    try ReadBuffer.fill(&memory) { buffer throws(FilesystemError) in
      try read(inode, at: offset, count: count, through: handle, into: &buffer)
      buffer.withBytes(send)
    }
    buffers.give(memory)
  }

  private func read(
    _ inode: InodeNumber, at offset: Int64, count: Int, through handle: HandleNumber?,
    into buffer: inout ReadBuffer
  ) throws(FilesystemError) {
    guard offset >= 0 else { throw .invalid }
    let open = handle.flatMap { files[$0] }
    switch open {
    case .writer(let file, _), .workspaceReader(let file, _):
      return try file.read(at: offset, count: count, into: &buffer)
    case .reader(let version, let lease, _):
      return try backing.read(version, under: lease, at: offset, count: count, into: &buffer)
    case .text(let text):
      let (bytes, correctsSize) = try text.text()
      if correctsSize { tell(.attributes(inode)) }
      return buffer.append(bytes.range(at: offset, count: count).span)
    case .message, .log, nil: break
    }
    if let (file, _) = try file(inode) {
      return try file.read(at: offset, count: count, into: &buffer)
    }
    switch try node(inode) {
    case .version(let version):
      try backing.read(backing.version(version), at: offset, count: count, into: &buffer)
    case .entry(.log, let session):
      let bytes = try log.read(session, at: offset, count: count)
      if case .log(let reader) = open { reader.note(end: offset + Int64(bytes.count)) }
      buffer.append(bytes.span)
    case let node: buffer.append(try text(of: node).piece(at: offset, count: count).span)
    }
  }

  /// Returns the bytes of a file that is text.
  private func text(of node: Node) throws(FilesystemError) -> [UInt8] {
    switch node {
    case .readme: return ReadMe.text
    case .text(let version): return try texts.open(backing.version(version)).text().bytes
    case .infoFile(let file, let number, let session):
      return try CommitInfo.text(of: file, number, in: session, backing)
    case .entry(.commit, _): return []
    case .root, .session, .commit, .texts, .entry, .info: throw .isDirectory
    case .version, .file, .newFile, .named, .time, .introduction, .head, .reference:
      throw .invalid
    }
  }

  /// Returns the row of a version, which may be gone while the handle has it open.
  private func version(
    _ id: VersionID, through handle: HandleNumber?
  ) throws(FilesystemError) -> Version {
    if let handle, case .reader(let version, _, _) = files[handle] { return version }
    return try backing.version(id)
  }

  /// Writes `bytes` at `offset` and returns how many were written.
  public func write(
    _ bytes: Span<UInt8>, at offset: Int64, through handle: HandleNumber
  ) throws(FilesystemError) -> Int {
    switch files[handle] {
    case .writer(let file, _): return try file.write(bytes, at: offset, by: handle)
    case .message(let message): return try message.write(bytes)
    case .workspaceReader, .reader, .text, .log, nil: throw .badHandle
    }
  }

  /// Answers to a close, which gets the error; `isKilled` tells whether the closing process was
  /// killed.
  public func flush(_ handle: HandleNumber, isKilled: () -> Bool) throws(FilesystemError) {
    switch files[handle] {
    case .writer(let file, _): try file.flush(handle, isKilled: isKilled)
    case .message(let message): try message.flush(isKilled: isKilled)
    case .workspaceReader, .reader, .text, .log: break
    case nil: throw .badHandle
    }
  }

  /// Makes what was written durable.
  public func synchronize(_ handle: HandleNumber) throws(FilesystemError) {
    switch files[handle] {
    case .writer(let file, _), .workspaceReader(let file, _): try file.synchronize()
    case .message, .reader, .text, .log: break
    case nil: throw .badHandle
    }
  }

  /// Ends a handle.
  public func release(_ handle: HandleNumber) {
    switch files.remove(handle) {
    case .writer(let file, let workspace):
      file.release(handle)
      workspace.forget(file.inode, count: 0)
    case .workspaceReader(let file, let workspace):
      file.release()
      workspace.forget(file.inode, count: 0)
    case .log(let reader):
      if let waiter = reader.state.withLock({ $0.waiter.take() }) { tell(.drop(waiter)) }
    case .message, .reader, .text, nil: break
    }
  }

  /// Ends all handles when the mount has ended: what was not closed is set aside, not published.
  public func end() {
    plainCopies.end()
    textMeasurer.end()
    storeWatch.stop()
    for handle in files.handles {
      if case .writer(let file, _) = files[handle] { file.abandon() }
      release(handle)
    }
  }

  /// Reserves room for a range of a workspace file, or makes it zeros.
  public func allocate(
    _ count: Int64, at offset: Int64, _ mode: AllocationMode, through handle: HandleNumber
  ) throws(FilesystemError) {
    guard mode.isKnown else { throw .notSupported }
    guard case .writer(let file, _) = files[handle] else { throw .badHandle }
    try file.allocate(count, at: offset, mode, by: handle)
  }

  /// Returns where the next byte of data or the next hole of a file is, at `offset` or behind it.
  public func position(
    of kind: RangeKind, in inode: InodeNumber, from offset: Int64
  ) throws(FilesystemError) -> Int64 {
    if let (file, _) = try file(inode) { return try file.position(of: kind, from: offset) }
    let size = try attributes(of: inode).size
    guard offset >= 0, offset < size else { throw .behindEnd }
    return kind == .data ? offset : size
  }

  /// Copies a range of a file into a workspace file and returns how many bytes were copied.
  ///
  /// A whole version that is copied into an empty file is not read: the file becomes it.
  public func copy(
    _ source: InodeNumber, at offset: Int64, through sourceHandle: HandleNumber?,
    to handle: HandleNumber, at target: Int64, count: Int64
  ) throws(FilesystemError) -> Int64 {
    guard offset >= 0, target >= 0, count >= 0 else { throw .invalid }
    guard case .writer(let file, _) = files[handle] else { throw .notSupported }
    if let version = try wholeVersion(source, through: sourceHandle),
      file.take(version, at: offset, to: target, count: count, by: handle)
    {
      return min(count, version.summary.size - offset)
    }
    return try file.copy(at: offset, to: target, count: count, by: handle) {
      position, count throws(FilesystemError) in
      try read(source, at: position, count: count, through: sourceHandle)
    }
  }

  /// Returns the version whose bytes a file has, or nil if it has others.
  private func wholeVersion(
    _ inode: InodeNumber, through handle: HandleNumber?
  ) throws(FilesystemError) -> Version? {
    if let (file, _) = try file(inode) { return file.version }
    guard case .version(let version) = try node(inode) else { return nil }
    return try self.version(version, through: handle)
  }
}
