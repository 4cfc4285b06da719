public import PodModel
public import PodPickle

/// The reasons a store operation fails.
///
/// Each case carries its subject, and its description says what the caller can do about it.
public enum StoreError: Error, Equatable {
  /// There is no store at the path.
  case notAStore(path: String)
  /// The path is a file, not a directory.
  case isAFile(path: String)
  /// A store cannot be made here: the directory holds something else.
  case notEmpty(path: String)
  /// The store was written by a podfs that this one does not know.
  case unknownFormat(path: String, found: String)
  /// Something in the store is not the regular file, or the directory, that belongs there.
  case unexpectedFile(path: String, kind: String)
  /// The database holds something that podfs does not put there; the text says what.
  case foreignDatabase(path: String, reason: String)
  /// The store belongs to another user, and what was asked for removes data.
  case foreignStore(path: String, owner: UInt32)
  /// Neither `PODFS_STORE` nor `HOME` says where the store is.
  case noDefaultPath

  /// No session has this name.
  case noSuchSession(SessionName)
  /// The session was removed since it was looked up.
  case sessionRemoved(SessionID)
  /// A session of this name exists already.
  case sessionExists(SessionName)
  /// The session has commits or uncommitted changes, so it is not removed just so.
  case sessionNotEmpty(SessionName, commits: Int, changes: Int)
  /// The session has no commit yet, so nothing can be meant by a revision.
  case noCommits(SessionName)
  /// No commit is meant by the revision; the last one of the session has the number `last`.
  case noSuchRevision(Revision, SessionName, last: CommitNumber)
  /// More than one commit's digest begins like this.
  case ambiguousRevision(Revision, SessionName)
  /// The workspace has no variable of this name.
  case noSuchVariable(VariableName)
  /// No branch has this name.
  case noSuchBranch(ReferenceName)
  /// No tag has this name.
  case noSuchTag(ReferenceName)
  /// A branch of this name exists already, and it was not asked to move it.
  case branchExists(ReferenceName)
  /// A tag of this name exists already, and it was not asked to move it.
  case tagExists(ReferenceName)
  /// The branch is checked out, so it can be neither removed nor moved.
  case branchCheckedOut(ReferenceName)
  /// The workspace holds changes that checking out another commit would lose.
  case uncommittedChanges(SessionName, count: Int)
  /// The session has another commit checked out than the one that was to be left.
  case headMoved(SessionName)
  /// The commit that is checked out has no parent.
  case nothingToUndo(SessionName)
  /// Nothing was undone since HEAD was moved otherwise.
  case nothingToRedo(SessionName)
  /// The commit that a namespace was last in step with was removed, so that nobody can tell which
  /// of its variables were changed in it and which elsewhere.
  case baseRemoved(CommitNumber, SessionName)
  /// What was to be saved contradicts itself; the text says how.
  case invalidCommit(reason: String)

  /// No pod has this name.
  case podNotFound(PodID)
  /// The bytes of the pod no longer match its name.
  case podDamaged(PodID)
  /// A variable of so many bytes is more than the store was told to keep.
  case variableTooLarge(size: Int64, limit: Int64)
  /// What was to be saved would make the store larger than it was told to be.
  case storeFull(limit: Int64)
  /// The pod was written by a podfs that knows more ways to keep one.
  case unknownCodec(PodID)
  /// Collection removed pods that the writer took for stored; what it puts again is kept.
  case podsCollected
  /// Work was ended that nobody wants any more.
  case interrupted
  /// Pods or streams are not what they should be: pickled objects.
  case badPickle(PickleError)
  /// A pod of this many bytes is over the limit.
  case podTooLarge(Int)

  /// The disk has no room left.
  case diskFull(path: String)
  /// The store cannot be written.
  case readOnly(path: String)
  /// The operating system refused the access.
  case permissionDenied(path: String)
  /// A system call failed.
  case io(call: String, path: String, errno: Int32)
  /// The store was removed, or another one put in its place, while it was open.
  case storeRemoved(path: String)
  /// Another process kept the store locked for too long.
  case busy(path: String)
  /// The database is damaged or no database.
  case databaseDamaged(path: String)
  /// A row of the database does not say what was written, or is missing; the text says of what.
  case rowDamaged(String)
  /// Nothing is removed while damage hides what is needed; the text says which.
  case damagedBeforeRemoval(reason: String)
  /// The rows that told which value a variable has are damaged.
  case valueLost
  /// The database failed; the message is SQLite's.
  case database(code: Int32, message: String)
}

extension StoreError: CustomStringConvertible {
  /// One line for a person: what failed, on what, and what to do.
  public var description: String {
    switch self {
    case .notAStore(let path): "there is no store at '\(path)'; run 'podfs init' to make one"
    case .isAFile(let path): "'\(path)' is a file; a store is a directory, give another path"
    case .notEmpty(let path):
      "'\(path)' holds other files; give an empty directory or a path that does not exist"
    case .unknownFormat(let path, let found):
      "the store at '\(path)' has format '\(found)', this podfs knows '\(StoreFormat.current)'; "
        + "use a newer podfs"
    case .unexpectedFile(let path, let kind):
      "'\(path)' is \(kind), which podfs never puts there; the store is not used until what "
        + "belongs there is back"
    case .foreignDatabase(let path, let reason):
      "the database '\(path)' was not made by podfs alone: \(reason); do not use this store unless "
        + "you trust whoever made it, and then only once that is removed"
    case .foreignStore(let path, let owner):
      "the store '\(path)' belongs to user \(owner), and this removes data from it; "
        + "add --foreign if that is what you want"
    case .noDefaultPath: "no store is named; set PODFS_STORE or HOME, or give --store"
    case .noSuchSession(let name):
      "there is no session '\(name)'; run 'podfs sessions' to list them"
    case .sessionRemoved(let id): "session \(id.row) was removed; run 'podfs sessions' again"
    case .sessionExists(let name): "session '\(name)' exists already; choose another name"
    case .sessionNotEmpty(let name, let commits, let changes):
      "session '\(name)' has \(commits) commit\(commits == 1 ? "" : "s") and \(changes) "
        + "uncommitted change\(changes == 1 ? "" : "s"); 'podfs rm -r \(name)' removes it with "
        + "all of them"
    case .noCommits(let name): "session '\(name)' has no commit yet; save something first"
    case .noSuchRevision(let revision, let session, let last):
      "session '\(session)' has no '\(revision)'; its last commit is \(last), "
        + "'podfs log \(session)' lists them"
    case .ambiguousRevision(let revision, let session):
      "'\(revision)' begins the digest of several commits of '\(session)'; give more digits"
    case .noSuchVariable(let name): "there is no variable '\(name)'; run 'podfs ls' to list them"
    case .noSuchBranch(let name): "there is no branch '\(name)'; run 'podfs branch' to list them"
    case .noSuchTag(let name): "there is no tag '\(name)'; run 'podfs tag' to list them"
    case .branchExists(let name):
      "branch '\(name)' exists already; choose another name, or move it with --force "
        + "(in Python: replace=True)"
    case .tagExists(let name):
      "tag '\(name)' exists already; choose another name, or move it with --force "
        + "(in Python: replace=True)"
    case .branchCheckedOut(let name):
      "branch '\(name)' is checked out; check out another commit first"
    case .uncommittedChanges(let session, let count):
      "the workspace of '\(session)' has \(count) uncommitted change\(count == 1 ? "" : "s"); "
        + "commit them first, or lose them with --force (in Python: force=True)"
    case .headMoved(let session):
      "another process has checked out or committed something in '\(session)'; try again"
    case .nothingToUndo(let session):
      "there is nothing before the commit of '\(session)' that is checked out; "
        + "'podfs log \(session)' lists the others"
    case .nothingToRedo(let session):
      "nothing of '\(session)' was undone since its last commit or checkout; "
        + "'podfs log \(session)' lists what can be checked out"
    case .baseRemoved(let number, let session):
      "nothing was saved: commit \(number) of '\(session)', which the namespace was last in step "
        + "with, was pruned, and others have changed the session since; load the session into "
        + "another namespace, bring your changes there and save that"
    case .invalidCommit(let reason): "this cannot be saved: \(reason)"
    case .podNotFound(let id): "pod \(id) is not in the store; run 'podfs check'"
    case .badPickle(let error): "\(error)"
    case .podDamaged(let id): "pod \(id) is damaged; run 'podfs check --data' to list what it holds"
    case .variableTooLarge, .storeFull:
      "this cannot be saved: \(StoreLimits.reason(for: self))"
    case .unknownCodec(let id): "pod \(id) was written by a newer podfs; use that"
    case .podsCollected: "pods were removed by 'podfs gc' while they were used; try again"
    case .interrupted: "the work was ended before it was done; begin it again"
    case .podTooLarge(let count):
      "a pod of \(count) bytes is over the limit of \(PodLimits.byteLimit)"
    case .diskFull(let path): "the disk of '\(path)' is full; make room and try again"
    case .readOnly(let path): "'\(path)' is read-only; use a store that can be written"
    case .permissionDenied(let path): "'\(path)' may not be accessed; check its owner and mode"
    case .io(let call, let path, let errno):
      "\(call) of '\(path)' failed: \(errorText(errno)); check the disk"
    case .storeRemoved(let path):
      "'\(path)' was removed or replaced while it was open; put it back, and open or mount it again"
    case .busy(let path): "the store at '\(path)' is locked by another process; try again"
    case .databaseDamaged(let path): "the database '\(path)' is damaged; run 'podfs check'"
    case .rowDamaged(let subject):
      "\(subject) is damaged in the database; run 'podfs check --repair'"
    case .damagedBeforeRemoval(let reason):
      "nothing was removed, since damage may hide what is still needed: \(reason); "
        + "run 'podfs check --repair' first"
    case .valueLost:
      "the value is lost: the rows that told which one it was are damaged; run 'podfs check --repair'"
    case .database(let code, let message):
      "the database failed with error \(code): \(message); run 'podfs check'"
    }
  }
}
