import Glibc
import PodFUSE
import PodFilesystem

/// What stands behind `-o`, as mount(8) and /etc/fstab write it: words with commas between them.
struct OptionList {
  /// What the kernel is told.
  private(set) var mount = MountOptions()
  /// What the tree is told.
  private(set) var tree = FilesystemOptions(user: geteuid(), group: getegid())
  /// The words that make a difference, for `podfs status` and for the daemon.
  private(set) var words: [String] = []

  /// The same as one text.
  var text: String { words.joined(separator: ",") }

  /// Reads what was given behind each `-o`; later words win over earlier ones.
  ///
  /// With `isSloppy`, words that mean nothing are passed over.
  init(parsing texts: [String], isSloppy: Bool) throws(CommandError) {
    for word in texts.flatMap({ $0.split(separator: ",") }) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let (name, value) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
      switch try take(name, value) {
      case .kept:
        words.removeAll { $0 == name || $0.hasPrefix(name + "=") }
        words.append(String(word))
      case .ignored: break
      case .unknown where isSloppy: break
      case .unknown: throw .wrongUse("'\(word)' is no option of mounting; \(Self.known)")
      }
    }
  }

  /// Lets nothing be changed through the mount, whatever was given.
  mutating func makeReadOnly() {
    guard mount.flags.insert(.readOnly).inserted else { return }
    words.append(MountOptions.Flag.readOnly.rawValue)
  }

  private enum Use { case kept, ignored, unknown }

  private mutating func take(_ name: String, _ value: String?) throws(CommandError) -> Use {
    switch (name, value) {
    case ("allow_other", nil): mount.allowsOthers = true
    case ("auto_unmount", nil): mount.unmountsAutomatically = true
    case ("rw", nil):
      mount.flags.remove(.readOnly)
      words.removeAll { $0 == "ro" }
      return .ignored
    case ("uid", let value?): tree.user = try Self.user(value)
    case ("gid", let value?): tree.group = try Self.group(value)
    case ("umask", let value?):
      guard let bits = UInt32(value, radix: 8), bits <= 0o777 else {
        throw .wrongUse("umask '\(value)' is not possible; give octal digits, as in 'umask=022'")
      }
      tree.umask = bits
    case ("text_limit", let value?): tree.textLimit = try Self.size(value, of: name)
    case ("cache", let value?): tree.cacheLimit = try Self.size(value, of: name)
    case ("copies", let value?):
      tree.plainCopyLimit = Int64(try Self.size(value, of: name, from: 0))
    case (_, nil):
      guard let flag = MountOptions.Flag(rawValue: name) else {
        return Self.isForOthers(name) ? .ignored : .unknown
      }
      mount.flags.insert(flag)
    default: return Self.isForOthers(name) ? .ignored : .unknown
    }
    return .kept
  }

  private static let known = """
    there are allow_other, auto_unmount, cache=SIZE, copies=SIZE, gid=GROUP, ro, rw, \
    text_limit=SIZE, uid=USER, umask=OCTAL and those that mount(8) has for all file systems
    """

  /// What mount(8), fstab(5) and systemd pass on to every file system.
  ///
  /// Each of them is for these programs, or holds in any case: reading changes no time, and there
  /// are neither devices nor set-user-ID bits.
  private static let generic: Set<String> = [
    "defaults", "default_permissions", "auto", "noauto", "user", "nouser", "users", "owner",
    "group", "nofail", "_netdev", "suid", "nosuid", "dev", "nodev", "exec", "async", "atime",
    "diratime", "relatime", "norelatime", "strictatime", "nostrictatime", "lazytime",
    "nolazytime", "silent", "loud", "iversion", "noiversion", "mand", "nomand", "comment",
    "uhelper", "helper",
  ]

  private static func isForOthers(_ name: String) -> Bool {
    generic.contains(name) || name.hasPrefix("x-") || name.hasPrefix("X-")
  }

  private static func size(
    _ text: String, of name: String, from least: Int64 = 1
  ) throws(CommandError) -> Int {
    guard let bytes = byteCount(in: text), least...(1 << 40) ~= bytes else {
      throw .wrongUse("\(name) '\(text)' is no number of bytes; give one like '\(name)=64M'")
    }
    return Int(bytes)
  }

  private static func user(_ text: String) throws(CommandError) -> UInt32 {
    guard let number = Accounts.user(text) else {
      throw .wrongUse("there is no user '\(text)'; give a name or a number after 'uid='")
    }
    return number
  }

  private static func group(_ text: String) throws(CommandError) -> UInt32 {
    guard let number = Accounts.group(text) else {
      throw .wrongUse("there is no group '\(text)'; give a name or a number after 'gid='")
    }
    return number
  }
}
