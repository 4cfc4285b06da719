/// What the kernel is told of a mount.
///
/// In any case it checks the permissions of files itself, and there are neither devices nor
/// set-user-ID bits.
public struct MountOptions: Hashable, Sendable {
  /// Something that mount(8) knows and that the kernel sees to.
  public enum Flag: String, CaseIterable, Sendable {
    /// Nothing can be changed through the mount.
    case readOnly = "ro"
    /// No program can be run from the mount.
    case noPrograms = "noexec"
    /// Reading changes no time of a file; it never does.
    case noAccessTimes = "noatime"
    /// The same for directories.
    case noDirectoryAccessTimes = "nodiratime"
    /// Every write is durable when it returns.
    case synchronous = "sync"
    /// Every change of names is; it always is.
    case synchronousNames = "dirsync"
  }

  /// What the kernel is asked to see to.
  public var flags: Set<Flag> = []
  /// Whether others than who mounts may use the mount, as far as permissions let them.
  public var allowsOthers = false
  /// Whether a helper takes the mount away when its daemon dies.
  public var unmountsAutomatically = false

  /// Chooses the defaults.
  public init() {}

  /// The same in the words of libfuse.
  var words: [String] {
    var words = ["default_permissions"] + Flag.allCases.filter(flags.contains).map(\.rawValue)
    if allowsOthers { words.append("allow_other") }
    if unmountsAutomatically { words.append("auto_unmount") }
    return words
  }
}
