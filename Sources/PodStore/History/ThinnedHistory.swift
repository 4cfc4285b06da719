import PodModel

/// The commits of a session, with what takes the place of those that are to go.
struct ThinnedHistory {
  /// A commit.
  struct Entry {
    let point: LinePoint
    /// The place of the first parent.
    let parent: Int?
    /// Whether it is to go.
    let goes: Bool
    /// The place of the nearest forerunner that stays.
    let ancestor: Int?
    /// The number of commits that were made on it.
    var followers = 0
  }

  /// A line of the session.
  struct Line {
    let parent: LinePoint?
    let depth: Int64
    /// The places of its commits.
    var entries: [Int] = []
  }

  /// All commits, in the order of their numbers.
  private(set) var entries: [Entry] = []
  /// All lines, by their rows.
  private(set) var lines: [Int64: Line] = [:]
  private var places: [CommitNumber: Int] = [:]

  /// Reads the history of a session, of which the commits in `gone` are to go.
  init(
    of session: SessionID, without gone: Set<CommitNumber>, _ connection: borrowing Connection
  ) throws(StoreError) {
    var select = try connection.prepare(
      "SELECT id, parent, parent_number, depth FROM line WHERE session = ?", session.row)
    while try select.step() {
      let parent =
        select.isNull(1)
        ? nil : LinePoint(line: select.integer(1), number: try select.commitNumber(2))
      lines[select.integer(0)] = Line(parent: parent, depth: select.integer(3))
    }
    select = try connection.prepare(
      "SELECT number, parent, line FROM commit_ WHERE session = ? ORDER BY number", session.row)
    while try select.step() {
      let number = try select.commitNumber(0)
      let parent = select.isNull(1) ? nil : places[try select.commitNumber(1)]
      let line = select.integer(2)
      guard select.isNull(1) == (parent == nil), follows(parent, on: line) else {
        throw select.damaged
      }
      if parent == nil, try connection.hasBindings(before: LinePoint(line: line, number: number)) {
        throw select.damaged
      }
      places[number] = entries.count
      lines[line]?.entries.append(entries.count)
      let ancestor = parent.flatMap { entries[$0].goes ? entries[$0].ancestor : $0 }
      entries.append(
        Entry(
          point: LinePoint(line: line, number: number), parent: parent,
          goes: gone.contains(number), ancestor: ancestor))
      if let parent { entries[parent].followers += 1 }
    }
  }

  /// Whether a commit on this parent can be the next one of a line.
  ///
  /// A commit binds what stands before it on its line and above, so it loses nothing only if its
  /// forerunners are just these.
  private func follows(_ parent: Int?, on row: Int64) -> Bool {
    guard let line = lines[row] else { return false }
    if let last = line.entries.last { return parent == last }
    return line.parent == nil || parent.map { entries[$0].point.number } == line.parent?.number
  }

  /// Whether the parent of a commit is to go.
  func losesParent(_ entry: Entry) -> Bool { entry.parent.map { entries[$0].goes } ?? false }

  /// Where the nearest forerunner that stays is.
  func ancestor(of entry: Entry) -> LinePoint? { entry.ancestor.map { entries[$0].point } }

  /// The commit all of whose bindings a line began with a copy of, if it did.
  func copied(by line: Line) -> CommitNumber? {
    guard line.parent == nil, let first = line.entries.first else { return nil }
    return entries[first].parent.map { entries[$0].point.number }
  }

  /// The nearest commit that stays, of one with this number and its forerunners.
  func survivor(of number: CommitNumber) -> CommitNumber? {
    guard let place = places[number] else { return nil }
    let entry = entries[place]
    return entry.goes ? ancestor(of: entry)?.number : number
  }

  /// The stretches of commits that go, each from the first to the last of it.
  func goneStretches(of places: some Sequence<Int>) -> [ClosedRange<CommitNumber>] {
    var stretches: [ClosedRange<CommitNumber>] = []
    var isOpen = false
    for entry in places.lazy.map({ entries[$0] }) {
      let number = entry.point.number
      if entry.goes {
        stretches.append((isOpen ? stretches.removeLast().lowerBound : number)...number)
      }
      isOpen = entry.goes
    }
    return stretches
  }
}

extension Connection {
  /// Whether a line binds anything before a point.
  fileprivate func hasBindings(before point: LinePoint) throws(StoreError) -> Bool {
    let found = try integer(
      """
      SELECT 1 FROM binding INDEXED BY binding_of_commit WHERE line = ? AND number < ? LIMIT 1
      """, point.line, point.number.value)
    return found != nil
  }
}
