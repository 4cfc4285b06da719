import CFuse
import Glibc
import PodFilesystem

/// Returns a name of a request as text.
func text(_ name: UnsafePointer<CChar>?) throws(FilesystemError) -> String {
  guard let name = unsafe name, let text = unsafe String(validatingCString: name) else {
    throw .nameNotUnicode
  }
  return text
}

/// Returns the handle of a request, if the filesystem gave one.
func handle(_ info: UnsafeMutablePointer<fuse_file_info>?) -> HandleNumber? {
  guard let value = unsafe info?.pointee.fh, value != 0 else { return nil }
  return HandleNumber(value)
}

/// Returns the handle of a request that needs one.
func openHandle(
  _ info: UnsafeMutablePointer<fuse_file_info>?
) throws(FilesystemError) -> HandleNumber {
  guard let handle = unsafe handle(info) else { throw .badHandle }
  return handle
}

/// Returns the flags of open(2) in a request.
func flags(_ info: UnsafeMutablePointer<fuse_file_info>?) -> Int32 {
  unsafe info?.pointee.flags ?? 0
}

/// The process that made a request.
struct Caller {
  /// The flag of a task that ends by a signal, in /proc/PID/stat.
  private static let killed: UInt64 = 0x400

  private let process: pid_t

  init(of request: fuse_req_t?) {
    process = unsafe fuse_req_ctx(request)?.pointee.pid ?? 0
  }

  /// Whether the process is ending because of a signal, so that the close is the kernel's.
  ///
  /// False when it cannot be told: the process is in another namespace, or the request came from
  /// writing back a mapping.
  var isKilled: Bool {
    guard process > 0 else { return false }
    let descriptor = unsafe open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let text = unsafe [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
      unsafe count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
    // The name in parentheses may hold anything; behind the last one come state, six numbers, and
    // the flags as the seventh field.
    let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last?
      .split(separator: " ")
    guard let fields, fields.count > 6, let flags = UInt64(fields[6]) else { return false }
    return flags & Self.killed != 0
  }
}
