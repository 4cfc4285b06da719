import CFuse
import PodFilesystem

/// The answer to a readdir, as it grows.
@safe struct DirectoryBuffer: ~Copyable {
  private let request: fuse_req_t
  private let memory: UnsafeMutableBufferPointer<CChar>
  private var used = 0

  init(for request: fuse_req_t, size: Int) {
    unsafe self.request = request
    unsafe memory = .allocate(capacity: min(size, 1 << 20))
  }

  deinit { unsafe memory.deallocate() }

  private var rest: UnsafeMutableBufferPointer<CChar> {
    unsafe UnsafeMutableBufferPointer(rebasing: memory[used...])
  }

  /// Adds a name; false if there is no room.
  mutating func add(_ item: DirectoryItem, next: Int64) -> Bool {
    var status = stat(item)
    let rest = unsafe rest
    let size = unsafe fuse_add_direntry(
      request, rest.baseAddress, rest.count, item.name, &status, Int(next))
    guard size <= rest.count else { return false }
    used += size
    return true
  }

  /// Adds a name with its attributes, which counts as a lookup; false if there is no room.
  ///
  /// A name that is gone by now is added without attributes, and so are "." and "..".
  mutating func add(
    _ item: DirectoryItem, of parent: InodeNumber, next: Int64, in filesystem: Filesystem
  ) -> Bool {
    let rest = unsafe rest
    let size = unsafe fuse_add_direntry_plus(request, nil, 0, item.name, nil, 0)
    guard size <= rest.count else { return false }
    var parameters = fuse_entry_param()
    parameters.attr = stat(item)
    if item.name != ".", item.name != ".." {
      do {
        if let entry = try filesystem.lookup(item.name, in: parent) {
          parameters = fuse_entry_param(entry, filesystem.options)
        }
      } catch {
        // Only the name is told.
      }
    }
    used += unsafe fuse_add_direntry_plus(
      request, rest.baseAddress, rest.count, item.name, &parameters, Int(next))
    return true
  }

  /// Sends what was added.
  consuming func send() {
    unsafe fuse_reply_buf(request, memory.baseAddress, used)
  }
}
