import PodModel

/// The manifests that were used last; they never change.
struct ManifestCache {
  /// A commit of a session.
  struct Key: Hashable {
    let session: SessionID
    let number: CommitNumber
  }

  private var entries: [(key: Key, manifest: Manifest)] = []

  private static let countLimit = 16
  private static let versionLimit = 50_000
  private static let copyLimit = 2000

  /// Returns the manifest for `key`, if it is here.
  mutating func manifest(for key: Key) -> Manifest? {
    guard let index = entries.lastIndex(where: { $0.key == key }) else { return nil }
    let entry = entries.remove(at: index)
    entries.append(entry)
    return entry.manifest
  }

  /// Keeps the manifest for `key`, which has `changes` since another, if that is here or there is none.
  ///
  /// Of a long one there is no copy: the commits before it are read again if they are asked for.
  mutating func insert(
    _ changes: [VariableName: Version?], since parent: Key?, for key: Key
  ) {
    var manifest = Manifest()
    if let parent {
      guard let index = entries.lastIndex(where: { $0.key == parent }) else { return }
      manifest = entries[index].manifest
      if manifest.versions.count > Self.copyLimit { entries.remove(at: index) }
    }
    manifest.change(by: changes)
    insert(manifest, for: key)
  }

  /// Keeps a manifest, and forgets what was used longest ago.
  mutating func insert(_ manifest: Manifest, for key: Key) {
    entries.removeAll { $0.key == key }
    entries.append((key, manifest))
    var versions = entries.reduce(0) { $0 + $1.manifest.versions.count }
    while entries.count > Self.countLimit || (entries.count > 2 && versions > Self.versionLimit) {
      versions -= entries.removeFirst().manifest.versions.count
    }
  }
}
