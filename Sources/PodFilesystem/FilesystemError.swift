import Glibc
import PodModel
public import PodStore

/// The reasons a request to the filesystem is refused.
///
/// Each case stands for one errno, which is what the caller sees: ``errno`` is the only map.
public enum FilesystemError: Error, Equatable {
  /// Nothing has this name or number.
  case notFound
  /// Something has this name already.
  case exists
  /// A directory is needed, and this is none.
  case notDirectory
  /// This is a directory, and a file is needed.
  case isDirectory
  /// History cannot be changed.
  case readOnly
  /// This kind of change is never possible here.
  case notPermitted
  /// A name has more than 255 bytes.
  case nameTooLong
  /// A name is not UTF-8.
  case nameNotUnicode
  /// A name or an argument is not possible.
  case invalid
  /// The name means another file by now; the kernel looks it up again.
  case superseded
  /// The handle is not open for that.
  case badHandle
  /// A file can be copied there, but not moved.
  case otherSession
  /// The operation does not exist here.
  case notSupported
  /// The file has no extended attribute of this name.
  case noAttribute
  /// The extended attributes of the file have no room for another.
  case attributesFull
  /// There is no data, or no hole, from this offset on.
  case behindEnd
  /// The text is longer than a message may be, or the file than a file may be.
  case tooLarge
  /// A row's key has no room in an inode number.
  case outOfNumbers
  /// The store refused or failed.
  case store(StoreError)
  /// A system call on staged bytes failed with this errno.
  case staging(Int32)
}

extension FilesystemError {
  /// The errno that the caller of the system call sees.
  public var errno: Int32 {
    switch self {
    case .notFound: ENOENT
    case .exists: EEXIST
    case .notDirectory: ENOTDIR
    case .isDirectory: EISDIR
    case .readOnly: EROFS
    case .notPermitted: EPERM
    case .nameTooLong: ENAMETOOLONG
    case .nameNotUnicode: EILSEQ
    case .invalid: EINVAL
    case .superseded: ESTALE
    case .badHandle: EBADF
    case .otherSession: EXDEV
    case .notSupported: EOPNOTSUPP
    case .noAttribute: ENODATA
    case .attributesFull: ENOSPC
    case .behindEnd: ENXIO
    case .tooLarge: EFBIG
    case .outOfNumbers: EOVERFLOW
    case .store(let error): Self.errno(of: error)
    case .staging(let errno): errno
    }
  }

  private static func errno(of error: StoreError) -> Int32 {
    switch error {
    case .noSuchSession, .sessionRemoved, .noCommits, .noSuchRevision, .ambiguousRevision,
      .noSuchVariable, .noSuchBranch, .noSuchTag, .nothingToUndo, .nothingToRedo:
      ENOENT
    case .sessionExists, .branchExists, .tagExists: EEXIST
    case .sessionNotEmpty: ENOTEMPTY
    case .branchCheckedOut, .uncommittedChanges, .headMoved, .busy, .podsCollected: EBUSY
    case .interrupted: EINTR
    case .diskFull: ENOSPC
    case .readOnly: EROFS
    case .permissionDenied: EACCES
    case .foreignStore: EPERM
    case .podTooLarge, .variableTooLarge: EFBIG
    case .storeFull: EDQUOT
    case .baseRemoved, .invalidCommit: EINVAL
    case .io(call: _, path: _, let errno): errno
    case .notAStore, .isAFile, .notEmpty, .unknownFormat, .noDefaultPath, .podNotFound,
      .podDamaged, .storeRemoved, .unknownCodec, .badPickle, .databaseDamaged, .database,
      .rowDamaged, .valueLost, .damagedBeforeRemoval, .unexpectedFile, .foreignDatabase:
      EIO
    }
  }

  /// Whether a person should find a line about it in the log of the mount, since an errno alone
  /// does not say what to do.
  var isFault: Bool {
    switch self {
    case .store(.branchCheckedOut), .store(.uncommittedChanges): false
    case .store(let error): ![ENOENT, EEXIST, ENOTEMPTY].contains(Self.errno(of: error))
    case .staging: true
    case .notFound, .exists, .notDirectory, .isDirectory, .readOnly, .notPermitted, .nameTooLong,
      .nameNotUnicode, .invalid, .superseded, .badHandle, .otherSession, .notSupported,
      .noAttribute, .attributesFull, .behindEnd, .tooLarge, .outOfNumbers:
      false
    }
  }
}

extension FilesystemError: CustomStringConvertible {
  /// One line for a person: what is wrong, and what would be right.
  public var description: String {
    switch self {
    case .notFound: "there is nothing of this name; list the directory again"
    case .exists: "the name is taken; choose another"
    case .notDirectory: "this is no directory; give one"
    case .isDirectory: "this is a directory; give a file"
    case .readOnly: "history cannot be changed; write into a workspace"
    case .notPermitted: "this is never possible here; a workspace holds files only"
    case .nameTooLong: "the name is too long; 255 bytes is the limit"
    case .nameNotUnicode: "the name is not UTF-8; choose another"
    case .invalid: "this name or argument is not possible; choose another"
    case .superseded: "another process replaced the file; open it again"
    case .badHandle: "the file is not open for that; open it again"
    case .otherSession: "a file cannot be moved out of its workspace; copy it, then remove it"
    case .notSupported: "this does not exist here; do without it"
    case .noAttribute: "there is no such extended attribute; list them"
    case .attributesFull: "the extended attributes of the file are too many; remove some"
    case .behindEnd: "there is nothing of that kind behind the offset; begin before it"
    case .tooLarge: "this is too long; shorten it"
    case .outOfNumbers: "the store has more rows than inode numbers; use more than one store"
    case .store(let error): error.description
    case .staging(let errno):
      "the staged bytes of a workspace file failed with errno \(errno); check the disk"
    }
  }
}
