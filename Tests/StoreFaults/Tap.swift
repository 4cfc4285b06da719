import CFaults
import Glibc
import Synchronization

/// What is to go wrong in a watched directory.
struct Fault {
  /// What happens to a call.
  enum Effect {
    /// It fails with an error number.
    case error(Int32)
    /// Half of it is written, and all calls after it fail.
    case shortWrite(Int32)
    /// The process ends before it.
    case kill
    /// The process ends after half of it was written.
    case tearAndKill
  }

  /// Which call it is, among those of `kinds`, counted from 0.
  let first: Int
  /// The last call that it happens to.
  var last: Int
  let effect: Effect
  let kinds: Set<UInt32>

  /// The kinds of calls that change something.
  static let changes: Set<UInt32> = Set(
    [
      faults_create, faults_make_directory, faults_write, faults_resize, faults_rename,
      faults_remove, faults_flush,
    ].map(\.rawValue))
  /// The kinds of calls that a disk that went read-only refuses.
  static let writing = changes.union([faults_open.rawValue]).subtracting([faults_flush.rawValue])
  /// The kinds of calls that need room.
  static let growing: Set<UInt32> = Set(
    [faults_create, faults_make_directory, faults_write, faults_flush].map(\.rawValue))
  /// The calls that read.
  static let reading: Set<UInt32> = [faults_read.rawValue]
}

/// Records what this process does to a directory, and makes some of it fail.
enum Tap {
  private struct State {
    var events: [Event] = []
    var fault: Fault?
    var calls = 0
    var hits = 0
  }

  private static let state = Mutex(State())

  /// Begins to watch the directory at `path`, with an empty record.
  static func watch(_ path: String) {
    state.withLock { $0 = State() }
    unsafe faults_watch(path, { unsafe Tap.answer(to: $0) }, { unsafe Tap.note($0, $1) })
  }

  /// Ends watching, and returns the record.
  static func unwatch() -> [Event] {
    faults_unwatch()
    return state.withLock { state in
      defer { state = State() }
      return state.events
    }
  }

  /// Adds to the record that a step was acknowledged.
  static func acknowledge(_ observation: Int) {
    state.withLock { $0.events.append(.acknowledged(observation)) }
  }

  /// Lets calls fail from now on, or no more; they are counted anew.
  static func set(_ fault: Fault?) {
    state.withLock { state in
      state.fault = fault
      state.calls = 0
      state.hits = 0
    }
  }

  /// How many calls the fault has happened to.
  static var hits: Int { state.withLock { $0.hits } }

  /// How long the record is.
  static var count: Int { state.withLock { $0.events.count } }

  private static func answer(to operation: UnsafePointer<faults_operation>?) -> Int64 {
    guard let operation = unsafe operation?.pointee else { return .max }
    let kind = unsafe operation.kind.rawValue
    let count = unsafe operation.count
    return state.withLock { state in
      guard let fault = state.fault, fault.kinds.contains(kind) else { return .max }
      defer { state.calls += 1 }
      guard (fault.first...fault.last).contains(state.calls) else { return .max }
      state.hits += 1
      switch fault.effect {
      case .error(let number): return -Int64(number)
      case .shortWrite(let number):
        let isFirst = state.calls == fault.first && kind == faults_write.rawValue
        return isFirst && count > 1 ? count / 2 : -Int64(number)
      case .kill: return die()
      case .tearAndKill:
        guard state.calls == fault.first, kind == faults_write.rawValue, count > 1 else {
          return die()
        }
        return count / 2
      }
    }
  }

  private static func die() -> Int64 {
    kill(getpid(), SIGKILL)
    return -Int64(EINTR)
  }

  private static func note(_ operation: UnsafePointer<faults_operation>?, _ result: Int64) {
    guard let operation = unsafe operation?.pointee else { return }
    guard let change = unsafe change(operation, result) else { return }
    state.withLock { $0.events.append(.operation(change)) }
  }

  /// What a call has changed; the index of SQLite's log is made anew at every start, so it is left
  /// out.
  private static func change(_ operation: faults_operation, _ result: Int64) -> Operation? {
    let path = unsafe String(cString: operation.path)
    guard !path.hasSuffix("-shm") else { return nil }
    if unsafe operation.kind == faults_flush {
      return result == 0 ? .flush(path) : .failedFlush(path)
    }
    guard result >= 0 else { return nil }
    switch unsafe operation.kind {
    case faults_create: return .create(path)
    case faults_make_directory: return .makeDirectory(path)
    case faults_write:
      let bytes = unsafe UnsafeRawBufferPointer(start: operation.bytes, count: Int(result))
      return unsafe .write(path, offset: Int(operation.offset), bytes: Array(bytes))
    case faults_resize: return unsafe .resize(path, size: Int(operation.offset))
    case faults_rename: return unsafe .rename(path, to: String(cString: operation.new_path))
    case faults_remove: return .remove(path)
    default: return nil
    }
  }
}
