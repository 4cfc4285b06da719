public import PodModel

extension Store {
  /// Counts what the store and each of its sessions take.
  ///
  /// Every pod that names others is read, those that hold only data are not. Memory is about 30
  /// bytes for each pod and each content.
  public func usage() throws(StoreError) -> StoreUsage {
    let engine = engine
    return try engine.whileStill { connection throws(StoreError) in
      let contents = try BoundContents(in: engine, on: connection)
      var usage = StoreUsage(
        sessions: try connection.sessions().map { session throws(StoreError) in
          StoreUsage.Entry(
            session: session, commits: try connection.commitCount(of: session.id), usage: Usage())
        })
      let sizes = try connection.sizes()
      let nodes = Dictionary(grouping: contents.uses, by: \.session)
        .mapValues { $0.map { contents.nodes[$0.content] } }
      var owners = PodOwners(contents.graph)
      var reach = PodReach(contents.graph)
      for (index, entry) in usage.sessions.enumerated() {
        let nodes = nodes[entry.session.id.row] ?? []
        for node in nodes { owners.add(PodOwners.User(index), to: node) }
        usage.sessions[index].usage.logical = sizes[entry.session.id.row] ?? 0
        usage.sessions[index].usage.shared = reach.bytes(of: nodes)
      }
      owners.forEachPod { bytes, user in
        usage.stored += bytes
        switch user {
        case PodOwners.nobody: usage.garbage += bytes
        case PodOwners.many: usage.shared += bytes
        default: usage.sessions[Int(user)].usage.separate(bytes)
        }
      }
      return usage
    }
  }

  /// Counts what each commit and each variable of a session takes; see ``usage()``.
  public func usage(of session: SessionID) throws(StoreError) -> SessionUsage {
    let engine = engine
    return try engine.whileStill { connection throws(StoreError) in
      _ = try connection.state(of: session)
      let contents = try BoundContents(in: engine, on: connection)
      let commits = try CommitUsage(of: session, contents, on: connection)
      let foreign = Set(contents.uses.lazy.filter { $0.session != session.row }.map(\.content))
      return SessionUsage(
        commits: Self.usages(commits, contents, foreign),
        variables: Self.usages(commits, contents, foreign, try connection.sizes(in: session)))
    }
  }

  private static func usages(
    _ commits: CommitUsage, _ contents: BoundContents, _ foreign: Set<Int>
  ) -> [(CommitNumber, Usage)] {
    var usages = commits.usages
    var owners = PodOwners(contents.graph)
    for (content, user) in commits.owners.enumerated() where user != PodOwners.nobody {
      owners.add(user, to: contents.nodes[content])
    }
    for content in foreign { owners.add(PodOwners.many, to: contents.nodes[content]) }
    owners.forEachPod { bytes, user in
      if user >= 0 { usages[Int(user)].separate(bytes) }
    }
    return Array(zip(commits.numbers, usages))
  }

  private static func usages(
    _ commits: CommitUsage, _ contents: BoundContents, _ foreign: Set<Int>,
    _ sizes: [VariableName: Int64]
  ) -> [(VariableName, Usage)] {
    var usages = [Usage](repeating: Usage(), count: commits.names.count)
    var owners = PodOwners(contents.graph)
    var reach = PodReach(contents.graph)
    for content in foreign { owners.add(PodOwners.many, to: contents.nodes[content]) }
    for (name, pairs) in Dictionary(grouping: commits.pairs, by: \.name) {
      let nodes = pairs.map { contents.nodes[$0.content] }
      for node in nodes { owners.add(PodOwners.User(name), to: node) }
      usages[name].shared = reach.bytes(of: nodes)
      usages[name].logical = sizes[commits.names[name]] ?? 0
    }
    owners.forEachPod { bytes, user in
      if user >= 0 { usages[Int(user)].separate(bytes) }
    }
    return zip(commits.names, usages).sorted { $0.0 < $1.0 }
  }
}

extension Usage {
  /// Counts bytes that were taken for shared as unique.
  fileprivate mutating func separate(_ bytes: Int64) {
    unique += bytes
    shared -= bytes
  }
}

extension Engine {
  /// Runs `body` on a connection of its own that sees one moment of the store.
  func whileStill<Result>(
    _ body: (borrowing Connection) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try Connection.open(database, for: .reading).snapshot(body)
  }
}

extension Connection {
  /// Versions that are bound, each once: of which session, and to which name.
  private static let boundVersions = """
    SELECT DISTINCT line.session AS session, binding.name AS name, binding.version AS version
    FROM line JOIN binding ON binding.line = line.id WHERE binding.version IS NOT NULL
    UNION SELECT session, name, version FROM workspace WHERE version IS NOT NULL
    """

  /// Returns the sizes of all versions of each session, by its row.
  fileprivate func sizes() throws(StoreError) -> [Int64: Int64] {
    var select = try prepare(
      """
      SELECT session, sum(size) FROM (
        SELECT DISTINCT bound.session AS session, bound.version, root.size AS size
        FROM (\(Self.boundVersions)) AS bound JOIN version ON version.id = bound.version
        JOIN covariable ON covariable.id = version.covariable
        JOIN root ON root.content = covariable.content AND root.root = version.root
      ) GROUP BY session
      """)
    var sizes: [Int64: Int64] = [:]
    while try select.step() { sizes[select.integer(0)] = select.integer(1) }
    return sizes
  }

  /// Returns the sizes of all versions of each variable of a session.
  fileprivate func sizes(in session: SessionID) throws(StoreError) -> [VariableName: Int64] {
    var select = try prepare(
      """
      SELECT bound.name, sum(root.size) FROM (\(Self.boundVersions)) AS bound
      JOIN version ON version.id = bound.version
      JOIN covariable ON covariable.id = version.covariable
      JOIN root ON root.content = covariable.content AND root.root = version.root
      WHERE bound.session = ? GROUP BY bound.name
      """, session.row)
    var sizes: [VariableName: Int64] = [:]
    while try select.step() { sizes[try select.variableName(0)] = select.integer(1) }
    return sizes
  }
}
