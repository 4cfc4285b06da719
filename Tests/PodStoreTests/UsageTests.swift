import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

/// What pods are needed for, with plain sets of their names.
private struct PlainUsage {
  private let store: Store
  private var stored: [PodID: Int64] = [:]
  private var bases: [PodID: PodID] = [:]

  init(_ store: Store) throws {
    self.store = store
    let rows = try store.engine.read { connection throws(StoreError) in
      var select = try connection.prepare("SELECT id, stored, base FROM pod")
      var rows: [(PodID, Int64, UInt64?)] = []
      while try select.step() {
        rows.append(
          (
            try select.podID(0), select.integer(1),
            select.isNull(2) ? nil : UInt64(bitPattern: select.integer(2))
          ))
      }
      return rows
    }
    for (id, bytes, _) in rows { stored[id] = bytes }
    for case (let id, _, let prefix?) in rows {
      bases[id] = rows.first { $0.0.prefix == prefix }?.0
    }
  }

  /// All pods that contents need.
  func pods(of roots: some Sequence<PodID>) throws -> Set<PodID> {
    var parts: Set<PodID> = []
    var open = Array(roots)
    while let id = open.popLast() {
      guard parts.insert(id).inserted else { continue }
      open += try PodFormat.children(of: try store.bytes(of: id), named: id)
    }
    var needed = parts
    for part in parts {
      var next = bases[part]
      while let base = next {
        needed.insert(base)
        next = bases[base]
      }
    }
    return needed
  }

  func bytes(of pods: Set<PodID>) -> Int64 { pods.reduce(0) { $0 + (stored[$1] ?? 0) } }

  var all: Set<PodID> { Set(stored.keys) }

  /// What one of several users takes, and others need besides the users.
  func usage(
    of user: Int, among users: [Set<PodID>], _ others: Set<PodID> = []
  ) -> (unique: Int64, shared: Int64) {
    var alone = users[user].subtracting(others)
    for (index, other) in users.enumerated() where index != user { alone.subtract(other) }
    return (bytes(of: alone), bytes(of: users[user].subtracting(alone)))
  }
}

/// Random histories of two sessions that share values, in pods that name others.
private struct Histories {
  let fixture: TemporaryStore
  let sessions: [SessionID]
  var random: SeededGenerator

  var store: Store { fixture.store }

  init(seed: UInt64) throws {
    fixture = try TemporaryStore()
    sessions = [fixture.session, try fixture.store.createSession(SessionName("bob")).id]
    random = SeededGenerator(seed: seed)
  }

  mutating func step() throws {
    let session = sessions[Int.random(in: 0..<2, using: &random)]
    let name = try VariableName("v\(Int.random(in: 0..<5, using: &random))")
    let commits = try store.commits(of: session)
    switch Int.random(in: 0..<12, using: &random) {
    case 0...4: try write(name, in: session)
    case 5...8: try store.commitWorkspace(of: session, message: "")
    case 9:
      if try store.workspace(of: session).versions[name] != nil {
        try store.remove(name, in: session)
      }
    case 10:
      if let commit = commits.randomElement(using: &random) {
        try store.checkout(Revision(base: .number(commit.number)), in: session, force: true)
      }
    default:
      let other = sessions[Int.random(in: 0..<2, using: &random)]
      if let version = try store.workspace(of: other).versions.min(by: { $0.key < $1.key })?.value {
        try store.copy(version, as: name, in: session)
      }
    }
  }

  /// Seals a long text of which parts are those of other texts.
  private mutating func write(_ name: VariableName, in session: SessionID) throws {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      var part = SeededGenerator(seed: UInt64.random(in: 0..<6, using: &random))
      for _ in 0..<32_000 { bytes.append(UInt8(truncatingIfNeeded: part.next())) }
    }
    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1
    _ = try store.seal(ByteSource(bytes), as: name, in: session)
  }
}

@Suite struct UsageTests {
  @Test(
    "Sessions, commits and variables take what sets say", arguments: 1...6 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    var histories = try Histories(seed: seed)
    for _ in 0..<60 { try histories.step() }
    var rules = KeepRules()
    rules.last = 9
    try histories.store.prune(histories.sessions[0], keeping: rules)
    let store = try Store(openingAt: histories.store.path)
    let plain = try PlainUsage(store)
    let sessions = try histories.sessions.map { try Self.versions(of: $0, in: store) }
    let users = try sessions.map { try plain.pods(of: $0.map(\.version.content.pod)) }
    let usage = try store.usage()
    #expect(usage.sessions.map(\.session.id) == histories.sessions)
    for (index, entry) in usage.sessions.enumerated() {
      let (unique, shared) = plain.usage(of: index, among: users)
      #expect(entry.usage.unique == unique)
      #expect(entry.usage.shared == shared)
      #expect(entry.usage.logical == Self.size(of: sessions[index].map(\.version)))
      #expect(entry.commits == (try store.commits(of: entry.session.id).count))
    }
    #expect(usage.stored == plain.bytes(of: plain.all))
    #expect(usage.garbage == plain.bytes(of: plain.all.subtracting(users[0].union(users[1]))))
    #expect(usage.shared == plain.bytes(of: users[0].intersection(users[1])))
    let apart = usage.sessions.reduce(0) { $0 + $1.usage.unique }
    #expect(usage.stored == apart + usage.shared + usage.garbage)
    #expect(usage.stored <= (try store.statistics().packBytes))
    for index in 0..<2 {
      try Self.compare(histories.sessions[index], others: users[1 - index], plain, in: store)
    }
  }

  private static func compare(
    _ session: SessionID, others: Set<PodID>, _ plain: PlainUsage, in store: Store
  ) throws {
    let usage = try store.usage(of: session)
    let workspace = try store.workspaceChanges(of: session).values.compactMap(\.?.content.pod)
    let besides = others.union(try plain.pods(of: workspace))
    let manifests = try store.commits(of: session).map {
      try store.manifest(of: $0.number, in: session)
    }
    #expect(usage.commits.map(\.number) == (try store.commits(of: session).map(\.number)))
    let needed = try manifests.map {
      try plain.pods(of: $0.versions.values.map(\.content.pod))
    }
    for (index, entry) in usage.commits.enumerated() {
      let (unique, shared) = plain.usage(of: index, among: needed, besides)
      #expect(entry.usage.unique == unique)
      #expect(entry.usage.shared == shared)
      #expect(entry.usage.logical == size(of: Array(manifests[index].versions.values)))
    }
    let byName = Dictionary(grouping: try versions(of: session, in: store), by: \.name)
    let names = byName.keys.sorted()
    #expect(usage.variables.map(\.name) == names)
    let users = try names.map { try plain.pods(of: (byName[$0] ?? []).map(\.version.content.pod)) }
    for (index, entry) in usage.variables.enumerated() {
      let (unique, shared) = plain.usage(of: index, among: users, others)
      #expect(entry.usage.unique == unique)
      #expect(entry.usage.shared == shared)
      #expect(entry.usage.logical == size(of: (byName[names[index]] ?? []).map(\.version)))
    }
  }

  /// The versions that a session has anywhere, with their names.
  private static func versions(
    of session: SessionID, in store: Store
  ) throws -> [(name: VariableName, version: Version)] {
    var versions = try store.workspaceChanges(of: session).compactMap { name, version in
      version.map { (name: name, version: $0) }
    }
    for commit in try store.commits(of: session) {
      for (name, version) in try store.manifest(of: commit.number, in: session).versions {
        versions.append((name, version))
      }
    }
    return versions
  }

  private static func size(of versions: [Version]) -> Int64 {
    Dictionary(versions.map { ($0.id, $0.summary.size) }, uniquingKeysWith: { $1 }).values
      .reduce(0, +)
  }
}
