public import PodModel

/// A stored value, or several that share objects, whose pods have been put.
public struct NewContent: Hashable, Sendable {
  /// The pod from which all others are reached, and what it is the root of.
  public var id: ContentID
  /// What rows tell of each root; the index is the root's number.
  public var roots: [ValueSummary]

  /// Creates a content from its parts.
  public init(id: ContentID, roots: [ValueSummary]) {
    self.id = id
    self.roots = roots
  }
}

/// The largest set of variables that share mutable objects, with their content.
public struct NewCoVariable: Hashable, Sendable {
  /// The content that holds the values of all the variables.
  public var content: NewContent
  /// Which root of the content each variable is.
  public var names: [VariableName: Int]

  /// Creates a co-variable from its parts.
  public init(content: NewContent, names: [VariableName: Int]) {
    self.content = content
    self.names = names
  }
}

/// What a namespace had of its session when the two were last in step.
public struct NamespaceBase: Hashable, Sendable {
  /// The commit that was checked out; nil if there was none yet.
  public var commit: CommitNumber?
  /// The uncommitted changes of the workspace that the namespace had too; nil for a removed
  /// variable.
  public var changes: [VariableName: VersionID?]

  /// Creates a base from its parts.
  public init(commit: CommitNumber?, changes: [VariableName: VersionID?] = [:]) {
    self.commit = commit
    self.changes = changes
  }
}

/// A whole namespace that was captured elsewhere, to be saved as one commit.
public struct NewCommit: Sendable {
  /// What the namespace had of the session before; nil for what is checked out now.
  public var base: NamespaceBase?
  /// All variables of the namespace.
  public var coVariables: [NewCoVariable]
  /// What the person says of it; may be empty.
  public var message: String
  /// The code whose run made it.
  public var cell: Cell?
  /// What could not be kept.
  public var unsaved: [Unsaved]
  /// What it was made in: the interpreter, the system and the libraries, a line each.
  public var environment: String?
  /// When it was made; nil for now.
  public var time: Timestamp?
  /// Whether no commit is made of a namespace that has nothing otherwise than its base.
  public var onlyIfChanged = false
  /// The same variables told by what is otherwise than at an earlier commit, if that is known.
  var changes: NamespaceChanges?

  /// Creates a namespace to save.
  public init(
    base: NamespaceBase? = nil, coVariables: [NewCoVariable], message: String = "",
    cell: Cell? = nil, unsaved: [Unsaved] = [], environment: String? = nil,
    time: Timestamp? = nil
  ) {
    self.base = base
    self.coVariables = coVariables
    self.message = message
    self.cell = cell
    self.unsaved = unsaved
    self.environment = environment
    self.time = time
  }

  /// Creates a namespace to save of which is known what changed.
  init(
    base: NamespaceBase?, coVariables: [NewCoVariable], message: String, cell: Cell?,
    unsaved: [Unsaved], environment: String?, changes: NamespaceChanges?
  ) {
    self.init(
      base: base, coVariables: coVariables, message: message, cell: cell, unsaved: unsaved,
      environment: environment)
    self.changes = changes
  }
}

/// What a namespace has otherwise than a commit that bound it whole.
struct NamespaceChanges: Sendable {
  /// The commit; a number alone could be another's in a session that was made anew.
  let since: Commit
  /// The co-variables that are otherwise.
  var coVariables: [NewCoVariable] = []
  /// The names that the commit binds and the namespace does not have.
  var removed: [VariableName] = []
}

/// A commit that was made of a namespace.
public struct SavedCommit: Hashable, Sendable {
  /// The commit; the one that was checked out already if nothing had changed.
  public let commit: Commit
  /// Whether the commit was made just now.
  public let isNew: Bool
  /// The variables that the commit does not have from the saved namespace but from HEAD, since
  /// there they changed after the base and in the namespace they did not.
  ///
  /// A live namespace is at the commit once it has loaded these (or dropped those that the
  /// commit does not have).
  public let adopted: [VariableName]
  /// The variables that the commit does not have since they are over a limit of the store.
  public internal(set) var leftOut: [Unsaved] = []
}
