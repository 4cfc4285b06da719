import PodModel
import PodStore
import Synchronization

/// Something that the kernel is to be told.
public enum Notice: Hashable, Sendable {
  /// Names are gone: all of them must be asked for again.
  case names
  /// What `stat` shows of a number has changed.
  case attributes(InodeNumber)
  /// Who waits with this number may go on.
  case wake(WaiterNumber)
  /// Nobody waits with this number any more.
  case drop(WaiterNumber)
}

/// Who tells the kernel.
///
/// A lock that held the function itself would wrap it once more on each look at it.
struct NoticeReceiver: Sendable {
  let tell: @Sendable (Notice) -> Void
}

/// The number of someone who waits until a file can be read; who waits gives it.
public struct WaiterNumber: Hashable, Sendable {
  /// The number itself.
  public let value: UInt

  /// Wraps a number.
  public init(_ value: UInt) { self.value = value }
}

/// A log that is open: how far it was read, and who waits for more.
final class LogReader: Sendable {
  let session: SessionID
  let state = Mutex(State())

  struct State {
    var end: Int64 = 0
    var waiter: WaiterNumber?
  }

  init(_ session: SessionID) { self.session = session }

  /// Notes that the bytes before `end` were read.
  func note(end: Int64) { state.withLock { $0.end = max($0.end, end) } }
}

extension Filesystem {
  /// The longest time without a look at the store, in milliseconds.
  private static let longestPause = 1000

  /// Tells the kernel of what any process changes, until ``end()``.
  ///
  /// A thread of its own calls it. `tell` is called on that thread, and by those that close files.
  ///
  /// - Parameter canForgetNames: whether the kernel understands ``Notice/names``.
  public func watch(canForgetNames: Bool, _ tell: @escaping @Sendable (Notice) -> Void) {
    notices.withLock { $0 = NoticeReceiver(tell: tell) }
    links.beginWatching()
    textLinks.beginWatching()
    self.canForgetNames.store(canForgetNames, ordering: .relaxed)
    var removals = removals()
    var permissions = permissionChanges()
    var seen = dataVersion()
    textMeasurer.begin()
    var pause = Self.longestPause
    while true {
      let wake = storeWatch.wait(milliseconds: pause)
      if wake == .stop { return }
      let now = dataVersion()
      if now != seen {
        let permissionsNow = permissionChanges()
        if permissionsNow != permissions { announcePermissions() }
        permissions = permissionsNow
        // After a failed read, the same changes are announced again at the next look.
        let isComplete = announceChanges()
        seen = isComplete ? now : nil
        textMeasurer.look()
        let removalsNow = self.removals()
        if removalsNow != removals { tell(.names) }
        removals = removalsNow
        pause = isComplete ? 1 : Self.longestPause
      } else {
        // What was written can be read soon: after the disk has it.
        pause = wake == .write ? 1 : min(pause * 2, Self.longestPause)
      }
    }
  }

  /// The store's number for the present moment; nil while it cannot be read.
  private func dataVersion() -> Int64? {
    do { return try backing.store.dataVersion() } catch { return nil }
  }

  /// The number of removals of commits and sessions; nil while it cannot be read.
  private func removals() -> Int64? {
    do { return try backing.store.removals() } catch { return nil }
  }

  /// The number of changes of permissions in history; nil while it cannot be read.
  private func permissionChanges() -> Int64? {
    do { return try backing.store.permissionChanges() } catch { return nil }
  }

  /// How long a name is known that leads to the same as long as it is there.
  var untilRemoved: Lifetime {
    canForgetNames.load(ordering: .relaxed) ? .watched : .soon
  }

  /// Tells the kernel.
  func tell(_ notice: Notice) { notices.withLock { $0 }?.tell(notice) }

  /// Tells of a version whose permissions were changed just now, before anybody else can use what
  /// the kernel knows of it.
  func announcePermissions(of version: VersionID) {
    if links.invalidate(version), let inode = Node.version(version).inode {
      tell(.attributes(inode))
    }
    if textLinks.invalidate(version), let inode = Node.text(version).inode {
      tell(.attributes(inode))
    }
  }

  /// Tells of all files of history, of some of which the permissions have changed.
  private func announcePermissions() {
    for version in links.invalidateAll() {
      if let inode = Node.version(version).inode { tell(.attributes(inode)) }
    }
    for version in textLinks.invalidateAll() {
      if let inode = Node.text(version).inode { tell(.attributes(inode)) }
    }
  }

  /// Tells of what has changed since the last time; returns false if not all of it could be read.
  @discardableResult
  func announceChanges() -> Bool {
    var isComplete = true
    for session in knownSessions.withLock({ $0.keys.map { $0 } }) {
      if let inode = Node.session(session).inode { tell(.attributes(inode)) }
      for entry in SessionEntry.allCases where entry.kind == .directory {
        if let inode = Node.entry(entry, session).inode { tell(.attributes(inode)) }
      }
      if !announceHistory(of: session) { isComplete = false }
      announceTexts(of: session)
    }
    for handle in files.handles {
      guard case .log(let reader) = files[handle] else { continue }
      if let waiter = reader.state.withLock({ $0.waiter.take() }) { tell(.wake(waiter)) }
    }
    return isComplete
  }

  /// Tells of the files that have more names or fewer since the last time; returns false if the
  /// history of the session cannot be read now.
  private func announceHistory(of session: SessionID) -> Bool {
    let places: CommitTable.Places
    do { places = try commits.places(of: session) } catch { return Self.isGone(error) }
    let before = knownSessions.withLock { sessions in
      defer { sessions[session] = places.mark }
      return sessions[session] ?? nil
    }
    guard let change = places.change(since: before) else { return true }
    for version in links.invalidate(session, wentOn: change == .wentOn) {
      if let inode = Node.version(version).inode { tell(.attributes(inode)) }
    }
    for version in textLinks.invalidate(session, wentOn: change == .wentOn) {
      if let inode = Node.text(version).inode { tell(.attributes(inode)) }
    }
    guard change == .other else { return true }
    for counts in [links, textLinks] {
      // A store that cannot be read now is looked at after the next removal.
      do { try counts.forgetRemoved(from: session) } catch {}
    }
    return true
  }

  /// Returns whether an error means that the session was removed and needs no more notices.
  private static func isGone(_ error: FilesystemError) -> Bool {
    if case .store(.sessionRemoved) = error { return true }
    return false
  }

  /// Tells of the texts that the workspace shows since the last time, or does not show any more.
  private func announceTexts(of session: SessionID) {
    guard let before = shownTexts.withLock({ $0[session] }) else { return }
    let now: Set<VersionID>
    do { now = try workspace(of: session).boundVersions() } catch { return }
    shownTexts.withLock { $0[session] = now }
    for version in textLinks.known(before.symmetricDifference(now)) {
      if let inode = Node.text(version).inode { tell(.attributes(inode)) }
    }
  }

  /// Notes that the kernel knows a session.
  func know(_ session: SessionID) {
    knownSessions.withLock { sessions in
      if sessions[session] == nil { sessions[session] = .some(nil) }
    }
  }
}

extension Filesystem {
  /// Tells whether an open file has something new to read, which everything but a log always has.
  ///
  /// If not, `waiter` is woken when it may have.
  public func poll(
    _ handle: HandleNumber?, waiter: WaiterNumber?
  ) throws(FilesystemError) -> Bool {
    guard let handle, case .log(let reader) = files[handle] else {
      if let waiter { tell(.drop(waiter)) }
      return true
    }
    // First the waiter, then the look: a commit between the two wakes it.
    let old = reader.state.withLock { state in
      defer { if let waiter { state.waiter = waiter } }
      return waiter == nil ? nil : state.waiter
    }
    if let old { tell(.drop(old)) }
    let size = try log.size(of: reader.session).size
    return reader.state.withLock { $0.end < size }
  }
}
