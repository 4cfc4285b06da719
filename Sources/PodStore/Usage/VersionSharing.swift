public import PodModel

/// What a version takes, and who has the same value or some of its pods.
public struct VersionSharing: Sendable {
  /// A variable that has, or had, the value.
  public struct Holder: Sendable {
    /// Its session.
    public let session: SessionName
    /// Its name.
    public let name: VariableName
    /// The commits that bind the value to the name, ascending.
    public internal(set) var commits: [CommitNumber] = []
    /// Whether the workspace does, by a change that is not committed.
    public internal(set) var isInWorkspace = false
  }

  /// The variables that have the value, the one that was asked about among them, by session and name.
  public internal(set) var holders: [Holder] = []
  /// The variables with other values that some of the pods are part of: of each version the first
  /// commit that has it, or the workspace.
  public internal(set) var relatives: [Location] = []
  /// The number of pods of the co-variable.
  public internal(set) var podCount = 0
  /// The stored bytes of these pods, and of those that they are kept as differences from.
  public internal(set) var storedBytes: Int64 = 0
  /// The number of those among them that no other value needs.
  public internal(set) var uniquePodCount = 0
  /// The stored bytes of these.
  public internal(set) var uniqueBytes: Int64 = 0
}

extension Store {
  /// Finds out what a version takes, and who shares its value or some of its pods.
  ///
  /// Every pod of the store that names others is read. Memory is about 30 bytes for each pod.
  public func sharing(of version: Version) throws(StoreError) -> VersionSharing {
    let engine = engine
    let podCount = try podCount(of: version.content)
    return try engine.whileStill { connection throws(StoreError) in
      let contents = try BoundContents(in: engine, on: connection)
      var sharing = VersionSharing()
      sharing.podCount = podCount
      sharing.holders = try connection.holders(of: version) { session throws(StoreError) in
        try CommitLines(of: session, after: nil, on: connection)
      }
      guard let own = contents.ids.firstIndex(of: version.content) else { return sharing }
      var reach = PodReach(contents.graph)
      sharing.storedBytes = reach.bytes(of: [contents.nodes[own]])
      var owners = PodOwners(contents.graph)
      for (content, node) in contents.nodes.enumerated() {
        owners.add(PodOwners.User(content), to: node)
      }
      owners.forEachPod { bytes, user in
        guard user == PodOwners.User(own) else { return }
        sharing.uniquePodCount += 1
        sharing.uniqueBytes += bytes
      }
      var overlap = PodOverlap(contents.graph, with: contents.nodes[own])
      let relatives = contents.nodes.indices.filter {
        $0 != own && overlap.contains(contents.nodes[$0])
      }
      let roots = Set(relatives.map { contents.ids[$0].pod })
      sharing.relatives = try connection.locations(ofRoots: roots).values.flatMap { $0 }
        .sorted { $0.description < $1.description }
      return sharing
    }
  }
}

extension Connection {
  private static let equalVersions = """
    SELECT version.id, version.session, session.name FROM version
    JOIN covariable ON covariable.id = version.covariable
    JOIN content ON content.id = covariable.content
    JOIN session ON session.id = version.session
    WHERE content.pod = ? AND content.form = ? AND version.root = ? ORDER BY session.name
    """

  /// Returns which variables have, or had, the value of a version.
  fileprivate func holders(
    of version: Version, lines: (SessionID) throws(StoreError) -> CommitLines
  ) throws(StoreError) -> [VersionSharing.Holder] {
    var holders: [String: VersionSharing.Holder] = [:]
    var known: [SessionID: CommitLines] = [:]
    var select = try prepare(
      Self.equalVersions, version.content.pod, version.content.form.rawValue, Int64(version.root))
    while try select.step() {
      let id = VersionID(row: select.integer(0))
      let session = SessionID(row: select.integer(1))
      let sessionName = try select.referenceName(2)
      if known[session] == nil { known[session] = try lines(session) }
      guard let lines = known[session] else { continue }
      for (name, commits) in try commits(with: id, lines: lines) {
        let key = "\(sessionName):\(name)"
        holders[key, default: .init(session: sessionName, name: name)].commits += commits
      }
      for name in try workspaceNames(of: id) {
        let key = "\(sessionName):\(name)"
        holders[key, default: .init(session: sessionName, name: name)].isInWorkspace = true
      }
    }
    return holders.sorted { $0.key < $1.key }.map { _, holder in
      var holder = holder
      holder.commits.sort()
      return holder
    }
  }

  private func workspaceNames(of version: VersionID) throws(StoreError) -> [VariableName] {
    var select = try prepare("SELECT name FROM workspace WHERE version = ?", version.row)
    var names: [VariableName] = []
    while try select.step() { names.append(try select.variableName(0)) }
    return names
  }
}
