import PodModel
import PodStore
import Synchronization

extension Filesystem {
  /// What `stat` shows of texts; with `areLookups`, the kernel is told of the files.
  ///
  /// As long as the size of one is not known it is shown as 0. The kernel asks again behind that, so
  /// every reader comes to the true end.
  func textAttributes(
    of versions: [Version], areLookups: Bool
  ) throws(FilesystemError) -> [Attributes] {
    let ids = versions.map(\.id)
    let before = try backing.run { store throws(StoreError) in try store.dataVersion() }
    let sizes = try texts.sizes.sizes(of: ids)
    let counts = try textLinks.counts(of: ids, areLookups: areLookups)
    var attributes: [Attributes] = []
    for (index, version) in versions.enumerated() {
      let count = counts[index]
      if sizes[index] == nil { textMeasurer.want(version.id) }
      var shown = frozenFile(
        try inode(.text(version.id)), size: sizes[index] ?? 0, version.time)
      let isFinal = sizes[index] != nil && version.commit != nil
      shown.lifetime = !isFinal ? .moment : count.isWatched ? .watched : .soon
      shown.links = count.value
      shown.permissions = count.permissions
      // What no commit has, has the name in the workspace alone, which is counted as one.
      if let session = count.session, try isShown(version.id, inWorkspaceOf: session) {
        shown.links &+= 1
      }
      attributes.append(shown)
    }
    let after = try backing.run { store throws(StoreError) in try store.dataVersion() }
    // Nobody tells of what changed between the looks.
    if after != before {
      for index in attributes.indices where attributes[index].lifetime == .watched {
        attributes[index].lifetime = .soon
      }
    }
    return attributes
  }

  /// Whether `text/workspace` shows a version; from now on, the kernel is told when that changes.
  private func isShown(
    _ version: VersionID, inWorkspaceOf session: SessionID
  ) throws(FilesystemError) -> Bool {
    let bound = try workspace(of: session).boundVersions()
    shownTexts.withLock { shown in
      if shown[session] == nil { shown[session] = bound }
    }
    return bound.contains(version)
  }
}
