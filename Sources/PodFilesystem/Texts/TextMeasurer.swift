import Glibc
import PodModel
import PodStore
import Synchronization

/// Renders the texts that nobody has read yet, beside all other work, so that `stat` shows their sizes.
///
/// What somebody looks at comes first, then what was committed last. There is one thread for it, as
/// long as there is something to do.
final class TextMeasurer: Sendable {
  /// How many of the last versions are rendered unasked when a mount begins and after each commit, and
  /// how many bytes of text that may make.
  ///
  /// Rendering years of history would take hours, of which hardly anybody sees anything: what is older
  /// or beyond is rendered once somebody looks at it.
  private static let reach = 4096
  private static let room = 256 << 20
  /// How many wait at most; of more than these, the last that were asked for.
  private static let queueLimit = 1 << 16
  /// How many sizes are kept by one transaction, at most, and how long they wait for it.
  private static let batch = 256
  private static let patience = Duration.milliseconds(200)

  private let texts: TextCache
  private let backing: Backing
  private let state = Mutex(State())

  private struct State {
    /// Whether the mount has begun, and not ended.
    var isActive = false
    var isOver = false
    /// The thread, until somebody has waited for its end.
    var thread: pthread_t?
    var isRunning = false
    /// Whether there may be new versions.
    var mustLook = false
    /// Up to where versions were looked for.
    var last = VersionID(row: 0)
    /// What somebody looked at, and what nobody did; the last one comes next.
    var asked: [VersionID] = []
    var found: [VersionID] = []
    /// How many bytes of text may still be made unasked.
    var room = 0
    /// Versions that cannot be rendered, as their readers will be told; at most `queueLimit`.
    var failed: Set<VersionID> = []

    var isIdle: Bool { asked.isEmpty && found.isEmpty && !mustLook }

    /// Takes what comes next, or notes that there is nothing.
    mutating func next() -> Step? {
      if isActive {
        if let version = asked.popLast() { return .measure(version, isAsked: true) }
        if mustLook {
          mustLook = false
          return .look(after: last)
        }
        if room > 0, let version = found.popLast() { return .measure(version, isAsked: false) }
        found = []
      }
      isRunning = false
      return nil
    }
  }

  private enum Step {
    case look(after: VersionID)
    case measure(VersionID, isAsked: Bool)
  }

  init(_ texts: TextCache, backing: Backing) {
    self.texts = texts
    self.backing = backing
  }

  /// Begins with what was committed last.
  func begin() {
    state.withLock { $0.isActive = !$0.isOver }
    look()
  }

  /// Looks for new versions.
  func look() {
    state.withLock { state in
      state.mustLook = true
      start(&state)
    }
  }

  /// Renders the text of a version before all others.
  func want(_ version: VersionID) {
    state.withLock { state in
      guard state.isActive, !state.failed.contains(version) else { return }
      state.asked.append(version)
      if state.asked.count > Self.queueLimit { state.asked.removeFirst(Self.queueLimit / 2) }
      start(&state)
    }
  }

  /// Ends it, and returns when it has ended.
  func end() {
    let thread = state.withLock { state in
      (state.isActive, state.isOver) = (false, true)
      return state.thread.take()
    }
    texts.stopMeasuring()
    if let thread { pthread_join(thread, nil) }
    texts.sizes.keep()
  }

  private func start(_ state: inout State) {
    guard state.isActive, !state.isRunning else { return }
    // The one before is at its end.
    if let ended = state.thread.take() { pthread_join(ended, nil) }
    state.thread = BackgroundThread.begin { self.run() }
    state.isRunning = state.thread != nil
  }

  private func run() {
    var lastKept = ContinuousClock.now
    while let step = state.withLock({ $0.next() }) {
      switch step {
      case .look(let last): look(after: last)
      case .measure(let version, let isAsked): measure(version, isAsked: isAsked)
      }
      let isIdle = state.withLock { $0.isIdle }
      if isIdle || texts.sizes.pendingCount >= Self.batch || .now - lastKept > Self.patience {
        texts.sizes.keep()
        lastKept = .now
      }
    }
  }

  private func look(after last: VersionID) {
    do throws(StoreError) {
      let new = try backing.store.versionsWithoutTextSize(
        as: texts.form, after: last, count: Self.reach)
      state.withLock { state in
        state.found = (state.found + new.versions.reversed()).suffix(Self.reach)
        if !new.versions.isEmpty { state.room = Self.room }
        state.last = new.last
      }
    } catch {
      // A store that cannot be read tells so to those who read.
    }
  }

  private func measure(_ version: VersionID, isAsked: Bool) {
    do throws(FilesystemError) {
      guard try texts.sizes.size(of: version) == nil else { return }
      let size = try texts.open(backing.version(version)).measure()
      if !isAsked { state.withLock { $0.room -= size } }
    } catch {
      state.withLock { state in
        if state.failed.count >= Self.queueLimit { state.failed = [] }
        state.failed.insert(version)
      }
    }
  }
}
