import PodTesting

/// A directory as programs see it, and what of it is on the disk for certain.
///
/// Between the two is what a power cut may or may not lose: changes of a file since its last flush,
/// and changes of names since the last flush of their directory, each by itself and in any order.
struct Disk {
  private enum Entry: Hashable {
    case directory
    case file(Int)
  }

  private enum Change {
    case write(offset: Int, bytes: [UInt8])
    case resize(Int)

    func apply(to bytes: inout [UInt8]) {
      switch self {
      case .resize(let size): bytes.resize(to: size)
      case .write(let offset, let new):
        if bytes.count < offset + new.count { bytes.resize(to: offset + new.count) }
        bytes.replaceSubrange(offset..<(offset + new.count), with: new)
      }
    }
  }

  private struct Node {
    var live: [UInt8] = []
    var durable: [UInt8] = []
    var pending: [Change] = []

    mutating func apply(_ change: Change) {
      change.apply(to: &live)
      pending.append(change)
    }
  }

  private struct NameChange {
    let directory: String
    let removed: String?
    let added: (path: String, entry: Entry)?

    func apply(to names: inout [String: Entry]) {
      if let removed { names[removed] = nil }
      if let added { names[added.path] = added.entry }
    }
  }

  private var nodes: [Node] = []
  private var live: [String: Entry] = [:]
  private var durable: [String: Entry] = [:]
  private var pending: [NameChange] = []

  /// An empty directory.
  init() {}

  /// A directory all of which is on the disk.
  init(_ image: Image) {
    for directory in image.directories { live[directory] = .directory }
    for (path, bytes) in image.files {
      live[path] = .file(nodes.count)
      nodes.append(Node(live: bytes, durable: bytes))
    }
    durable = live
  }

  /// Does what a program did.
  mutating func apply(_ operation: Operation) {
    switch operation {
    case .create(let path):
      nodes.append(Node())
      name(path, .file(nodes.count - 1))
    case .makeDirectory(let path): name(path, .directory)
    case .write(let path, let offset, let bytes):
      if let file = file(path) { nodes[file].apply(.write(offset: offset, bytes: bytes)) }
    case .resize(let path, let size):
      if let file = file(path) { nodes[file].apply(.resize(size)) }
    case .rename(let path, let newPath):
      guard let entry = live[path] else { return }
      change(
        NameChange(directory: newPath.directory, removed: path, added: (newPath, entry)))
    case .remove(let path):
      change(NameChange(directory: path.directory, removed: path, added: nil))
    case .flush(let path): flush(path, succeeds: true)
    case .failedFlush(let path): flush(path, succeeds: false)
    }
  }

  private mutating func name(_ path: String, _ entry: Entry) {
    change(NameChange(directory: path.directory, removed: nil, added: (path, entry)))
  }

  private mutating func change(_ change: NameChange) {
    change.apply(to: &live)
    pending.append(change)
  }

  private func file(_ path: String) -> Int? {
    if case .file(let node) = live[path] { return node }
    return nil
  }

  private mutating func flush(_ path: String, succeeds: Bool) {
    if let file = file(path) {
      if succeeds { for change in nodes[file].pending { change.apply(to: &nodes[file].durable) } }
      nodes[file].pending.removeAll()
    } else if succeeds {
      for change in pending where change.directory == path { change.apply(to: &durable) }
      pending.removeAll { $0.directory == path }
    }
  }

  /// What programs see: what is left when a process is killed.
  var liveImage: Image { image(live) { $0.live } }

  /// What is left when all that was not flushed is lost.
  var durableImage: Image { image(durable) { $0.durable } }

  /// What is left when names reached the disk before the bytes, and some sizes too.
  func namesImage(_ random: inout SeededGenerator) -> Image {
    image(live) { node in
      var bytes = node.durable
      if Bool.random(using: &random), bytes.count < node.live.count {
        bytes.resize(to: node.live.count)
      }
      return bytes
    }
  }

  /// What is left when each change reached the disk or did not, and some in part.
  func scatteredImage(_ random: inout SeededGenerator) -> Image {
    var names = durable
    let share = Int.random(in: 1...9, using: &random)
    for change in pending where Int.random(in: 0..<10, using: &random) < share {
      change.apply(to: &names)
    }
    return image(names) { node in
      var bytes = node.durable
      for change in node.pending where Int.random(in: 0..<10, using: &random) < share {
        guard case .write(let offset, let new) = change, random.next() % 4 == 0 else {
          change.apply(to: &bytes)
          continue
        }
        Tear.random(&random).apply(new, at: offset, to: &bytes)
      }
      return bytes
    }
  }

  /// What is left when a process was killed while `operation`, a write, was being done.
  func tornImage(_ operation: Operation, _ random: inout SeededGenerator) -> Image? {
    guard case .write(let path, let offset, let new) = operation, let file = file(path) else {
      return nil
    }
    var image = liveImage
    var bytes = nodes[file].live
    Tear.random(&random).apply(new, at: offset, to: &bytes)
    image.files[path] = bytes
    return image
  }

  /// Those of `names` whose directories are there too.
  private func image(_ names: [String: Entry], bytes: (Node) -> [UInt8]) -> Image {
    var image = Image()
    // Before the names, which differ from run to run: random numbers are used alike in all.
    let contents = nodes.map(bytes)
    for (path, entry) in names.sorted(by: { $0.key < $1.key }) {
      let parent = path.directory
      guard parent.isEmpty || image.directories.contains(parent) else { continue }
      switch entry {
      case .directory: image.directories.append(path)
      case .file(let node): image.files[path] = contents[node]
      }
    }
    return image
  }
}

/// How a write is done in part.
enum Tear {
  case prefix(Double)
  case sectors(SeededGenerator, zeros: Bool)

  static func random(_ random: inout SeededGenerator) -> Tear {
    if Bool.random(using: &random) { return .prefix(.random(in: 0..<1, using: &random)) }
    return .sectors(SeededGenerator(seed: random.next()), zeros: Bool.random(using: &random))
  }

  /// Writes some of `new` at `offset`: its beginning, or some of its sectors of 512 bytes.
  ///
  /// What is not written stays as it was, or is a hole if the file ended before.
  func apply(_ new: [UInt8], at offset: Int, to bytes: inout [UInt8]) {
    switch self {
    case .prefix(let share):
      let part = Array(new.prefix(Int(Double(new.count) * share)))
      put(part[...], at: offset, to: &bytes)
    case .sectors(var random, let zeros):
      if zeros, bytes.count < offset + new.count { bytes.resize(to: offset + new.count) }
      var start = 0
      while start < new.count {
        let end = min(new.count, start + 512 - (offset + start) % 512)
        if Bool.random(using: &random) { put(new[start..<end], at: offset + start, to: &bytes) }
        start = end
      }
    }
  }

  private func put(_ part: ArraySlice<UInt8>, at offset: Int, to bytes: inout [UInt8]) {
    guard !part.isEmpty else { return }
    if bytes.count < offset + part.count { bytes.resize(to: offset + part.count) }
    bytes.replaceSubrange(offset..<(offset + part.count), with: part)
  }
}

extension [UInt8] {
  /// Cuts the bytes, or adds zeros.
  fileprivate mutating func resize(to size: Int) {
    if size < count {
      removeLast(count - size)
    } else {
      self += [UInt8](repeating: 0, count: size - count)
    }
  }
}

extension String {
  /// The path of the directory that a path is in; empty for the topmost.
  fileprivate var directory: String {
    lastIndex(of: "/").map { String(self[..<$0]) } ?? ""
  }
}
