import Glibc

/// What started this process as a service, if it wants to be told; systemd does.
enum ServiceManager {
  /// Sends `message`, lines of NAME=VALUE as sd_notify(3) has them.
  ///
  /// It goes to the socket that $NOTIFY_SOCKET names. Without one, or if nobody listens, nothing
  /// happens.
  static func tell(_ message: String) {
    guard let path = SystemCall.environment("NOTIFY_SOCKET") else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A name that begins with "@" stands for one in no directory, which begins with NUL.
    let name = (path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8))
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard name.count < room else { return }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { return }
    defer { close(number) }
    let bytes = Array(message.utf8)
    let length = MemoryLayout<sockaddr_un>.size - room + name.count
    _ = unsafe withUnsafeBytes(of: &address) { address in
      unsafe sendto(
        number, bytes, bytes.count, Int32(MSG_NOSIGNAL),
        address.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
    }
  }
}
