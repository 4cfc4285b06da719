public import PodModel

/// The cells that lead to the values of variables in a commit, the oldest first.
///
/// A value was made by the cell of the commit that introduced its version, from what that cell read:
/// the values that these names had in the parent commit, which have a lineage of their own. Names
/// that are stored together share objects: who reads one may change all.
///
/// A value that could not be stored has no versions. It was made in the first of the commits that
/// could not keep it without a break; each later one that read it, or that changed what it may be
/// made of, may have changed it.
///
/// Commits are looked at from the newest to the oldest, which also ends the search: whatever the
/// answers are, one that is not older than the commit before it is not followed.
public struct Lineage: Hashable, Sendable {
  /// A cell on the way.
  public struct Step: Hashable, Sendable {
    /// The commit, its cell, and what this read.
    public let run: CellRun
    /// The names whose values are needed as they are after it.
    public let gives: Set<VariableName>
    /// Why it is not known what the values were made from; nil if it is.
    public let end: End?
  }

  /// Why it is not known what a cell made its values from.
  public enum End: String, Hashable, Sendable {
    /// No code is known: the values came from a file, or from a save without a cell.
    case noCell
    /// Commits before this one were removed, and with them what the cell read.
    case historyRemoved
    /// The code read a variable as it was before others changed it.
    case readElsewhere
    /// What the code reads is not known.
    case notUnderstood
    /// The code may read any variable.
    case readsEverything
  }

  /// The cells, the oldest first.
  public let steps: [Step]

  /// Finds the cells that lead to the values that `names` have in the commit `number`.
  ///
  /// - Parameters:
  ///   - names: what the commit binds, with the commits that introduced the versions.
  ///   - unsaved: what the commit could not keep.
  ///   - followingStored: whether to ask how stored values came about that a cell read; those that
  ///     could not be stored are always asked for.
  ///   - run: returns what is known of how some values of a commit came about, nil if there is none.
  public init<Failure: Error>(
    of names: [VariableName: CommitNumber], unsaved: Set<VariableName> = [],
    in number: CommitNumber, followingStored: Bool = true,
    run: (CommitNumber, Set<VariableName>) throws(Failure) -> CellRun?
  ) throws(Failure) {
    var search = LineageSearch()
    for (name, origin) in names where origin <= number { search.need(name, from: origin) }
    for name in unsaved.sorted() { try search.needUnsaved(name, in: number, run: run) }
    var steps: [Step] = []
    while let (number, gives, passes) = search.next() {
      guard let found = try run(number, gives.union(passes)) else { continue }
      let step = Step(run: found, gives: gives, end: End(of: found))
      steps.append(step)
      guard step.end?.isBlind != true else { continue }
      for (name, origin) in found.taken where followingStored && origin < number {
        search.need(name, from: origin)
      }
      guard let parent = found.parent, parent < number else { continue }
      for name in found.takenUnsaved.sorted() {
        try search.needUnsaved(name, in: parent, run: run)
      }
    }
    self.steps = steps.reversed()
  }
}

extension Lineage.End {
  /// Why it is not known what the cell of `run` made its values from; nil if it is.
  init?(of run: CellRun) {
    if run.source == nil {
      self = .noCell
    } else if !run.hasParent {
      self = .historyRemoved
    } else if run.reads?.elsewhere.isEmpty == false {
      self = .readElsewhere
    } else if run.reads == nil {
      self = .notUnderstood
    } else if run.reads?.isEverything == true {
      self = .readsEverything
    } else {
      return nil
    }
  }

  /// Whether what is known of what the cell read leads nowhere.
  var isBlind: Bool {
    switch self {
    case .noCell, .historyRemoved: true
    case .readElsewhere, .notUnderstood, .readsEverything: false
    }
  }
}
