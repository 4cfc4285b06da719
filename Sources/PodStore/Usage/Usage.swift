public import PodModel

/// What something takes, in bytes.
public struct Usage: Hashable, Sendable {
  /// The sizes of its files, each version counted once.
  public internal(set) var logical: Int64 = 0
  /// The stored bytes of the pods that nothing else needs: what would come back if it went alone.
  public internal(set) var unique: Int64 = 0
  /// The stored bytes of the pods that it needs together with something else.
  public internal(set) var shared: Int64 = 0

  /// Nothing.
  public init() {}
}

/// What a store and its sessions take.
public struct StoreUsage: Sendable {
  /// A session and what it takes; what others need is what other sessions do.
  public struct Entry: Sendable {
    /// The session.
    public let session: Session
    /// The number of its commits.
    public let commits: Int
    /// What it takes.
    public internal(set) var usage: Usage
  }

  /// The sessions, in the order of their names.
  public internal(set) var sessions: [Entry]
  /// The stored bytes of the pods that more than one session needs.
  public internal(set) var shared: Int64 = 0
  /// The stored bytes of the pods that no commit and no workspace needs.
  public internal(set) var garbage: Int64 = 0
  /// The stored bytes of all pods.
  public internal(set) var stored: Int64 = 0
}

/// What the parts of a session take.
public struct SessionUsage: Sendable {
  /// What each commit takes; what others need is what other commits, workspaces and sessions do.
  public internal(set) var commits: [(number: CommitNumber, usage: Usage)] = []
  /// What each variable takes, with all of its versions, in the order of the names; what others
  /// need is what other variables and sessions do.
  public internal(set) var variables: [(name: VariableName, usage: Usage)] = []
}
