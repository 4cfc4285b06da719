/// What is known of how a commit came about: its cell, and what this had to do with variables.
public struct CellRun: Hashable, Sendable {
  /// The commit.
  public var number: CommitNumber
  /// The commit whose variables the cell began with; nil if there were none.
  public var parent: CommitNumber?
  /// Whether that is the commit it was made on, and not one that took its place when it was removed.
  public var hasParent = true
  /// The code, or nil if none is known.
  public var source: String?
  /// The error that ended it, if one did.
  public var error: String?
  /// What the code reads; nil if that is not known.
  public var reads: CellReads?
  /// What the parent has of what the code read and of what it may have left as it was, with what is
  /// stored together with that, and the commit that introduced the version of each.
  public var taken: [VariableName: CommitNumber] = [:]
  /// What it read and the parent could not keep.
  public var takenUnsaved: Set<VariableName> = []
  /// What the commit has otherwise than its parent.
  public var changed: Set<VariableName> = []
  /// What the commit could not keep.
  public var unsaved: Set<VariableName> = []

  /// Creates a run about which nothing else is known.
  public init(number: CommitNumber, parent: CommitNumber?) {
    self.number = number
    self.parent = parent
  }
}
