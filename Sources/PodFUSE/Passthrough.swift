import CFuse
import Glibc
import PodFilesystem

extension KernelFiles {
  /// Files for the kernel to read itself in the mount of a session, as Linux 6.9 and later let root.
  init(of session: OpaquePointer) {
    let device = unsafe fuse_session_fd(session)
    self.init { descriptor in
      let number = podfs_backing_open(device, descriptor)
      return number > 0 ? KernelFileNumber(number) : nil
    } remove: { number in
      _ = podfs_backing_close(device, UInt32(bitPattern: number.value))
    }
  }
}

extension podfs_open_out {
  /// An open file that the kernel reads itself, which libfuse does not know of.
  init(_ handle: HandleNumber?, reading file: KernelFileNumber) {
    self.init(
      fh: handle?.value ?? 0, open_flags: UInt32(PODFS_FOPEN_PASSTHROUGH | PODFS_FOPEN_NOFLUSH),
      backing_id: file.value)
  }
}
