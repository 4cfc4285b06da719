import PodModel

/// The link from a pod to the wires of another.
enum WireLink {
  case section(ArraySlice<UInt8>, nameCount: Int)
  case pod

  /// Reads a link; nil is none.
  init?(_ cursor: inout Cursor) throws {
    switch try cursor.varint() {
    case 0: return nil
    case 1: self = .pod
    case let length:
      guard length < 2048 else { throw PodReader.Failure(reason: "a long section in place") }
      let names = try cursor.varint()
      self = .section(try cursor.take(length), nameCount: names)
    }
  }

  var nameCount: Int {
    switch self {
    case .section(_, let nameCount): nameCount
    case .pod: 1
    }
  }
}

/// The wires of a pod, and the links to those of the pods below.
struct WireSection {
  /// Where one hole leads.
  struct Entry {
    let up: Int
    let steps: [Int]
    let slot: Int
  }

  var entries: ArraySlice<Entry> = []
  private var links: ArraySlice<(index: Int, link: WireLink)> = []
  private var names: ArraySlice<PodID> = []

  var isUsedUp: Bool { entries.isEmpty && links.isEmpty && names.isEmpty }

  /// No wires at all.
  init() {}

  init(_ link: WireLink, names: ArraySlice<PodID>, of pods: MemoryPods) throws {
    switch link {
    case .section(let bytes, _):
      try self.init(Cursor(bytes), names: names)
    case .pod:
      let (names, cursor) = try PodReader.pod(names[names.startIndex], kind: 6, of: pods)
      guard cursor.count >= 2048 else {
        throw PodReader.Failure(reason: "a short section in a pod of its own")
      }
      try self.init(cursor, names: names)
    }
  }

  private init(_ cursor: Cursor, names: ArraySlice<PodID>) throws {
    self.names = names
    var cursor = cursor
    for _ in 0..<(try cursor.varint()) {
      let head = try cursor.byte()
      let isLong = head == 0xff
      let up = isLong ? try cursor.varint() : Int(head >> 4)
      let down = isLong ? try cursor.varint() : Int(head & 15)
      guard isLong == (up > 14 || down > 14) else {
        throw PodReader.Failure(reason: "a wire of the wrong form")
      }
      let steps = try (0..<down).map { _ in try cursor.varint() }
      entries.append(Entry(up: up, steps: steps, slot: try cursor.varint()))
    }
    var next = 0
    for _ in 0..<(try cursor.varint()) {
      next += try cursor.varint()
      guard let link = try WireLink(&cursor) else {
        throw PodReader.Failure(reason: "a child without wires")
      }
      links.append((next, link))
      next += 1
    }
    try cursor.expectEnd("a section")
    guard !entries.isEmpty || !links.isEmpty else {
      throw PodReader.Failure(reason: "a section of nothing")
    }
  }

  /// Takes the wires of the child `index`.
  mutating func child(_ index: Int, of pods: MemoryPods) throws -> WireSection {
    guard let next = links.first, next.index == index else { return WireSection() }
    links.removeFirst()
    guard next.link.nameCount <= names.count else {
      throw PodReader.Failure(reason: "a link without names")
    }
    defer { names = names.dropFirst(next.link.nameCount) }
    return try WireSection(next.link, names: names.prefix(next.link.nameCount), of: pods)
  }
}
