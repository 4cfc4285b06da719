import CFuse
import Glibc
import PodFilesystem

/// What libfuse calls for each request: unpack, one call, answer.
///
/// libfuse calls on its own threads, which may block. The function is not isolated, so neither are
/// the closures.
nonisolated func operations() -> fuse_lowlevel_ops {
  var operations = fuse_lowlevel_ops()
  setConnection(&operations)
  setTree(&operations)
  setNames(&operations)
  setFiles(&operations)
  setWriting(&operations)
  setDirectories(&operations)
  setExtendedAttributes(&operations)
  return operations
}

private func setConnection(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.`init` = { _, connection in
    // Bytes that the kernel caches change by the kernel only (WorkspaceFile invariant 4), so a
    // new time of modification is no reason to read them again.
    unsafe connection?.pointee.want &= ~UInt32(FUSE_CAP_AUTO_INVAL_DATA)
    // A symlink that leads elsewhere is another one.
    unsafe connection?.pointee.want |=
      (connection?.pointee.capable ?? 0) & UInt32(FUSE_CAP_CACHE_SYMLINKS)
    unsafe connection?.pointee.max_background = 64
    unsafe connection?.pointee.congestion_threshold = 48
  }
}

private func setTree(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.lookup = { request, parent, name in
    unsafe Reply(to: request).entry { filesystem throws(FilesystemError) in
      try unsafe filesystem.lookup(text(name), in: InodeNumber(parent))
    }
  }
  unsafe operations.forget = { request, inode, count in
    unsafe Reply(to: request).none { $0.forget(InodeNumber(inode), count: count) }
  }
  unsafe operations.forget_multi = { request, count, items in
    unsafe Reply(to: request).none { filesystem in
      unsafe UnsafeBufferPointer(start: items, count: count).forEach { item in
        filesystem.forget(InodeNumber(item.ino), count: item.nlookup)
      }
    }
  }
  unsafe operations.getattr = { request, inode, _ in
    unsafe Reply(to: request).attributes { filesystem throws(FilesystemError) in
      try filesystem.attributes(of: InodeNumber(inode))
    }
  }
  unsafe operations.setattr = { request, inode, status, mask, info in
    unsafe Reply(to: request).attributes { filesystem throws(FilesystemError) in
      guard let status = unsafe status?.pointee else { throw .invalid }
      return try unsafe filesystem.setAttributes(
        of: InodeNumber(inode), to: AttributeChange(status, mask: mask), through: handle(info),
        user: filesystem.options.user, group: filesystem.options.group)
    }
  }
  unsafe operations.readlink = { request, inode in
    unsafe Reply(to: request).target { filesystem throws(FilesystemError) in
      try filesystem.target(ofLink: InodeNumber(inode))
    }
  }
  unsafe operations.statfs = { request, _ in
    unsafe Reply(to: request).space { filesystem throws(FilesystemError) in try filesystem.space() }
  }
}

private func setNames(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.mkdir = { request, parent, name, permissions in
    unsafe Reply(to: request).entry { filesystem throws(FilesystemError) in
      try unsafe filesystem.makeDirectory(
        text(name), in: InodeNumber(parent), permissions: permissions)
    }
  }
  unsafe operations.mknod = { request, parent, name, _, _ in
    unsafe Reply(to: request).entry { filesystem throws(FilesystemError) in
      try unsafe filesystem.makeOther(text(name), in: InodeNumber(parent))
    }
  }
  unsafe operations.symlink = { request, target, parent, name in
    unsafe Reply(to: request).entry { filesystem throws(FilesystemError) in
      try unsafe filesystem.makeLink(text(name), in: InodeNumber(parent), to: text(target))
    }
  }
  unsafe operations.link = { request, _, parent, name in
    unsafe Reply(to: request).entry { filesystem throws(FilesystemError) in
      try unsafe filesystem.makeOther(text(name), in: InodeNumber(parent))
    }
  }
  unsafe operations.unlink = { request, parent, name in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      try unsafe filesystem.remove(text(name), in: InodeNumber(parent))
    }
  }
  unsafe operations.rmdir = { request, parent, name in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      try unsafe filesystem.removeDirectory(text(name), in: InodeNumber(parent))
    }
  }
  unsafe operations.rename = { request, parent, name, newParent, newName, flags in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      try unsafe filesystem.rename(
        text(name), in: InodeNumber(parent), to: text(newName), in: InodeNumber(newParent),
        RenameMode(flags: flags))
    }
  }
}

private func setFiles(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.open = { request, inode, info in
    unsafe Reply(to: request).opened(flags: flags(info)) { filesystem throws(FilesystemError) in
      try unsafe filesystem.open(InodeNumber(inode), OpenMode(flags: flags(info)))
    }
  }
  unsafe operations.create = { request, parent, name, permissions, info in
    unsafe Reply(to: request).created(flags: flags(info)) { filesystem throws(FilesystemError) in
      try unsafe filesystem.create(
        text(name), in: InodeNumber(parent), permissions: permissions,
        OpenMode(flags: flags(info)))
    }
  }
  unsafe operations.read = { request, inode, size, offset, info in
    unsafe Reply(to: request).bytes { filesystem, send throws(FilesystemError) in
      try unsafe filesystem.read(
        InodeNumber(inode), at: Int64(offset), count: size, through: handle(info), send: send)
    }
  }
  unsafe operations.poll = { request, _, info, waiter in
    unsafe Reply(to: request).readiness { filesystem throws(FilesystemError) in
      try unsafe filesystem.poll(handle(info), waiter: WaiterNumber(waiter))
    }
  }
  unsafe operations.flush = { request, _, info in
    let caller = unsafe Caller(of: request)
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      guard let handle = unsafe handle(info) else { return }
      try filesystem.flush(handle) { caller.isKilled }
    }
  }
  unsafe operations.release = { request, _, info in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      guard let handle = unsafe handle(info) else { return }
      filesystem.release(handle)
    }
  }
}

private func setWriting(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.write = { request, _, bytes, size, offset, info in
    unsafe Reply(to: request).written { filesystem throws(FilesystemError) in
      let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size)
      let span = unsafe Span<UInt8>(_unsafeBytes: buffer)
      return try unsafe filesystem.write(span, at: Int64(offset), through: openHandle(info))
    }
  }
  unsafe operations.fsync = { request, _, _, info in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      guard let handle = unsafe handle(info) else { return }
      try filesystem.synchronize(handle)
    }
  }
  unsafe operations.fallocate = { request, _, mode, offset, count, info in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      try unsafe filesystem.allocate(
        Int64(count), at: Int64(offset), AllocationMode(rawValue: mode),
        through: openHandle(info))
    }
  }
  unsafe operations.lseek = { request, inode, offset, whence, _ in
    unsafe Reply(to: request).position { filesystem throws(FilesystemError) in
      try filesystem.position(
        of: RangeKind(whence: whence), in: InodeNumber(inode), from: Int64(offset))
    }
  }
  unsafe operations.copy_file_range = {
    request, source, offset, sourceInfo, _, target, info, count, _ in
    unsafe Reply(to: request).written { filesystem throws(FilesystemError) in
      unsafe Int(
        try filesystem.copy(
          InodeNumber(source), at: Int64(offset), through: handle(sourceInfo),
          to: openHandle(info), at: Int64(target), count: Int64(clamping: count)))
    }
  }
}

private func setDirectories(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.opendir = { request, inode, _ in
    unsafe Reply(to: request).openedDirectory { filesystem throws(FilesystemError) in
      try filesystem.openDirectory(InodeNumber(inode))
    }
  }
  unsafe operations.readdir = { request, _, size, place, info in
    unsafe Reply(to: request).names(of: directory(info), from: Int64(place), size: size)
  }
  unsafe operations.readdirplus = { request, inode, size, place, info in
    unsafe Reply(to: request).entries(
      of: directory(info), parent: InodeNumber(inode), from: Int64(place), size: size)
  }
  unsafe operations.releasedir = { request, _, info in
    unsafe Reply(to: request).done { unsafe $0.releaseDirectory(directory(info)) }
  }
  // Names are durable when the call that changed them returns.
  unsafe operations.fsyncdir = { request, _, _, _ in
    unsafe Reply(to: request).done { _ in }
  }
}

/// Returns the handle of an open directory; opendir always gives one.
private func directory(_ info: UnsafeMutablePointer<fuse_file_info>?) -> HandleNumber {
  unsafe handle(info) ?? HandleNumber(0)
}

private func setExtendedAttributes(_ operations: inout fuse_lowlevel_ops) {
  unsafe operations.getxattr = { request, inode, name, size in
    unsafe Reply(to: request).attribute(size: size) { filesystem throws(FilesystemError) in
      try unsafe filesystem.extendedAttribute(text(name), of: InodeNumber(inode))
    }
  }
  unsafe operations.listxattr = { request, inode, size in
    unsafe Reply(to: request).attribute(size: size) { filesystem throws(FilesystemError) in
      try filesystem.extendedAttributeNames(of: InodeNumber(inode))
    }
  }
  unsafe operations.setxattr = { request, inode, name, value, size, flags in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      let value = unsafe UnsafeRawBufferPointer(start: value, count: size)
      try unsafe filesystem.setExtendedAttribute(
        text(name), of: InodeNumber(inode), to: Array(value), AttributeSetting(flags: flags))
    }
  }
  unsafe operations.removexattr = { request, inode, name in
    unsafe Reply(to: request).done { filesystem throws(FilesystemError) in
      try unsafe filesystem.setExtendedAttribute(
        text(name), of: InodeNumber(inode), to: nil, .replacing)
    }
  }
}
