import PodModel
import PodPickle
import PodStore
import PodTesting

/// What is done to a store, step by step; each step is one call that is acknowledged when it
/// returns.
///
/// A step follows from the seed, its number and what is in the store, so that it can be done again.
struct Workload {
  /// The path of the store.
  let path: String
  let seed: UInt64
  /// Two, as two processes have them; none before the first step.
  private var stores: [Store] = []
  private let namespace: Namespace
  /// The fingerprint that the workspace must have of what the last step sealed.
  private(set) var sealed: (session: String, name: String, value: Int)?

  init(path: String, seed: UInt64) {
    self.path = path
    self.seed = seed
    namespace = Namespace(seed: seed)
  }

  /// Whether there are stores to ask; there are none before the first step, or after an error of
  /// opening them.
  var isOpen: Bool { !stores.isEmpty }

  /// What can be read now.
  func observation(_ cache: inout Values) throws(StoreError) -> Observation {
    guard let store = stores.last else { return Observation() }
    return try Observation(of: store, &cache)
  }

  /// All that a check finds.
  func findings() throws(StoreError) -> [String] {
    var findings: [String] = []
    if let store = stores.last {
      try store.check(data: true) { findings.append($0.description) }
    }
    return findings
  }

  /// Closes the store.
  mutating func close() { stores = [] }

  /// Opens the store anew, as another process does.
  mutating func reopen() throws(StoreError) {
    stores = []
    let opened = [try Store(creatingAt: path), try Store(openingAt: path)]
    // What goes on beside the steps would stand anywhere in the record.
    if try opened[0].setting(.compaction) == nil { try opened[0].set(.compaction, to: 0) }
    stores = opened
  }

  /// Does step `number` with a store that is as `present` says.
  mutating func run(_ number: Int, present: Observation) throws(StoreError) {
    var mixer = SeededGenerator(seed: seed ^ UInt64(number) &* 0xA076_1D64_78BD_642F)
    var random = SeededGenerator(seed: mixer.next())
    sealed = nil
    let store = stores.isEmpty ? nil : stores[Int.random(in: 0..<2, using: &random)]
    guard let store else { return try reopen() }
    guard let name = present.sessions.keys.sorted().randomElement(using: &random),
      let session = present.sessions[name]
    else { return try create(in: store, present) }
    var turn = Turn(
      store: store, session: try store.session(Self.session(name)).id, present: session,
      number: number, namespace: namespace, random: random)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<5: try reopen()
    case 5..<8 where present.sessions.count < 3: try create(in: store, present)
    case 8..<9 where present.sessions.count > 1: try store.removeSession(turn.session)
    case 9..<15: try store.collect()
    default: try turn.run(Int.random(in: 0..<100, using: &random))
    }
    sealed = turn.sealed.map { (name, $0.name, $0.value) }
  }

  private func create(in store: Store, _ present: Observation) throws(StoreError) {
    let names = (0...present.sessions.count).map { "session\($0)" }
    guard let name = names.first(where: { present.sessions[$0] == nil }) else { return }
    try store.createSession(Self.session(name))
  }

  static func session(_ text: String) throws(StoreError) -> SessionName {
    do { return try SessionName(text) } catch { throw .invalidCommit(reason: "\(error)") }
  }

  static func variable(_ text: String) throws(StoreError) -> VariableName {
    do { return try VariableName(text) } catch { throw .invalidCommit(reason: "\(error)") }
  }

  static func reference(_ text: String) throws(StoreError) -> ReferenceName {
    do { return try ReferenceName(text) } catch { throw .invalidCommit(reason: "\(error)") }
  }
}

/// One step in a session.
struct Turn {
  let store: Store
  let session: SessionID
  let present: Observation.Session
  let number: Int
  let namespace: Namespace
  var random: SeededGenerator
  private(set) var sealed: (name: String, value: Int)?

  /// Does what `choice`, up to 99, stands for; a capture if that cannot be done.
  mutating func run(_ choice: Int) throws(StoreError) {
    let commit = present.commits.randomElement(using: &random)
    let target = commit.flatMap { CommitNumber($0.number) }
    let bound = present.workspace.keys.sorted().randomElement(using: &random)
    switch (choice, bound, target) {
    case (0..<15, _, _): try seal()
    case (15..<22, let name?, _): try copy(name)
    case (22..<27, let name?, _): try store.remove(Workload.variable(name), in: session)
    case (27..<32, let name?, _):
      let newName = "renamed\(Int.random(in: 0..<3, using: &random))"
      try store.rename(
        Workload.variable(name), to: Workload.variable(newName), in: session)
    case (32..<42, _, _):
      try store.commitWorkspace(of: session, message: "workspace \(number)")
    case (42..<48, _, let target?): try branch(target)
    case (48..<53, _, let target?): try tag(target)
    case (53..<60, _, let target?):
      try store.checkout(Revision(base: .number(target)), in: session, force: true)
    case (60..<63, _, _): try abandon()
    case (63..<67, _, _): try prune()
    default: try capture()
    }
  }

  private func capture() throws(StoreError) {
    let base = present.head.flatMap { CommitNumber($0) }.map { NamespaceBase(commit: $0) }
    let cell = Cell(source: "step(\(number))", executionCount: Int64(number))
    _ = try store.capture(
      namespace.variables(at: number), base: number % 3 == 0 ? base : nil,
      message: "capture \(number)", cell: cell,
      unsaved: [Unsaved(name: "lock", type: "lock", reason: "step \(number)")], in: session)
  }

  private mutating func seal() throws(StoreError) {
    let count = [0, 10, 900, 9000, 40_000][Int.random(in: 0..<5, using: &random)]
    let bytes = Namespace.noise(count, random)
    let name = "file\(Int.random(in: 0..<4, using: &random))"
    _ = try store.seal(ByteSource(bytes), as: Workload.variable(name), in: session)
    sealed = (name, bytes.hashValue)
  }

  private mutating func copy(_ name: String) throws(StoreError) {
    let version = try store.workspaceVersion(of: Workload.variable(name), in: session)
    let newName = try Workload.variable("copy\(Int.random(in: 0..<3, using: &random))")
    if let version { try store.copy(version, as: newName, in: session) }
  }

  private mutating func branch(_ target: CommitNumber) throws(StoreError) {
    let name = "branch\(Int.random(in: 0..<3, using: &random))"
    let reference = try Workload.reference(name)
    if name == present.branch {
      try store.checkout(Revision(base: .number(target)), in: session, force: true)
    } else if present.branches[name] == nil {
      try store.setBranch(reference, to: target, in: session)
    } else if Bool.random(using: &random) {
      try store.checkout(Revision(base: .name(name)), in: session, force: true)
    } else {
      try store.removeBranch(reference, in: session)
    }
  }

  private mutating func tag(_ target: CommitNumber) throws(StoreError) {
    let name = "tag\(Int.random(in: 0..<3, using: &random))"
    if present.tags[name] == nil {
      try store.setTag(Workload.reference(name), to: target, in: session)
    } else {
      try store.removeTag(Workload.reference(name), in: session)
    }
  }

  private mutating func prune() throws(StoreError) {
    var rules = KeepRules()
    rules.last = Int.random(in: 1...6, using: &random)
    try store.prune(session, keeping: rules)
  }

  /// Puts pods, some of which get to the disk, and makes nothing of them.
  private mutating func abandon() throws(StoreError) {
    let noise = Namespace.noise(600_000, random)
    try store.withWriter { writer throws(StoreError) in
      for start in [0, 1, 2] { _ = try writer.put([1] + noise[start...]) }
    }
  }
}
