import PodModel
import PodPickle
import PodStore
import Testing

/// Captures of a namespace that changes, each beside a capture that nothing is remembered for.
@Suite struct CaptureChangesTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var session: SessionID { temporary.session }

  init() throws { temporary = try TemporaryStore() }

  /// The contents, roots and co-variables that a commit binds.
  private func bound(_ commit: Commit, in session: SessionID) throws -> [[String]] {
    let manifest = try store.manifest(of: commit.number, in: session)
    return manifest.coVariables.map { names in
      names.compactMap { name in
        manifest.versions[name].map { version in
          "\(name) \(version.content.pod) \(version.root) \(version.summary.size)"
        }
      }
    }
  }

  @Test(
    "Whatever changed, the commit is that of a session that is new",
    arguments: 1...3 as ClosedRange<UInt64>)
  func random(seed: UInt64) throws {
    var world = World(seed: seed)
    var base: CommitNumber?
    for step in 0..<50 {
      for _ in 0..<world.random(4) { world.change() }
      let namespace = try world.namespace(asTuple: step % 3 != 0)
      let saved = try store.capture(
        namespace, base: base.map { NamespaceBase(commit: $0) }, in: session)
      base = saved.commit.number
      let other = try store.createSession(SessionName("other\(step)")).id
      let anew = try store.capture(namespace, in: other)
      #expect(try bound(saved.commit, in: session) == bound(anew.commit, in: other), "\(step)")
    }
  }

  @Test("An object in the place of another that was met before, too, is a change")
  func otherReference() throws {
    let name = try VariableName("x")
    func capture(fetching place: UInt8) throws -> [[String]] {
      // The list of [1], [2] and, once more, one of these, which are objects 1 and 2 of the memo.
      let lists: [UInt8] = [0x5d, 0x94, 0x28, 0x4b, 1, 0x65, 0x5d, 0x94, 0x28, 0x4b, 2, 0x65]
      let stream = [0x80, 5, 0x5d, 0x94, 0x28] + lists + [0x68, place, 0x65, 0x2e]
      let variable = CapturedVariable(name: name, part: .init(stream: ByteSource(stream)))
      return try bound(store.capture([variable], in: session).commit, in: session)
    }
    let first = try capture(fetching: 1)
    #expect(try capture(fetching: 2) != first)
    #expect(try capture(fetching: 1) == first)
  }

  @Test("What another process commits is not undone by a namespace that did not change")
  func otherProcess() throws {
    var world = World(seed: 1)
    let first = try world.namespace(asTuple: true)
    let base = try store.capture(first, in: session).commit
    let others = try Store(openingAt: store.path)
    for _ in 0..<9 { world.change() }
    let changed = try others.capture(world.namespace(asTuple: true), in: session).commit
    let merged = try store.capture(
      first, base: NamespaceBase(commit: base.number), in: session)
    #expect(merged.adopted.count > 0)
    #expect(try bound(merged.commit, in: session) == bound(changed, in: session))
    // What was adopted is not in the namespace, so the next change is not one of that commit.
    let again = try store.capture(
      first, base: NamespaceBase(commit: merged.commit.number), in: session)
    #expect(try bound(again.commit, in: session) == bound(base, in: session))
  }

  @Test("A change of the workspace becomes part of a commit of what did not change")
  func workspace() throws {
    let world = World(seed: 2)
    let namespace = try world.namespace(asTuple: true)
    let base = NamespaceBase(commit: try store.capture(namespace, in: session).commit.number)
    let name = try VariableName("sealed")
    _ = try store.seal(ByteSource(Array("text".utf8)), as: name, in: session)
    let saved = try store.capture(namespace, base: base, in: session)
    #expect(saved.adopted == [name])
    #expect(try store.manifest(of: saved.commit.number, in: session).versions[name] != nil)
  }

  @Test("A tuple of other than as many values as there are names is an error")
  func wrongTuple() throws {
    let stream = ByteSource([0x80, 5, 0x4b, 1, 0x4b, 2, 0x86, 0x2e])
    for names in [[], ["a"], ["a", "b", "c"]] {
      let namespace = CapturedNamespace(
        names: try names.map { try VariableName($0) }, tuple: .init(stream: stream))
      #expect(throws: StoreError.self) { try store.capture(namespace, in: session) }
    }
    #expect(try store.head(of: session).commit == nil)
  }
}

/// Variables that share lists, tuples and texts, and a pickler of them.
private struct World {
  private indirect enum Value {
    case number(UInt8)
    case object(Int)
  }

  private struct Object {
    var kind: Kind
    var values: [Value]

    enum Kind { case list, tuple, text, buffer }
  }

  private var objects: [Object] = []
  private var variables: [String: Value] = [:]
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15
    for number in 0..<8 { variables["v\(number)"] = value() }
  }

  /// A number below `limit`.
  mutating func random(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % limit
  }

  /// A new value, which may hold old ones.
  private mutating func value() -> Value {
    switch random(8) {
    case 0: return .number(UInt8(random(256)))
    case 1, 2: if !objects.isEmpty { return .object(random(objects.count)) }
    default: break
    }
    let kinds: [Object.Kind] = [.list, .list, .tuple, .text, .buffer]
    let kind = kinds[random(kinds.count)]
    let isLeaf = kind == .text || kind == .buffer
    let count = isLeaf ? 1 + random(3) : random(5)
    let values = (0..<count).map { _ in isLeaf ? Value.number(UInt8(random(100))) : value() }
    objects.append(Object(kind: kind, values: values))
    return .object(objects.count - 1)
  }

  /// Binds, removes or changes something.
  mutating func change() {
    let name = "v\(random(20))"
    switch random(6) {
    case 0: variables[name] = value()
    case 1: if variables.count > 2 { variables[name] = nil }
    default:
      let lists = objects.indices.filter { objects[$0].kind == .list }
      guard !lists.isEmpty else { return }
      let list = lists[random(lists.count)]
      if random(3) == 0, !objects[list].values.isEmpty {
        objects[list].values.removeLast()
      } else {
        let added = value()
        // A list may hold itself, but not through a tuple, which this pickler could not write.
        var isItself = false
        if case .object(let number) = added { isItself = number == list }
        if isItself || !reaches(list, from: added) { objects[list].values.append(added) }
      }
    }
  }

  private func reaches(_ target: Int, from value: Value) -> Bool {
    var seen: Set<Int> = []
    var pending = [value]
    while let value = pending.popLast() {
      guard case .object(let number) = value, seen.insert(number).inserted else { continue }
      if number == target { return true }
      pending += objects[number].values
    }
    return false
  }

  func namespace(asTuple: Bool) throws -> CapturedNamespace {
    let names = variables.keys.sorted()
    var pickler = Pickler()
    var parts: [(stream: [UInt8], buffers: [[UInt8]])] = []
    for name in names {
      if let value = variables[name] { save(value, &pickler) }
      if !asTuple { parts.append(pickler.take()) }
    }
    let identifiers = try names.map { try VariableName($0) }
    if asTuple {
      let (stream, buffers) = pickler.take()
      return CapturedNamespace(
        names: identifiers, tuple: Self.part([0x28] + stream + [0x74], buffers))
    }
    return CapturedNamespace(
      zip(identifiers, parts).map {
        CapturedVariable(name: $0, part: Self.part($1.stream, $1.buffers))
      })
  }

  private static func part(_ stream: [UInt8], _ buffers: [[UInt8]]) -> ObjectGraph.Part {
    ObjectGraph.Part(
      stream: ByteSource([0x80, 5] + stream + [0x2e]), buffers: buffers.map { ByteSource($0) })
  }

  private struct Pickler {
    var stream: [UInt8] = []
    var buffers: [[UInt8]] = []
    var memo: [Int: Int] = [:]

    mutating func take() -> (stream: [UInt8], buffers: [[UInt8]]) {
      defer { (stream, buffers) = ([], []) }
      return (stream, buffers)
    }

    mutating func memoize(_ object: Int) {
      stream.append(0x94)
      memo[object] = memo.count
    }
  }

  private func save(_ value: Value, _ pickler: inout Pickler) {
    guard case .object(let number) = value else {
      if case .number(let byte) = value { pickler.stream += [0x4b, byte] }
      return
    }
    if let place = pickler.memo[number] {
      pickler.stream += [0x6a] + (0..<4).map { UInt8(truncatingIfNeeded: place >> (8 * $0)) }
      return
    }
    let object = objects[number]
    switch object.kind {
    case .text, .buffer:
      let bytes = object.values.flatMap { value -> [UInt8] in
        guard case .number(let byte) = value else { return [] }
        return Array(repeating: 0x20 + byte % 90, count: 40 * Int(byte))
      }
      if object.kind == .text {
        let count = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
        pickler.stream += [0x58] + count + bytes
      } else {
        pickler.stream.append(0x97)
        pickler.buffers.append(bytes)
      }
      pickler.memoize(number)
    case .list:
      pickler.stream.append(0x5d)
      pickler.memoize(number)
      pickler.stream.append(0x28)
      for value in object.values { save(value, &pickler) }
      pickler.stream.append(0x65)
    case .tuple:
      pickler.stream.append(0x28)
      for value in object.values { save(value, &pickler) }
      pickler.stream.append(0x74)
      pickler.memoize(number)
    }
  }
}
