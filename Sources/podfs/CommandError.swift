import Glibc

/// The reasons a command fails, other than those of the store and the mount.
///
/// The case decides the exit code, the text is the line that the person reads: what failed, on
/// what, and what to do.
enum CommandError: Error, Equatable {
  /// It could not be done; exit code 1.
  case failed(String)
  /// The command line is wrong; exit code 2.
  case wrongUse(String)
  /// What was asked for is not there; exit code 3.
  case nothingFound(String)
  /// A system call failed; exit code 1.
  case system(doing: String, path: String, errno: CInt)
}

extension CommandError: CustomStringConvertible {
  /// One line for a person.
  var description: String {
    switch self {
    case .failed(let text), .wrongUse(let text), .nothingFound(let text): text
    case .system(let doing, let path, let errno):
      "cannot \(doing) '\(path)': \(SystemCall.message(of: errno)); \(Self.remedy(of: errno))"
    }
  }

  private static func remedy(of errno: CInt) -> String {
    switch errno {
    case ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP: "check the path"
    case EACCES, EPERM: "check its owner and mode"
    case ENOSPC, EDQUOT: "make room"
    case EROFS: "choose another place"
    case ENOTCONN: "'podfs umount' it, or mount it again"
    case EMFILE, ENFILE: "close other files"
    default: "check the disk and the system's log"
    }
  }
}
