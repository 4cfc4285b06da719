import Glibc

extension StoreError {
  /// The error for a system call that failed with `errno`.
  init(call: String, path: String, errno: Int32) {
    self =
      switch errno {
      case ENOSPC, EDQUOT: .diskFull(path: path)
      case EROFS: .readOnly(path: path)
      case EACCES, EPERM: .permissionDenied(path: path)
      default: .io(call: call, path: path, errno: errno)
      }
  }
}

/// What the C library says of an error number.
func errorText(_ errno: Int32) -> String {
  unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
}

extension StoreError {
  /// Whether the error is that there is no such file.
  var isMissingFile: Bool {
    if case .io(_, _, errno: ENOENT) = self { return true }
    return false
  }
}
