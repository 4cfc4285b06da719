import PodModel
import PodStore

/// The reasons a function of the interface fails.
enum BridgeError: Error {
  /// The store could not do it.
  case store(StoreError)
  /// A text is no name or revision.
  case name(NameError)
}

extension BridgeError: CustomStringConvertible {
  /// One line for a person: what failed, on what, and what to do.
  var description: String {
    switch self {
    case .store(let error): error.description
    case .name(let error): error.description
    }
  }

  /// What a function returns for this error: 2 if something is not there, 3 for damage, else 1.
  var status: CInt {
    switch self {
    case .name: 1
    case .store(let error):
      switch error {
      case .notAStore, .noSuchSession, .sessionRemoved, .noCommits, .noSuchRevision,
        .noSuchVariable, .noSuchBranch, .noSuchTag, .nothingToUndo, .nothingToRedo:
        2
      case .podNotFound, .podDamaged, .badPickle, .databaseDamaged, .rowDamaged, .valueLost,
        .damagedBeforeRemoval, .unexpectedFile, .foreignDatabase:
        3
      case .isAFile, .notEmpty, .unknownFormat, .foreignStore, .noDefaultPath, .sessionExists,
        .sessionNotEmpty, .ambiguousRevision, .branchExists, .tagExists, .branchCheckedOut,
        .uncommittedChanges, .headMoved, .baseRemoved, .invalidCommit, .podTooLarge,
        .variableTooLarge, .storeFull, .unknownCodec, .podsCollected, .interrupted, .diskFull,
        .readOnly,
        .permissionDenied, .io, .storeRemoved, .busy, .database:
        1
      }
    }
  }
}

/// Runs `body`, which calls the store.
func storing<Result>(_ body: () throws(StoreError) -> Result) throws(BridgeError) -> Result {
  do { return try body() } catch { throw .store(error) }
}

/// Runs `body`, which reads a name or a revision.
func naming<Result>(_ body: () throws(NameError) -> Result) throws(BridgeError) -> Result {
  do { return try body() } catch { throw .name(error) }
}
