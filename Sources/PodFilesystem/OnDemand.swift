import Synchronization

/// A value that the first who wants it makes, while others who want it wait.
final class OnDemand<Value: Sendable>: Sendable {
  private let made = Mutex<Value?>(nil)

  /// How many bytes are allocated for one, about, beside what the value points to.
  static var footprint: Int { 32 + MemoryLayout<Mutex<Value?>>.stride }

  /// Returns the value; `make` is called if there is none yet.
  func value(
    _ make: () throws(FilesystemError) -> Value
  ) throws(FilesystemError) -> Value {
    try made.withLock { made throws(FilesystemError) in
      if let made { return made }
      let value = try make()
      made = value
      return value
    }
  }
}
