import PodModel
import PodStore
import Synchronization

/// The extended attributes of versions: what rows tell of them, and what is found out when it is
/// asked for.
final class VersionAttributes: Sendable {
  /// What the names of all of them begin with.
  static let prefix = "user.podfs."

  /// The attributes.
  enum Name: String, CaseIterable {
    /// The Python type with its module, or `file`.
    case type
    /// The lengths of the dimensions, with commas between.
    case shape
    /// The element type of an array.
    case dtype
    /// The SHA-256 of the file, in hexadecimal.
    case sha256
    /// The key of the version.
    case version
    /// The number of the commit that introduced it.
    case commit
    /// The key of its co-variable: the variables with the same one share objects.
    case covariable
    /// The number of pods that the value, with those it shares objects with, is made of.
    case pods
    /// The stored bytes of the pods that no other value needs.
    case uniqueBytes = "unique_bytes"
  }

  private let backing: Backing
  private let state = Mutex(State())

  /// How large a file may be whose digest and pods are listed though nobody knows them yet.
  private static let sizeLimit: Int64 = 1 << 20
  /// How long counting what is unique may take for it to be listed.
  private static let patience = Duration.milliseconds(5)

  private struct State {
    var digests = Generations<VersionID, String>(limit: 1 << 20)
    var podCounts = Generations<VersionID, Int>(limit: 1 << 20)
    /// What is unique at one moment of the store: counted for all at once.
    var unique: (dataVersion: Int64, bytes: [ContentID: Int64])?
    /// How long it took to count that.
    var uniqueDuration = Duration.zero
  }

  init(backing: Backing) { self.backing = backing }

  /// Returns the names of what a version has, of what takes long to find out only what is known.
  ///
  /// `cp -a` and `mv` ask for the value of whatever is listed, and must not read the file by that.
  func names(of version: Version) -> [Name] {
    let isSmall = version.summary.size <= Self.sizeLimit
    let (knowsDigest, knowsPods, countsFast) = state.withLock { state in
      (
        isSmall || state.digests.value(of: version.id) != nil,
        isSmall || state.podCounts.value(of: version.id) != nil,
        state.uniqueDuration <= Self.patience
      )
    }
    return Name.allCases.filter { name in
      switch name {
      case .shape: version.summary.shape != nil
      case .dtype: version.summary.dtype != nil
      case .commit: version.commit != nil
      case .sha256: knowsDigest
      case .pods: knowsPods
      case .uniqueBytes: countsFast
      case .type, .version, .covariable: true
      }
    }
  }

  /// Returns the value of an attribute, or nil if the version has none of this name.
  func value(_ name: Name, of version: Version) throws(FilesystemError) -> String? {
    switch name {
    case .type: version.summary.type
    case .shape: version.summary.shape?.map { "\($0)" }.joined(separator: ",")
    case .dtype: version.summary.dtype
    case .version: "\(version.id.row)"
    case .covariable: "\(version.coVariable.row)"
    case .commit: version.commit?.description
    case .sha256: try digest(of: version)
    case .pods: "\(try podCount(of: version))"
    case .uniqueBytes: "\(try uniqueBytes(of: version))"
    }
  }

  private func digest(of version: Version) throws(FilesystemError) -> String {
    if let known = state.withLock({ $0.digests.value(of: version.id) }) { return known }
    let digest = try backing.run { store throws(StoreError) in try store.digest(of: version) }
    state.withLock { $0.digests.keep(digest, of: version.id, pointee: digest.utf8.count + 48) }
    return digest
  }

  private func podCount(of version: Version) throws(FilesystemError) -> Int {
    if let known = state.withLock({ $0.podCounts.value(of: version.id) }) { return known }
    let count = try backing.run { store throws(StoreError) in
      try store.podCount(of: version.content)
    }
    state.withLock { $0.podCounts.keep(count, of: version.id) }
    return count
  }

  private func uniqueBytes(of version: Version) throws(FilesystemError) -> Int64 {
    let now = try backing.run { store throws(StoreError) in try store.dataVersion() }
    let known = state.withLock { $0.unique }
    if let known, known.dataVersion == now { return known.bytes[version.content] ?? 0 }
    let start = ContinuousClock.now
    let bytes = try backing.run { store throws(StoreError) in try store.uniqueBytes() }
    state.withLock { state in
      state.unique = (now, bytes)
      state.uniqueDuration = start.duration(to: .now)
    }
    return bytes[version.content] ?? 0
  }
}
