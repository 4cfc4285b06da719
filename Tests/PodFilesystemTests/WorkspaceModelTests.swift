import PodFilesystem
import PodModel
import PodStore
import Testing

/// A workspace as a disk would be: names lead to files, handles lead to files, files hold bytes.
private struct Model {
  var files: [Int: [UInt8]] = [:]
  var names: [String: Int] = [:]
  var handles: [(handle: HandleNumber, file: Int)] = []
  var commits: [[String: [UInt8]]] = []

  /// What can be read by name.
  var visible: [String: [UInt8]] { names.compactMapValues { files[$0] } }
}

/// The random numbers of a seed: splitmix64.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

@Suite struct WorkspaceModelTests {
  @Test("A workspace behaves like a simple disk, and the store ends up with what was closed")
  func randomRequests() throws {
    for seed in 0..<12 { try Machine(seed: UInt64(seed)).run(steps: 120) }
  }
}

/// Does the same to a workspace and to the model.
private final class Machine {
  private let scratch: Scratch
  private var model = Model()
  private var random: Seeded
  private let seed: UInt64
  private let pool = ["a", "b", "c", "d"]

  init(seed: UInt64) throws {
    scratch = try Scratch()
    random = Seeded(state: seed)
    self.seed = seed
  }

  func run(steps: Int) throws {
    for _ in 0..<steps {
      try step()
      try check(scratch.store)
    }
    while let (handle, _) = model.handles.popLast() { try scratch.close(handle) }
    try check(scratch.store)
    // Another process sees the same, from the store alone.
    let other = try scratch.anotherMount()
    try check(scratch.store, in: Scratch.Reader(filesystem: other))
    #expect(scratch.reports.isEmpty, "seed \(seed)")
    #expect(scratch.kept.isEmpty, "seed \(seed)")
  }

  private func check(_ store: Store, in reader: Scratch.Reader? = nil) throws {
    let reader = reader ?? Scratch.Reader(filesystem: scratch.filesystem)
    let names = try reader.names("alice/workspace")
    #expect(names == model.visible.keys.sorted(), "seed \(seed)")
    for (name, bytes) in model.visible {
      #expect(try reader.bytes("alice/workspace/\(name)") == bytes, "seed \(seed), \(name)")
    }
    guard let (number, commit) = Array(zip(1..., model.commits)).randomElement(using: &random)
    else { return }
    #expect(try reader.names("alice/commits/\(number)") == commit.keys.sorted())
    for (name, bytes) in commit {
      #expect(try reader.bytes("alice/commits/\(number)/\(name)") == bytes, "seed \(seed)")
    }
  }

  private func step() throws {
    let name = pool.randomElement(using: &random) ?? "a"
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1: try open(name, truncating: Bool.random(using: &random))
    case 2, 3, 4: try write()
    case 5: try resize(name)
    case 6: try close()
    case 7: try synchronize()
    case 8: try remove(name)
    case 9: try rename(name)
    case 10: try copy(to: name)
    default: try commit()
    }
  }

  private func open(_ name: String, truncating: Bool) throws {
    guard model.handles.count < 6 else { return }
    let handle = try scratch.open(name, truncating: truncating)
    let file = model.names[name] ?? model.files.count
    if truncating || model.files[file] == nil { model.files[file] = [] }
    model.names[name] = file
    model.handles.append((handle, file))
  }

  private func write() throws {
    guard let (handle, file) = model.handles.randomElement(using: &random) else { return }
    let offset = Int.random(in: 0..<5000, using: &random)
    let bytes = (0..<Int.random(in: 1..<3000, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
    #expect(
      try scratch.filesystem.write(bytes.span, at: Int64(offset), through: handle) == bytes.count)
    var whole = model.files[file] ?? []
    whole += [UInt8](repeating: 0, count: max(0, offset + bytes.count - whole.count))
    whole.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    model.files[file] = whole
  }

  private func resize(_ name: String) throws {
    guard let file = model.names[name], let whole = model.files[file] else { return }
    let size = Int.random(in: 0..<8000, using: &random)
    var change = AttributeChange()
    change.size = Int64(size)
    let handle = model.handles.first { $0.file == file }?.handle
    _ = try scratch.filesystem.setAttributes(
      of: scratch.inode("alice/workspace/\(name)"), to: change,
      through: Bool.random(using: &random) ? handle : nil, user: 0, group: 0)
    model.files[file] =
      whole.prefix(size) + [UInt8](repeating: 0, count: max(0, size - whole.count))
  }

  private func close() throws {
    guard let index = model.handles.indices.randomElement(using: &random) else { return }
    let handle = model.handles[index].handle
    try scratch.filesystem.flush(handle) { false }
    // The close of a duplicate is no end.
    guard Bool.random(using: &random) else { return }
    scratch.filesystem.release(handle)
    model.handles.remove(at: index)
  }

  private func synchronize() throws {
    guard let (handle, _) = model.handles.randomElement(using: &random) else { return }
    try scratch.filesystem.synchronize(handle)
  }

  private func remove(_ name: String) throws {
    guard model.names.removeValue(forKey: name) != nil else { return }
    try scratch.filesystem.remove(name, in: scratch.inode("alice/workspace"))
  }

  private func rename(_ name: String) throws {
    guard model.names[name] != nil, let newName = pool.randomElement(using: &random) else { return }
    let workspace = try scratch.inode("alice/workspace")
    try scratch.filesystem.rename(
      name, in: workspace, to: newName, in: workspace, .replacing)
    model.names[newName] = model.names[name]
    if newName != name { model.names[name] = nil }
  }

  private func copy(to name: String) throws {
    guard let number = model.commits.indices.randomElement(using: &random),
      let (source, bytes) = model.commits[number].sorted(by: { $0.key < $1.key }).first
    else { return }
    try scratch.copy("alice/commits/\(number + 1)/\(source)", to: name)
    let file = model.names[name] ?? model.files.count
    model.names[name] = file
    model.files[file] = bytes
  }

  /// Commits what is closed: a file that is open may or may not be sealed yet.
  private func commit() throws {
    guard model.handles.isEmpty else { return }
    try scratch.commit("step")
    model.commits.append(model.visible)
  }
}
