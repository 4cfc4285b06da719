import PodModel
import PodStore
import PodTesting
import Testing

/// What a session should be like: plain dictionaries.
private struct Model {
  typealias Namespace = [String: String]

  var commits: [(parent: Int?, namespace: Namespace)] = []
  var head: Int?
  var branch: String? = "main"
  var branches: [String: Int] = [:]
  var workspace: Namespace = [:]

  var headNamespace: Namespace { head.map { commits[$0 - 1].namespace } ?? [:] }

  mutating func commit(_ namespace: Namespace) {
    commits.append((head, namespace))
    head = commits.count
    if let branch { branches[branch] = head }
    workspace = namespace
  }

  mutating func save(_ namespace: Namespace, base: Int?) {
    let base = base.map { commits[$0 - 1].namespace } ?? headNamespace
    if workspace != headNamespace { commit(workspace) }
    var merged = headNamespace
    for name in Set(namespace.keys).union(base.keys) where namespace[name] != base[name] {
      merged[name] = namespace[name]
    }
    commit(merged)
  }
}

/// A store and its model, on which the same things are done.
private struct Twins {
  let fixture: TemporaryStore
  var store: Store
  var model = Model()
  var random: SeededGenerator
  let names = (0..<12).map { "v\($0)" }

  init(seed: UInt64) throws {
    fixture = try TemporaryStore()
    store = fixture.store
    random = SeededGenerator(seed: seed)
  }

  var session: SessionID { fixture.session }

  mutating func step() throws {
    let name = names[Int.random(in: 0..<names.count, using: &random)]
    let text = "value \(random.next())"
    switch Int.random(in: 0..<12, using: &random) {
    case 0...2:
      let known = [text, model.workspace[name] ?? text, model.headNamespace[name] ?? text]
      let text = known[Int.random(in: 0..<3, using: &random)]
      try store.write(text, to: name, in: session)
      model.workspace[name] = text
    case 3: try remove(name)
    case 4: try rename(name, to: names[Int.random(in: 0..<names.count, using: &random)])
    case 5:
      try store.commitWorkspace(of: session, message: text)
      model.commit(model.workspace)
    case 6...8: try save(changing: name, to: text)
    case 9...10: try checkout()
    default: store = try Store(openingAt: store.path)
    }
  }

  private mutating func remove(_ name: String) throws {
    guard model.workspace[name] != nil else { return }
    try store.remove(VariableName(name), in: session)
    model.workspace[name] = nil
  }

  private mutating func rename(_ name: String, to newName: String) throws {
    guard let text = model.workspace[name] else { return }
    try store.rename(VariableName(name), to: VariableName(newName), in: session)
    model.workspace[name] = nil
    model.workspace[newName] = text
  }

  private mutating func save(changing name: String, to text: String) throws {
    let base = model.commits.isEmpty ? nil : Int.random(in: 1...model.commits.count, using: &random)
    var namespace = base.map { model.commits[$0 - 1].namespace } ?? [:]
    namespace[name] = Bool.random(using: &random) ? text : nil
    try store.save(namespace, base: base.map { Int64($0) }, in: session)
    model.save(namespace, base: base)
  }

  private mutating func checkout() throws {
    guard !model.commits.isEmpty else { return }
    let number = Int.random(in: 1...model.commits.count, using: &random)
    let branch = "b\(Int.random(in: 0..<3, using: &random))"
    let revision: Revision
    if Bool.random(using: &random), branch != model.branch {
      let target = try #require(CommitNumber(Int64(number)))
      try store.setBranch(ReferenceName(branch), to: target, in: session)
      model.branches[branch] = number
      model.branch = branch
      revision = try Revision(parsing: branch)
    } else {
      model.branch = nil
      revision = try Revision(parsing: String(number))
    }
    try store.checkout(revision, in: session, force: true)
    model.head = number
    model.workspace = model.headNamespace
  }

  func compare() throws {
    #expect(try store.texts(of: store.workspace(of: session)) == model.workspace)
    #expect(try store.head(of: session).commit?.value == model.head.map { Int64($0) })
    #expect(try store.head(of: session).branch?.text == model.branch)
    let branches = try store.branches(of: session)
    #expect(
      Dictionary(uniqueKeysWithValues: branches.map { ($0.key.text, Int($0.value.value)) })
        == model.branches)
    let parents = try store.commits(of: session).map { $0.parents.first.map { Int($0.value) } }
    #expect(parents == model.commits.map(\.parent))
  }

  func compareHistory() throws {
    let reopened = try Store(openingAt: store.path)
    for (index, commit) in model.commits.enumerated() {
      #expect(try reopened.texts(of: Int64(index + 1), in: session) == commit.namespace)
      let parent = commit.parent.map { model.commits[$0 - 1].namespace } ?? [:]
      let number = try #require(CommitNumber(Int64(index + 1)))
      for (name, version) in try reopened.changes(of: number, in: session) {
        #expect(try version.map(reopened.text) == commit.namespace[name.text])
        if version == nil { #expect(parent[name.text] != nil) }
      }
    }
    #expect(try reopened.findings() == [])
  }
}

@Suite struct ModelTests {
  @Test("A session is what plain dictionaries say it is", arguments: 1...8 as ClosedRange<UInt64>)
  func session(seed: UInt64) throws {
    var twins = try Twins(seed: seed)
    for _ in 0..<150 {
      try twins.step()
      try twins.compare()
    }
    try twins.compareHistory()
  }
}
