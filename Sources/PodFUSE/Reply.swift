import CFuse
import Glibc
import PodFilesystem

/// The duty to answer one request.
///
/// A second answer does not compile, and a forgotten one is `EIO`. What the filesystem throws is
/// answered with its errno.
@safe struct Reply: ~Copyable {
  private let request: fuse_req_t

  init(to request: fuse_req_t?) {
    guard let request = unsafe request else {
      preconditionFailure("libfuse called without a request")
    }
    unsafe self.request = request
  }

  deinit { unsafe fuse_reply_err(request, EIO) }

  private var filesystem: Filesystem {
    // The userdata is what the mount was made with, and the mount outlives its requests.
    guard let userdata = unsafe fuse_req_userdata(request) else {
      preconditionFailure("libfuse lost the filesystem")
    }
    return unsafe Unmanaged<Filesystem>.fromOpaque(userdata).takeUnretainedValue()
  }

  /// Asks the filesystem and sends its answer, or the errno of what it threw.
  private consuming func send<Answer>(
    _ answer: (Filesystem) throws(FilesystemError) -> Answer,
    by send: (fuse_req_t, Answer, Filesystem) -> Void
  ) {
    let filesystem = filesystem
    do {
      unsafe send(request, try answer(filesystem), filesystem)
    } catch {
      unsafe fuse_reply_err(request, error.errno)
    }
    discard self
  }
}

extension Reply {
  /// Answers that it is done, or not.
  consuming func done(_ body: (Filesystem) throws(FilesystemError) -> Void) {
    unsafe send(body) { request, _, _ in unsafe fuse_reply_err(request, 0) }
  }

  /// Answers with nothing, as forget wants it.
  consuming func none(_ body: (Filesystem) -> Void) {
    unsafe send(body) { request, _, _ in unsafe fuse_reply_none(request) }
  }

  /// Answers with a name that was found; nil is one that can never be there.
  consuming func entry(_ body: (Filesystem) throws(FilesystemError) -> Entry?) {
    unsafe send(body) { request, entry, filesystem in
      var answer = fuse_entry_param(entry, filesystem.options)
      // The caller was interrupted and does not know of the entry.
      if unsafe fuse_reply_entry(request, &answer) != 0, let entry {
        filesystem.forget(entry.attributes.inode, count: 1)
      }
    }
  }

  /// Answers with attributes.
  consuming func attributes(_ body: (Filesystem) throws(FilesystemError) -> Attributes) {
    unsafe send(body) { request, attributes, filesystem in
      var status = stat(attributes, filesystem.options)
      unsafe fuse_reply_attr(request, &status, attributes.lifetime.seconds)
    }
  }

  /// Answers with where a symlink leads.
  consuming func target(_ body: (Filesystem) throws(FilesystemError) -> String) {
    unsafe send(body) { request, target, _ in unsafe fuse_reply_readlink(request, target) }
  }

  /// Answers with the bytes that `body` sends, which it does once.
  consuming func bytes(
    _ body: (Filesystem, (Span<UInt8>) -> Void) throws(FilesystemError) -> Void
  ) {
    let request = unsafe request
    unsafe send { filesystem throws(FilesystemError) in
      try body(filesystem) { bytes in unsafe reply(bytes, to: request) }
    } by: { _, _, _ in
    }
  }

  /// Answers with the value of an extended attribute or, when asked with `size` 0, its length.
  consuming func attribute(
    size: Int, _ body: (Filesystem) throws(FilesystemError) -> [UInt8]
  ) {
    unsafe send(body) { request, value, _ in
      if size == 0 {
        unsafe fuse_reply_xattr(request, value.count)
      } else if size < value.count {
        unsafe fuse_reply_err(request, ERANGE)
      } else {
        unsafe reply(value.span, to: request)
      }
    }
  }

  /// Answers whether a file has something new to read.
  consuming func readiness(_ body: (Filesystem) throws(FilesystemError) -> Bool) {
    unsafe send(body) { request, isReady, _ in
      let events = isReady ? POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM : 0
      unsafe fuse_reply_poll(request, UInt32(events))
    }
  }

  /// Answers with how many bytes were written.
  consuming func written(_ body: (Filesystem) throws(FilesystemError) -> Int) {
    unsafe send(body) { request, count, _ in unsafe fuse_reply_write(request, count) }
  }

  /// Answers with a place in a file.
  consuming func position(_ body: (Filesystem) throws(FilesystemError) -> Int64) {
    unsafe send(body) { request, position, _ in unsafe fuse_reply_lseek(request, Int(position)) }
  }

  /// Answers with the room on the disk.
  consuming func space(_ body: (Filesystem) throws(FilesystemError) -> DiskSpace) {
    unsafe send(body) { request, space, _ in
      var answer = statvfs(space)
      unsafe fuse_reply_statfs(request, &answer)
    }
  }
}

extension Reply {
  /// Answers with an open file.
  consuming func opened(
    flags: Int32, _ body: (Filesystem) throws(FilesystemError) -> Opened
  ) {
    unsafe send(body) { request, opened, filesystem in
      // The caller was interrupted and will not close what it never got.
      if unsafe Self.send(opened, flags: flags, to: request) != 0, let handle = opened.handle {
        filesystem.release(handle)
      }
    }
  }

  private static func send(_ opened: Opened, flags: Int32, to request: fuse_req_t) -> Int32 {
    guard case .passthrough(let file) = opened.caching else {
      var answer = fuse_file_info(opened, flags: flags)
      return unsafe fuse_reply_open(request, &answer)
    }
    return unsafe withUnsafeBytes(of: podfs_open_out(opened.handle, reading: file)) { answer in
      let start = unsafe answer.baseAddress?.assumingMemoryBound(to: CChar.self)
      return unsafe fuse_reply_buf(request, start, answer.count)
    }
  }

  /// Answers with a file that was made and opened.
  consuming func created(
    flags: Int32, _ body: (Filesystem) throws(FilesystemError) -> (entry: Entry, opened: Opened)
  ) {
    unsafe send(body) { request, created, filesystem in
      var parameters = fuse_entry_param(created.entry, filesystem.options)
      var answer = fuse_file_info(created.opened, flags: flags)
      if unsafe fuse_reply_create(request, &parameters, &answer) != 0 {
        if let handle = created.opened.handle { filesystem.release(handle) }
        filesystem.forget(created.entry.attributes.inode, count: 1)
      }
    }
  }

  /// Answers with an open directory.
  consuming func openedDirectory(
    _ body: (Filesystem) throws(FilesystemError) -> (handle: HandleNumber, lifetime: Lifetime)
  ) {
    unsafe send(body) { request, opened, filesystem in
      var answer = fuse_file_info()
      answer.fh = opened.handle.value
      answer.keep_cache = opened.lifetime == .forever ? 1 : 0
      answer.cache_readdir = opened.lifetime == .forever ? 1 : 0
      if unsafe fuse_reply_open(request, &answer) != 0 {
        filesystem.releaseDirectory(opened.handle)
      }
    }
  }

  /// Answers with as many names of a directory as `size` bytes hold.
  consuming func names(of directory: HandleNumber, from place: Int64, size: Int) {
    unsafe send { filesystem throws(FilesystemError) in
      try filesystem.items(of: directory, from: place)
    } by: { request, items, _ in
      var buffer = unsafe DirectoryBuffer(for: request, size: size)
      // Any place can be asked for; behind the last one there are no items.
      for (next, item) in zip((place &+ 1)..., items) {
        guard buffer.add(item, next: next) else { break }
      }
      buffer.send()
    }
  }

  /// Answers with as many names of `parent` and their attributes as `size` bytes hold.
  consuming func entries(
    of directory: HandleNumber, parent: InodeNumber, from place: Int64, size: Int
  ) {
    unsafe send { filesystem throws(FilesystemError) in
      try filesystem.items(of: directory, from: place)
    } by: { request, items, filesystem in
      var buffer = unsafe DirectoryBuffer(for: request, size: size)
      buffer.add(items, of: parent, from: place, in: filesystem)
      buffer.send()
    }
  }
}

private func reply(_ bytes: Span<UInt8>, to request: fuse_req_t) {
  unsafe bytes.withUnsafeBytes { bytes in
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    unsafe fuse_reply_buf(request, start, bytes.count)
  }
}
