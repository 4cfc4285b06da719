import PodModel

/// What each commit of a session needs, found in one walk over the tree of commits.
///
/// The walk keeps what the commit where it stands binds: a step to a commit makes its changes, a
/// step back undoes them. So it costs what the commits changed, however much they bind.
struct CommitUsage {
  private typealias User = PodOwners.User

  /// A variable that is bound: its content and its size, or nothing.
  private struct Bound {
    var content: Int?
    var size: Int64 = 0
  }

  /// A commit on the way to where the walk stands.
  private struct Step {
    let place: Int
    /// What its changes replaced.
    var undo: [(name: Int, bound: Bound)] = []
    var nextChild = 0
  }

  /// The numbers of the commits, ascending.
  private(set) var numbers: [CommitNumber] = []
  /// What each commit takes, but for what is unique.
  private(set) var usages: [Usage] = []
  /// The variables.
  private(set) var names: [VariableName] = []
  /// Which variable has which content, more than once if it had it at times.
  private(set) var pairs: [(name: Int, content: Int)] = []
  /// The one commit that has a content, or how else it is.
  private(set) var owners: [PodOwners.User]

  private let contents: BoundContents
  private var points: [LinePoint] = []
  private var parents: [Int?] = []
  private var children: [[Int]] = []
  private var roots: [Int] = []
  private var nameIndices: [VariableName: Int] = [:]
  private var bound: [Bound] = []
  private var logical: Int64 = 0
  /// How many variables have each content where the walk stands.
  private var counts: [UInt32]
  /// How many children of the one commit that has a content do not have it.
  private var dropped: [UInt32]
  private var pods: PodCounts

  /// Walks over the commits of a session.
  init(
    of session: SessionID, _ contents: BoundContents, on connection: borrowing Connection
  ) throws(StoreError) {
    self.contents = contents
    owners = [User](repeating: PodOwners.nobody, count: contents.nodes.count)
    counts = [UInt32](repeating: 0, count: contents.nodes.count)
    dropped = counts
    pods = PodCounts(contents.graph)
    try readCommits(of: session, connection)
    try walk(connection)
    for content in owners.indices where owners[content] >= 0 {
      // A child that does not drop it has it, too.
      if dropped[content] < children[Int(owners[content])].count {
        owners[content] = PodOwners.many
      }
    }
    try readWorkspace(of: session, connection)
  }

  private mutating func readCommits(
    of session: SessionID, _ connection: borrowing Connection
  ) throws(StoreError) {
    var places: [CommitNumber: Int] = [:]
    var select = try connection.prepare(
      "SELECT number, line, parent FROM commit_ WHERE session = ? ORDER BY number", session.row)
    while try select.step() {
      let number = try select.commitNumber(0)
      let parent = select.isNull(2) ? nil : places[try select.commitNumber(2)]
      places[number] = numbers.count
      if let parent { children[parent].append(numbers.count) } else { roots.append(numbers.count) }
      numbers.append(number)
      points.append(LinePoint(line: select.integer(1), number: number))
      parents.append(parent)
      children.append([])
    }
    usages = [Usage](repeating: Usage(), count: numbers.count)
  }

  private mutating func walk(_ connection: borrowing Connection) throws(StoreError) {
    var left = numbers.count
    for root in roots {
      var path = [try enter(root, connection)]
      left -= 1
      while left > 0, let step = path.last {
        if step.nextChild == children[step.place].count {
          undo(path.removeLast())
          continue
        }
        path[path.count - 1].nextChild += 1
        path.append(try enter(children[step.place][step.nextChild], connection))
        left -= 1
      }
    }
  }

  private static let changes = """
    SELECT binding.name, binding.version, covariable.content, root.size
    FROM binding INDEXED BY binding_of_commit
    LEFT JOIN version ON version.id = binding.version
    LEFT JOIN covariable ON covariable.id = version.covariable
    LEFT JOIN root ON root.content = covariable.content AND root.root = version.root
    WHERE binding.line = ? AND binding.number = ?
    """

  /// Steps to a commit whose parent the walk stands at.
  private mutating func enter(
    _ place: Int, _ connection: borrowing Connection
  ) throws(StoreError) -> Step {
    var step = Step(place: place)
    var changes: [(name: Int, bound: Bound)] = []
    var select = try connection.prepare(
      Self.changes, points[place].line, points[place].number.value)
    while try select.step() {
      let name = index(of: try select.variableName(0))
      var new = Bound()
      if !select.isNull(1) {
        guard let content = contents.index(ofRow: select.integer(2)), !select.isNull(3) else {
          throw select.damaged
        }
        new = Bound(content: content, size: select.integer(3))
        pairs.append((name, content))
      }
      changes.append((name, new))
      step.undo.append((name, bound[name]))
    }
    let (added, removed) = replace(changes)
    for content in added { owners[content] = PodOwners.both(owners[content], User(place)) }
    for content in removed where parents[place].map({ User($0) }) == owners[content] {
      dropped[content] += 1
    }
    usages[place].logical = logical
    usages[place].shared = pods.bytes
    return step
  }

  private mutating func undo(_ step: Step) { _ = replace(step.undo) }

  /// Binds variables, and returns the contents that are bound only since, and no longer.
  ///
  /// What comes is added before what goes is removed, since most of its pods are the same.
  private mutating func replace(
    _ changes: [(name: Int, bound: Bound)]
  ) -> (added: [Int], removed: [Int]) {
    var (added, removed) = ([Int](), [Int]())
    for (_, new) in changes {
      logical += new.size
      guard let content = new.content else { continue }
      counts[content] += 1
      if counts[content] == 1 {
        pods.add(contents.nodes[content])
        added.append(content)
      }
    }
    for (name, new) in changes {
      let old = bound[name]
      bound[name] = new
      logical -= old.size
      guard let content = old.content else { continue }
      counts[content] -= 1
      if counts[content] == 0 {
        pods.remove(contents.nodes[content])
        removed.append(content)
      }
    }
    return (added, removed)
  }

  private mutating func index(of name: VariableName) -> Int {
    if let index = nameIndices[name] { return index }
    nameIndices[name] = names.count
    names.append(name)
    bound.append(Bound())
    return names.count - 1
  }

  /// What the workspace has is needed without any commit.
  private mutating func readWorkspace(
    of session: SessionID, _ connection: borrowing Connection
  ) throws(StoreError) {
    var select = try connection.prepare(
      """
      SELECT workspace.name, covariable.content FROM workspace
      JOIN version ON version.id = workspace.version
      JOIN covariable ON covariable.id = version.covariable WHERE workspace.session = ?
      """, session.row)
    while try select.step() {
      guard let content = contents.index(ofRow: select.integer(1)) else { throw select.damaged }
      owners[content] = PodOwners.many
      pairs.append((index(of: try select.variableName(0)), content))
    }
  }
}
