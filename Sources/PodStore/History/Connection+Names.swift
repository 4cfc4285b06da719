import PodModel

/// Where versions are bound, over all commits of a session.
extension Connection {
  /// Returns how many names of commits a version has.
  func links(
    of version: VersionID, lines: (SessionID) throws(StoreError) -> CommitLines
  ) throws(StoreError) -> VersionLinks {
    var select = try prepare(
      """
      SELECT line.session, line.id, binding.name, binding.number
      FROM binding INDEXED BY binding_of_version JOIN line ON line.id = binding.line
      WHERE binding.version = ?
      """, version.row)
    var links = VersionLinks()
    if let permissions = try permissions(of: version) { links.permissions = permissions }
    while try select.step() {
      let session = SessionID(row: select.integer(0))
      let lines = try lines(session)
      links.session = session
      let name = try select.variableName(2)
      var open = [
        try span(of: name, in: select.integer(1), from: select.integer(3))
      ]
      while let span = open.popLast() {
        links.count += lines.count(span)
        if span.end == nil { links.isGrowing = true }
        for child in lines.children(of: span) {
          open.append(try self.span(of: name, in: child, from: 0))
        }
      }
    }
    return links
  }

  /// Returns the commits that bind a version, by the name that they bind to it.
  func commits(
    with version: VersionID, lines: CommitLines
  ) throws(StoreError) -> [VariableName: [CommitNumber]] {
    var select = try prepare(
      """
      SELECT line, name, number FROM binding INDEXED BY binding_of_version WHERE version = ?
      """, version.row)
    var commits: [VariableName: [CommitNumber]] = [:]
    while try select.step() {
      let name = try select.variableName(1)
      var open = [try span(of: name, in: select.integer(0), from: select.integer(2))]
      while let span = open.popLast() {
        commits[name, default: []] += lines.numbers(in: span)
        for child in lines.children(of: span) {
          open.append(try self.span(of: name, in: child, from: 0))
        }
      }
    }
    return commits.mapValues { $0.sorted() }
  }

  /// Returns the stretch of a line from a number to the next one that binds the name.
  private func span(
    of name: VariableName, in line: Int64, from start: Int64
  ) throws(StoreError) -> CommitLines.Span {
    let end = try integer(
      "SELECT min(number) FROM binding WHERE line = ? AND name = ? AND number > ?",
      line, name.text, start)
    return CommitLines.Span(line: line, start: start, end: end)
  }

  /// Returns every name that a commit of the lines binds.
  func variableNames(in lines: CommitLines) throws(StoreError) -> Set<VariableName> {
    var names: Set<VariableName> = []
    for line in lines.rows {
      var select = try prepare(
        "\(Self.namesOfLine) SELECT text FROM name WHERE text IS NOT NULL", line)
      while try select.step() { names.insert(try select.variableName(0)) }
    }
    return names
  }

  /// Tells whether a commit of the lines binds a name.
  func binds(_ name: VariableName, in lines: CommitLines) throws(StoreError) -> Bool {
    for line in lines.rows {
      let found = try integer(
        "SELECT 1 FROM binding WHERE line = ? AND name = ? LIMIT 1", line, name.text)
      if found != nil { return true }
    }
    return false
  }

  /// Returns the first commit with each version of a variable, ascending.
  func introductions(
    of name: VariableName, in lines: CommitLines
  ) throws(StoreError) -> [CommitNumber] {
    var first: [Int64: CommitNumber] = [:]
    for line in lines.rows {
      var select = try prepare(
        "SELECT number, version FROM binding WHERE line = ? AND name = ? ORDER BY number DESC",
        line, name.text)
      var end: Int64?
      while try select.step() {
        let span = CommitLines.Span(line: line, start: select.integer(0), end: end)
        end = span.start
        guard !select.isNull(1), let number = lines.first(span) else { continue }
        first[select.integer(1)] = first[select.integer(1)].map { min($0, number) } ?? number
      }
    }
    return first.values.sorted()
  }

  /// Tells whether a commit is the first one with its version of a variable.
  func introduces(
    _ name: VariableName, _ number: CommitNumber, in session: SessionID, lines: CommitLines
  ) throws(StoreError) -> Bool {
    guard let point = try point(of: number, in: session),
      let version = try manifest(at: point, of: [name]).versions[name]
    else { return false }
    var select = try prepare(
      "SELECT line, number FROM binding INDEXED BY binding_of_version WHERE version = ? AND name = ?",
      version.id.row, name.text)
    var first = CommitNumber?.none
    while try select.step() {
      let span = try span(of: name, in: select.integer(0), from: select.integer(1))
      guard let candidate = lines.first(span) else { continue }
      first = first.map { min($0, candidate) } ?? candidate
    }
    return first == number
  }
}
