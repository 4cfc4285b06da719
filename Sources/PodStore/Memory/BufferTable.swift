import PodPickle

/// The long buffers of a process, for one thread at a time; see ``BufferMemory``.
struct BufferTable: ~Copyable {
  /// What the kernel tells; nil where it tells nothing.
  private(set) var pages: WrittenPages?
  /// The last round.
  private var round: UInt32 = 0
  /// Whether the kernel was asked for proofs.
  private var isAsked = false
  private(set) var buffers: [BufferKey: RememberedBuffer] = [:]
  /// How many stretches are remembered, of all buffers.
  private var stretchCount = 0
  private(set) var counts = BufferCounts()

  /// More stretches are not remembered: they are some 64 MB.
  private static let stretchLimit = 1 << 20
  /// What was not captured in so many rounds is forgotten.
  private static let rest: UInt32 = 16

  /// Asks the kernel for proofs the first time, and gives up all it told where that is not certain.
  mutating func prepare() {
    let isAllowed =
      CurrentProcess.environment("PODFS_PROVE") != "0" && !DeviceWrites.arePossible
    if !isAllowed {
      pages?.releaseAll()
      buffers.removeAll()
      stretchCount = 0
      pages = nil
      isAsked = false
    } else if !isAsked {
      isAsked = true
      if let protection = WriteProtection() { pages = WrittenPages(protection, after: round) }
    }
  }

  /// Watches the buffers, but for those that are written again and again: that would cost more than
  /// it saves.
  mutating func watch(_ keys: Dictionary<BufferKey, ByteSource>.Keys) {
    guard pages != nil else { return }
    var ranges: [Range<UInt>] = []
    for key in keys where buffers[key]?.isVolatile != true { ranges.append(key.wholePages) }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    var merged: [Range<UInt>] = []
    for range in ranges {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    pages?.look(at: merged)
    round = pages?.round ?? round
  }

  /// Forgets what was not captured for long.
  mutating func forget() {
    for (key, buffer) in buffers where buffer.lastUse + Self.rest < round {
      stretchCount -= buffer.cut?.stretches.count ?? 0
      buffers[key] = nil
    }
  }

  /// Which bytes of a buffer may have changed since a round; nil if all may have.
  func changes(of key: BufferKey, since round: UInt32, _ sameEdges: Bool) -> [Range<Int>]? {
    let written: [Range<UInt>]?
    switch pages {
    case .some(let pages): written = pages.writes(in: key.wholePages, since: round)
    case .none: written = nil
    }
    guard let written else { return nil }
    var changes = written.map {
      Int($0.lowerBound - key.address)..<Int($0.upperBound - key.address)
    }
    if !sameEdges {
      let inner = key.wholePages
      changes.insert(0..<Int(inner.lowerBound - key.address), at: 0)
      changes.append(Int(inner.upperBound - key.address)..<key.count)
    }
    return changes
  }

  /// Takes the fingerprint of one buffer, reading what may have changed.
  mutating func see(_ source: ByteSource, _ key: BufferKey) -> BufferSight {
    let edges = BufferEdges(of: source, key)
    var known = buffers[key]
    // Memory that this round did not look at may be watched for another buffer all the same.
    let isWatched = known?.isVolatile != true
    let changes =
      isWatched
      ? known.flatMap { self.changes(of: key, since: $0.round, $0.edges == edges) } : nil
    let changed = changes?.reduce(0) { $0 + $1.count } ?? key.count
    let before = known?.prints
    var prints = before ?? []
    let read: Int
    if let changes {
      read = prints.renew(of: source, changes)
    } else {
      prints = Fingerprint.ofSegments(of: source, 0..<key.count)
      read = key.count
    }
    counts.read += read
    counts.proven += key.count - read
    let sight = BufferSight(
      key: key, print: Fingerprint(of: prints), round: round, edges: edges,
      isWatched: isWatched)
    guard pages != nil else { return sight }
    if !isWatched {
      known?.isVolatile = prints != before
    } else if changes != nil, changed > key.count / 2 {
      known?.isVolatile = true
      pages?.release(key.wholePages)
    }
    buffers[key] = RememberedBuffer(
      lastUse: round, isVolatile: known?.isVolatile ?? false, round: round, edges: edges,
      prints: prints, cut: known?.cut)
    return sight
  }

  /// Remembers what a buffer was cut into.
  mutating func note(_ cut: CutBuffer, of key: BufferKey) {
    guard buffers[key]?.round == cut.round else { return }
    stretchCount -= buffers[key]?.cut?.stretches.count ?? 0
    buffers[key]?.cut = nil
    guard stretchCount + cut.stretches.count <= Self.stretchLimit else { return }
    stretchCount += cut.stretches.count
    buffers[key]?.cut = cut
  }
}
