/// The reasons a store cannot be mounted, or its mount not ended.
public enum MountError: Error, Equatable {
  /// There is no FUSE device, or it may not be opened.
  case noDevice(errno: Int32)
  /// The kernel's list of mounts cannot be read.
  case noTable(errno: Int32)
  /// There is nothing at the mount point.
  case missing(path: String)
  /// The mount point is no directory.
  case notDirectory(path: String)
  /// The mount point holds files, which a mount would hide.
  case notEmpty(path: String)
  /// The mount point is the store, or inside it.
  case insideStore(path: String, store: String)
  /// The store is inside the mount point, and would be hidden.
  case aroundStore(path: String, store: String)
  /// The mount point is inside a podfs.
  case insideMount(path: String, mount: String)
  /// A podfs is mounted there already.
  case alreadyMounted(path: String)
  /// Another process is about to mount there.
  case taken(path: String)
  /// Nothing is mounted there.
  case notMounted(path: String)
  /// A program has a file open in the mount, or is in one of its directories.
  case busy(path: String)
  /// The operating system refused; the errno is its answer.
  case refused(path: String, errno: Int32)
  /// libfuse or its helper could not do it; the text is what they said.
  case failed(path: String, text: String)
  /// The mount ended with an error.
  case ended(path: String, errno: Int32)
}

extension MountError: CustomStringConvertible {
  /// One line for a person: what failed, on what, and what to do.
  public var description: String {
    switch self {
    case .noDevice(let errno):
      "'/dev/fuse' cannot be opened (errno \(errno)); install fuse3, load the module, or ask root"
    case .noTable(let errno):
      "'/proc/self/mountinfo' cannot be read (errno \(errno)); mount /proc"
    case .missing(let path): "there is no '\(path)'; make the directory, then mount there"
    case .notDirectory(let path): "'\(path)' is a file; give a directory to mount on"
    case .notEmpty(let path): "'\(path)' holds files; give an empty directory to mount on"
    case .insideStore(let path, let store):
      "'\(path)' is inside the store '\(store)'; mount somewhere else"
    case .aroundStore(let path, let store):
      "'\(path)' holds the store '\(store)', which a mount would hide; mount somewhere else"
    case .insideMount(let path, let mount):
      "'\(path)' is inside the podfs at '\(mount)'; mount somewhere else"
    case .alreadyMounted(let path):
      "a podfs is mounted at '\(path)' already; run 'podfs umount' to end it"
    case .taken(let path):
      "another process mounts at '\(path)' now; run 'podfs status' to see whether it did"
    case .notMounted(let path): "nothing is mounted at '\(path)'; run 'podfs status' to see mounts"
    case .busy(let path):
      "'\(path)' is in use; close what uses it, or detach it with 'podfs umount --lazy'"
    case .refused(let path, let errno):
      "mounting at '\(path)' was refused (errno \(errno)); check who owns the directory"
    case .failed(let path, let text):
      "'\(path)' cannot be mounted or unmounted: \(text); docs/mounting.md lists the reasons"
    case .ended(let path, let errno):
      "the mount at '\(path)' ended with errno \(errno); mount again"
    }
  }
}
