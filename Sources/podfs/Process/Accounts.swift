import Glibc

/// The users and groups of this machine.
enum Accounts {
  /// Returns the number of a user, by name or as the number itself; nil if there is none.
  static func user(_ text: String) -> UInt32? {
    if let number = UInt32(text) { return number }
    guard let entry = unsafe getpwnam(text) else { return nil }
    return unsafe entry.pointee.pw_uid
  }

  /// Returns the number of a group, by name or as the number itself; nil if there is none.
  static func group(_ text: String) -> UInt32? {
    if let number = UInt32(text) { return number }
    guard let entry = unsafe getgrnam(text) else { return nil }
    return unsafe entry.pointee.gr_gid
  }
}
