import Synchronization

/// Values that are kept for their next use.
public final class Pool<Value: ~Copyable & Sendable>: Sendable {
  private final class Place: Sendable {
    let value: Mutex<Value?>

    init(_ value: consuming Value) { self.value = Mutex(value) }
  }

  private let limit: Int
  private let places = Mutex<[Place]>([])

  /// Makes a pool that keeps up to `limit` values.
  public init(limit: Int) { self.limit = limit }

  /// Returns a value that is the caller's from now on, or nil if there is none.
  public func take() -> Value? {
    places.withLock { $0.popLast() }?.value.withLock { $0.take() }
  }

  /// Destroys the values.
  func removeAll() { places.withLock { $0.removeAll() } }

  /// Keeps a value, or destroys it if there are enough.
  public func give(_ value: consuming Value) {
    let place = Place(value)
    places.withLock { if $0.count < limit { $0.append(place) } }
  }
}
