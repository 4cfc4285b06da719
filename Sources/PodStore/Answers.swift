public import PodModel

/// One named line of work.
public struct Session: Hashable, Sendable {
  /// The key of its row.
  public let id: SessionID
  /// Its name.
  public let name: SessionName
  /// When it was made.
  public let created: Timestamp
}

/// Where a commit is in its session, without what was said of it.
public struct CommitPlace: Hashable, Sendable {
  /// Its number.
  public let number: CommitNumber
  /// The first of the commits that it was made on.
  public let parent: CommitNumber?
  /// When it was made.
  public let time: Timestamp
}

/// What a session has checked out.
public struct Head: Hashable, Sendable {
  /// The commit, or nil before the first one.
  public let commit: CommitNumber?
  /// The branch that the next commit moves, or nil if a commit was checked out by itself.
  public let branch: ReferenceName?
}

/// The size of a store.
public struct StoreStatistics: Hashable, Sendable {
  /// The number of sessions.
  public let sessions: Int
  /// The number of commits of all sessions.
  public let commits: Int
  /// The number of versions of all variables.
  public let versions: Int
  /// The number of pods.
  public let pods: Int
  /// The bytes of all pods, uncompressed.
  public let podBytes: Int64
  /// The bytes of all pods as they are stored.
  public let storedBytes: Int64
  /// The number of packs.
  public let packs: Int
  /// The bytes of the pack files.
  public let packBytes: Int64
  /// The bytes of the database and its log.
  public let databaseBytes: Int64
}
