import Glibc

/// What a collection removed.
public struct Collected: Hashable, Sendable {
  /// The number of pods that nothing needed.
  public internal(set) var pods = 0
  /// The number of packs that were written again or removed.
  public internal(set) var packs = 0
  /// By how much the packs became smaller, in bytes.
  public internal(set) var bytes: Int64 = 0

  /// Nothing.
  public init() {}
}

/// How far a collection is.
public enum CollectionProgress: Sendable {
  /// It finds what is needed: so many of all values.
  case looking(done: Int, total: Int)
  /// It removes what is not: so many of all pods.
  case removing(done: Int, total: Int)
  /// It writes packs again: so many of all bytes.
  case copying(done: Int64, total: Int64)
}

extension Store {
  /// Removes the pods that nothing needs, and gives their room back to the disk.
  ///
  /// Any process may go on using the store meanwhile. What a process has open stays readable; the
  /// packs that another one writes to are left as they are until it ends. Memory is about 20 bytes
  /// for each pod.
  ///
  /// - Parameter patience: how long it waits for another collection, or for a process that puts
  ///   packs together.
  /// - Throws: ``StoreError/busy(path:)`` if that takes longer;
  ///   ``StoreError/podDamaged(_:)`` if what a value needs cannot be told: nothing is removed then.
  @discardableResult
  public func collect(
    patience: Duration = .seconds(10),
    progress: @escaping (CollectionProgress) -> Void = { _ in }
  ) throws(StoreError) -> Collected {
    let engine = engine
    try engine.requireRemovable()
    return try engine.whilePacksStay(patience: patience) { () throws(StoreError) in
      try Collector.run(in: engine, progress: progress)
    }
  }
}

extension Engine {
  /// Runs `body` while no other process moves or removes pods, once none does.
  func whilePacksStay<Result>(
    patience: Duration = .zero, _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let directory = try File(packs, .directory)
    let end = ContinuousClock.now + patience
    while try !directory.tryLock() {
      guard ContinuousClock.now < end else { throw .busy(path: packs.description) }
      usleep(10_000)
    }
    let result = try body()
    // The lock ends with the file, which must not end before.
    _ = consume directory
    return result
  }
}
