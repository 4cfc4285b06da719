import Synchronization

/// The number of an open file or directory.
public struct HandleNumber: Hashable, Sendable {
  /// The number itself, 1 or more.
  public let value: UInt64

  /// Wraps a number; whether anything has it is for the filesystem to say.
  public init(_ value: UInt64) { self.value = value }
}

/// What is open, by numbers of which none is used twice.
final class HandleTable<Open: Sendable>: Sendable {
  private let state = Mutex(State())

  private struct State {
    var last: UInt64 = 0
    var open: [HandleNumber: Open] = [:]
  }

  /// The numbers of all that is open.
  var handles: [HandleNumber] { state.withLock { Array($0.open.keys) } }

  /// Returns a number that nothing has yet.
  func next() -> HandleNumber {
    state.withLock { state in
      state.last += 1
      return HandleNumber(state.last)
    }
  }

  /// Returns what has the number.
  subscript(handle: HandleNumber) -> Open? {
    get { state.withLock { $0.open[handle] } }
  }

  /// Notes what has the number.
  func insert(_ open: Open, at handle: HandleNumber) {
    state.withLock { $0.open[handle] = open }
  }

  /// Takes out what has the number.
  func remove(_ handle: HandleNumber) -> Open? {
    state.withLock { $0.open.removeValue(forKey: handle) }
  }
}
