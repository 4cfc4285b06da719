public import PodModel

/// The right to add pods to a store, for as long as the body of ``Store/withWriter(_:)`` runs.
///
/// Pods that were put become part of the store with the ``save(_:in:)`` or ``seal(_:as:in:)`` of
/// the same writer that follows them. Pods that no such call follows are dropped.
public struct PodWriter: ~Copyable {
  private let store: Store

  init(store: Store) { self.store = store }

  /// Adds a pod and returns its name; a pod that is already there is not written again.
  public mutating func put(_ bytes: [UInt8]) throws(StoreError) -> PodID {
    throw .notBuilt
  }

  /// Adds a pod and returns its name, reading the bytes in place.
  public mutating func put(_ bytes: RawSpan) throws(StoreError) -> PodID {
    throw .notBuilt
  }

  /// Commits a namespace that was captured elsewhere, in one durable transaction.
  public mutating func save(
    _ namespace: NewCommit, in session: SessionID
  ) throws(StoreError) -> SavedCommit {
    throw .notBuilt
  }

  /// Binds a variable of the workspace to root 0 of `content`, in one durable transaction.
  public mutating func seal(
    _ content: NewContent, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version {
    throw .notBuilt
  }
}

extension StoreError {
  static var notBuilt: Self { .database(code: 0, message: "not built yet") }
}

/// What a pod may be.
public enum PodLimits {
  /// The largest number of bytes in a pod.
  public static let byteLimit = 64 << 20
}

/// The text in a store's `format` file.
enum StoreFormat {
  static let current = "podfs store 1"
}

func errorText(_ errno: Int32) -> String { "errno \(errno)" }
