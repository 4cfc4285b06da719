public import PodModel

/// One store directory: the sessions, their commits and versions, and the pods that hold them.
///
/// All methods may be called from any thread, and any number of processes may use one directory.
/// What another process commits is seen by the next call.
public final class Store: Sendable {
  /// The path of the store directory.
  public let path: String

  /// Makes a store, or opens the one that is there.
  ///
  /// The path may not exist yet, or be an empty directory.
  public init(creatingAt path: String) throws(StoreError) {
    self.path = path
    throw .notBuilt
  }

  /// Opens the store at `path`.
  public init(openingAt path: String) throws(StoreError) {
    self.path = path
    throw .notBuilt
  }

  /// Returns `$PODFS_STORE`, else `$HOME/.podfs`; without an argument, of this process.
  public static func defaultPath(
    environment: [String: String]? = nil
  ) throws(StoreError) -> String {
    throw .notBuilt
  }

  /// The directory for bytes of workspace files that are not sealed yet.
  public var stagingPath: String { path + "/staging" }

  /// The directory of what can be deleted at any time.
  public var cachePath: String { path + "/cache" }

  /// Returns the bytes of the pod named `id`, checked against the name.
  public func bytes(of id: PodID) throws(StoreError) -> [UInt8] { throw .notBuilt }

  /// Tells whether the pod named `id` is in the store.
  public func contains(_ id: PodID) throws(StoreError) -> Bool { throw .notBuilt }

  /// Runs `body` with a writer of its own.
  ///
  /// Pods that are put and not followed by a `save` or `seal` of the writer are dropped.
  public func withWriter<Result>(
    _ body: (inout PodWriter) throws(StoreError) -> Result
  ) throws(StoreError) -> Result { throw .notBuilt }

  /// Returns a number that changes whenever any process has committed a transaction, in no time.
  public func dataVersion() throws(StoreError) -> Int64 { throw .notBuilt }

  /// Counts what is in the store.
  public func statistics() throws(StoreError) -> StoreStatistics { throw .notBuilt }
}
