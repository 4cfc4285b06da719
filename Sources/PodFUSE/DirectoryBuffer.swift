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

  /// Adds as many names as there is room for with their attributes, which counts as lookups.
  ///
  /// A name that is gone by now is added without attributes, and so are "." and "..".
  mutating func add(
    _ items: ArraySlice<DirectoryItem>, of parent: InodeNumber, from place: Int64,
    in filesystem: Filesystem
  ) {
    var size = 0
    let request = unsafe request
    let items = items.prefix { item in
      size += unsafe fuse_add_direntry_plus(request, nil, 0, item.name, nil, 0)
      return unsafe size <= memory.count
    }
    let isDot = items.map { $0.name == "." || $0.name == ".." }
    let names = zip(items, isDot).filter { !$1 }.map(\.0.name)
    var entries = filesystem.lookup(names, in: parent)[...]
    for (index, item) in items.enumerated() {
      var parameters = fuse_entry_param()
      parameters.attr = stat(item)
      if !isDot[index], let entry = entries.popFirst() ?? nil {
        parameters = fuse_entry_param(entry, filesystem.options)
      }
      let rest = unsafe rest
      used += unsafe fuse_add_direntry_plus(
        request, rest.baseAddress, rest.count, item.name, &parameters,
        Int(place) + index + 1)
    }
  }

  /// Sends what was added.
  consuming func send() {
    unsafe fuse_reply_buf(request, memory.baseAddress, used)
  }
}
