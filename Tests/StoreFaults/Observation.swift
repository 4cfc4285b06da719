import PodModel
import PodStore

/// All that can be read from a store: what must be the same before and after a stop.
struct Observation: Equatable {
  /// One session.
  struct Session: Equatable {
    var head: Int64?
    var branch: String?
    var branches: [String: Int64]
    var tags: [String: Int64]
    var commits: [Commit]
    /// The values of the workspace, by their fingerprints.
    var workspace: [String: Int]
  }

  /// One commit.
  struct Commit: Equatable {
    var number: Int64
    var message: String
    var parents: [Int64]
    /// The digest, which no other run of the workload has.
    var digest: PodID?
    var values: [String: Int]
  }

  var sessions: [String: Session] = [:]

  /// A store that was just made, or none.
  init() {}

  /// Reads everything.
  init(of store: Store) throws(StoreError) {
    var cache = Values()
    try self.init(of: store, &cache)
  }

  /// Reads everything but the values that `cache` has.
  init(of store: Store, _ cache: inout Values) throws(StoreError) {
    for session in try store.sessions() {
      let head = try store.head(of: session.id)
      var commits: [Commit] = []
      for commit in try store.commits(of: session.id) {
        let manifest = try store.manifest(of: commit.number, in: session.id)
        commits.append(
          Commit(
            number: commit.number.value, message: commit.message,
            parents: commit.parents.map(\.value), digest: commit.digest,
            values: try cache.values(of: manifest, in: store)))
      }
      sessions[session.name.text] = Session(
        head: head.commit?.value, branch: head.branch?.text,
        branches: Self.numbers(try store.branches(of: session.id)),
        tags: Self.numbers(try store.tags(of: session.id)), commits: commits,
        workspace: try cache.values(of: try store.workspace(of: session.id), in: store))
    }
  }

  private static func numbers(_ references: [ReferenceName: CommitNumber]) -> [String: Int64] {
    Dictionary(uniqueKeysWithValues: references.map { ($0.key.text, $0.value.value) })
  }

  /// What other runs of the same workload have too.
  var withoutDigests: Observation {
    var copy = self
    for name in copy.sessions.keys {
      for index in copy.sessions[name]?.commits.indices ?? 0..<0 {
        copy.sessions[name]?.commits[index].digest = nil
      }
    }
    return copy
  }

  /// How this differs from what it should be, in a few words.
  func difference(from other: Observation) -> String {
    let names = Set(sessions.keys).union(other.sessions.keys).sorted()
    for name in names where sessions[name] != other.sessions[name] {
      guard let here = sessions[name] else { return "session \(name) is missing" }
      guard let there = other.sessions[name] else { return "session \(name) is there" }
      if here.commits != there.commits {
        let equal = zip(here.commits, there.commits).prefix { $0 == $1 }.count
        return "\(name) has \(here.commits.count) commits, \(equal) of them as they should be, "
          + "of \(there.commits.count)"
      }
      if here.workspace != there.workspace { return "the workspace of \(name) differs" }
      return "the references of \(name) differ"
    }
    return "nothing"
  }
}

/// The fingerprints of values that were read.
struct Values {
  private struct Key: Hashable {
    let content: ContentID
    let root: Int
  }

  private var known: [Key: Int] = [:]

  /// Reads the values of a manifest.
  mutating func values(
    of manifest: Manifest, in store: Store
  ) throws(StoreError) -> [String: Int] {
    var values: [String: Int] = [:]
    for (name, version) in manifest.versions {
      let key = Key(content: version.content, root: version.root)
      let value: Int
      if let found = known[key] { value = found } else { value = try Self.read(version, in: store) }
      known[key] = value
      values[name.text] = value
    }
    return values
  }

  private static func read(_ version: Version, in store: Store) throws(StoreError) -> Int {
    let content = try store.open(version)
    return try content.read(at: 0, count: Int(content.size)).hashValue
  }
}
