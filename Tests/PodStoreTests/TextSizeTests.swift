import PodModel
import Testing

@testable import PodStore

@Suite struct TextSizeTests {
  let fixture: TemporaryStore
  let form = TextForm(renderer: 3, limit: 1000)
  var store: Store { fixture.store }
  var session: SessionID { fixture.session }

  init() throws { fixture = try TemporaryStore() }

  private func version(_ name: String, in number: Int64) throws -> Version {
    let manifest = try store.manifest(of: try #require(CommitNumber(number)), in: session)
    return try #require(manifest.versions[VariableName(name)])
  }

  @Test("A size that was kept is known, of this renderer and limit only")
  func kept() throws {
    try store.save(["x": "1", "y": "2"], in: session)
    let (x, y) = (try version("x", in: 1).id, try version("y", in: 1).id)
    try store.keepTextSizes([x: 10], as: form)
    #expect(try store.textSizes(of: [y, x], as: form) == [nil, 10])
    let larger = TextForm(renderer: 3, limit: 2000)
    try store.keepTextSizes([x: 12], as: larger)
    #expect(try store.textSizes(of: [x], as: larger) == [12])
    #expect(try store.textSizes(of: [x], as: form) == [10])
    let newer = TextForm(renderer: 4, limit: 1000)
    #expect(try store.textSizes(of: [x], as: newer) == [nil])
    try store.keepTextSizes([x: 11], as: newer)
    #expect(try store.textSizes(of: [x], as: newer) == [11])
    #expect(try store.textSizes(of: [x], as: form) == [nil], "an old podfs renders it again")
  }

  @Test("Sizes go with their versions, and none is kept of a version that is gone")
  func removed() throws {
    try store.save(["x": "1"], in: session)
    let x = try version("x", in: 1).id
    let bob = try store.createSession(SessionName("bob")).id
    let old = try store.write("1", to: "w", in: bob).id
    let new = try store.write("2", to: "w", in: bob).id
    try store.keepTextSizes([x: 1, old: 2, new: 3], as: form)
    #expect(try store.textSizes(of: [x, old, new], as: form) == [1, nil, 3])
    try store.removeSession(bob)
    let rows = try store.engine.read { connection throws(StoreError) in
      try connection.integer("SELECT count(*) FROM text")
    }
    #expect(rows == 1)
    #expect(try store.findings() == [])
  }

  @Test("Versions without a size are found, the newest first, and later only new ones")
  func missing() throws {
    for value in 1...4 { try store.save(["x": "\(value)"], in: session) }
    let versions = try (1...4).map { try version("x", in: $0).id }
    try store.keepTextSizes([versions[2]: 1], as: form)
    let found = try store.versionsWithoutTextSize(as: form, count: 3)
    #expect(found.versions == [versions[3], versions[1]])
    #expect(found.last == versions[3])
    try store.save(["x": "5"], in: session)
    let next = try store.versionsWithoutTextSize(as: form, after: found.last, count: 3)
    #expect(next.versions == [try version("x", in: 5).id])
    let rest = try store.versionsWithoutTextSize(as: form, after: next.last, count: 3)
    #expect(rest.versions == [] && rest.last == next.last)
  }

  @Test("A version keeps the name that it was made under")
  func names() throws {
    let (x, y) = (try VariableName("x"), try VariableName("y"))
    try store.save(["x": "1"], in: session)
    let version = try version("x", in: 1)
    #expect(try store.originalName(of: version.id) == x)
    try store.rename(x, to: y, in: session)
    try store.commitWorkspace(of: session, message: "moved")
    #expect(try self.version("y", in: 2).id == version.id)
    var rules = KeepRules()
    rules.last = 1
    try store.prune(session, keeping: rules)
    #expect(try store.originalName(of: version.id) == x)
    let copy = try store.copy(version, as: VariableName("z"), in: session)
    #expect(try store.originalName(of: copy.id)?.text == "z")
    #expect(try store.originalName(of: VersionID(row: 99)) == nil)
  }
}
