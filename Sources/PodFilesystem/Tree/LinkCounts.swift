import PodModel
import PodStore
import Synchronization

/// The link counts and permissions of the files of history that the kernel knows.
///
/// A commit gives every version that it shares with the one before one name more, and a chmod in the
/// workspace changes a version that commits have. The kernel keeps attributes until it is told
/// otherwise; so it is told, but only of what it knows.
final class LinkCounts: Sendable {
  /// The number of names of a file, and what it permits.
  struct Count {
    let value: UInt32
    /// The permissions in history: what nobody may write.
    let permissions: UInt32
    /// The session whose commits have it, if any do.
    let session: SessionID?
    /// Whether the kernel is told when it changes.
    let isWatched: Bool
  }

  /// Of more files than these the kernel has to ask again and again.
  private static let limit = 1 << 20

  private let backing: Backing
  private let state = Mutex(State())

  private struct State {
    /// Whether someone tells the kernel; else nothing is kept.
    var isWatched = false
    /// How often counts may have become wrong.
    var epoch: UInt64 = 0
    var known: [VersionID: Known] = [:]

    /// Keeps what was counted at `epoch` of a file, if the kernel knows the file; a new one is
    /// counted as looked up.
    mutating func count(
      of version: VersionID, _ links: VersionLinks, epoch: UInt64, isNew: Bool
    ) -> Count {
      let count = UInt32(clamping: max(1, links.count))
      let permissions = links.permissions & 0o555
      func answer(isWatched: Bool) -> Count {
        Count(
          value: count, permissions: permissions, session: links.session, isWatched: isWatched)
      }
      var now = known[version] ?? Known()
      if isNew {
        guard known.count < LinkCounts.limit else { return answer(isWatched: false) }
        now.lookups += 1
      }
      // What the kernel has not looked up, it is not told of.
      guard now.lookups > 0, isWatched else { return answer(isWatched: false) }
      now.session = UInt32(clamping: links.session?.row ?? 0)
      now.isGrowing = links.isGrowing
      now.permissions = UInt16(permissions)
      // Nobody tells what becomes of a version that is in no commit.
      now.count = epoch == self.epoch && links.count > 0 ? count : 0
      known[version] = now
      return answer(isWatched: now.count > 0)
    }
  }

  /// What the kernel knows of a file.
  private struct Known {
    /// The number of names; 0 if it must be counted anew.
    var count: UInt32 = 0
    /// How often the kernel was told of the file, less how often it forgot.
    var lookups: UInt32 = 0
    var session: UInt32 = 0
    var isGrowing = true
    var permissions: UInt16 = 0
  }

  init(backing: Backing) { self.backing = backing }

  /// Notes that the kernel is told of changes from now on.
  func beginWatching() { state.withLock { $0.isWatched = true } }

  private func links(of versions: [VersionID]) throws(FilesystemError) -> [VersionLinks] {
    try backing.run { store throws(StoreError) in try store.links(of: versions) }
  }

  /// Returns how many names a file has; with `isLookup`, the kernel is told of the file.
  func count(of version: VersionID, isLookup: Bool) throws(FilesystemError) -> Count {
    try counts(of: [version], areLookups: isLookup)[0]
  }

  /// Returns how many names each file has; with `areLookups`, the kernel is told of the files.
  func counts(of versions: [VersionID], areLookups: Bool) throws(FilesystemError) -> [Count] {
    let (epoch, known) = state.withLock { state -> (UInt64, [Known?]) in
      if areLookups {
        for version in versions { state.known[version]?.lookups += 1 }
      }
      return (state.epoch, versions.map { state.known[$0] })
    }
    let unknown = zip(versions, known).filter { $1.map { $0.count == 0 } ?? true }.map(\.0)
    var links = unknown.isEmpty ? [] : try links(of: unknown)[...]
    return state.withLock { state in
      zip(versions, known).map { version, known in
        if let known, known.count > 0 {
          let session = known.session > 0 ? SessionID(row: Int64(known.session)) : nil
          return Count(
            value: known.count, permissions: UInt32(known.permissions), session: session,
            isWatched: true)
        }
        guard let links = links.popFirst() else {
          preconditionFailure("the store answers for every version")
        }
        return state.count(
          of: version, links, epoch: epoch, isNew: areLookups && known == nil)
      }
    }
  }

  /// Notes that the kernel forgot `count` of the times that it was told of a file.
  func forget(_ version: VersionID, count: UInt64) {
    state.withLock { state in
      guard let known = state.known[version] else { return }
      guard UInt64(known.lookups) > count else {
        state.known[version] = nil
        return
      }
      state.known[version]?.lookups -= UInt32(count)
    }
  }

  /// Forgets what is known of a version whose permissions have changed; tells whether the kernel
  /// knows its file.
  func invalidate(_ version: VersionID) -> Bool {
    state.withLock { state in
      state.epoch += 1
      state.known[version]?.count = 0
      return state.known[version] != nil
    }
  }

  /// Forgets what is known of all files, some of whose permissions have changed, and returns those
  /// that the kernel is told of.
  func invalidateAll() -> [VersionID] {
    state.withLock { state in
      state.epoch += 1
      let changed = state.known.filter { $0.value.count > 0 }.map(\.key)
      for version in changed { state.known[version]?.count = 0 }
      return changed
    }
  }

  /// The number of files of which anything is kept.
  var knownCount: Int { state.withLock { $0.known.count } }

  /// Forgets the files of a session that no commit has any more.
  ///
  /// The kernel may keep their inodes for days, but nothing about them changes again.
  func forgetRemoved(from session: SessionID) throws(FilesystemError) {
    let candidates = state.withLock { state in
      state.known.filter { $0.value.session == UInt32(clamping: session.row) }.map(\.key)
    }
    let kept = try backing.run { store throws(StoreError) in
      try store.committed(among: candidates)
    }
    state.withLock { state in
      for version in candidates where !kept.contains(version) { state.known[version] = nil }
    }
  }

  /// Returns those of some files that the kernel knows.
  func known(_ versions: some Sequence<VersionID>) -> [VersionID] {
    state.withLock { state in versions.filter { state.known[$0] != nil } }
  }

  /// Forgets the counts that a change of a session's history has made wrong, and returns the files:
  /// if it only went on, those that grow with it.
  func invalidate(_ session: SessionID, wentOn: Bool) -> [VersionID] {
    state.withLock { state in
      state.epoch += 1
      var changed: [VersionID] = []
      for (version, known) in state.known
      where known.session == UInt32(clamping: session.row) && known.count > 0
        && (known.isGrowing || !wentOn)
      {
        changed.append(version)
      }
      for version in changed { state.known[version]?.count = 0 }
      return changed
    }
  }
}
