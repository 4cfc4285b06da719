/// In which round of looking each page of some memory was found written last.
///
/// A round protects a page before its bytes are read, so a write that comes later shows in a later
/// round. What is remembered is about addresses, whatever stood there when: two that remember
/// something of overlapping memory do not disturb each other.
struct WrittenPages: ~Copyable {
  /// Pages that are protected, none of them in two regions.
  private struct Region {
    let range: Range<UInt>
    /// The round in which it began to be watched.
    let first: UInt32
    /// The round in which each page was found written.
    var rounds: [UInt32]
    var last: UInt32
    var lastUse: UInt32

    init(_ range: Range<UInt>, since round: UInt32) {
      self.range = range
      first = round
      rounds = Array(repeating: round, count: range.count / Int(WriteProtection.pageSize))
      last = round
      lastUse = round
    }

    func pages(of part: Range<UInt>) -> Range<Int> {
      let (low, high) = (part.lowerBound - range.lowerBound, part.upperBound - range.lowerBound)
      return Int(low / WriteProtection.pageSize)..<Int(high / WriteProtection.pageSize)
    }
  }

  /// The kernel keeps a list of mappings, which should not become too long.
  private static let limit = 4096
  /// Memory that nobody asked for in so many rounds is given up.
  private static let rest: UInt32 = 16

  private let protection: WriteProtection
  /// Ascending.
  private var regions: [Region] = []
  /// The number of the last round.
  private(set) var round: UInt32

  /// Begins behind `round`.
  init(_ protection: consuming WriteProtection, after round: UInt32) {
    self.protection = protection
    self.round = round
  }

  /// Begins a round: finds what was written in `ranges` of whole pages, which ascend and do not
  /// overlap, and watches them from now on.
  mutating func look(at ranges: [Range<UInt>]) {
    round += 1
    for range in ranges { look(at: range) }
    for index in regions.indices.reversed() where regions[index].lastUse + Self.rest < round {
      protection.end(regions[index].range)
      regions.remove(at: index)
    }
  }

  private mutating func look(at range: Range<UInt>) {
    var index = firstRegion(after: range.lowerBound)
    var start = range.lowerBound
    while start < range.upperBound {
      guard index < regions.count, regions[index].range.lowerBound <= start else {
        let next = index < regions.count ? regions[index].range.lowerBound : range.upperBound
        let gap = start..<min(next, range.upperBound)
        start = gap.upperBound
        if regions.count < Self.limit, protection.begin(gap) {
          regions.insert(Region(gap, since: round), at: index)
          index += 1
        }
        continue
      }
      let part = regions[index].range.clamped(to: range)
      guard let written = protection.takeWritten(in: part) else {
        // It was unmapped, and maybe mapped anew.
        regions.remove(at: index)
        continue
      }
      note(written, in: index)
      start = part.upperBound
      index += 1
    }
  }

  private mutating func note(_ written: [Range<UInt>], in index: Int) {
    regions[index].lastUse = round
    if !written.isEmpty { regions[index].last = round }
    for part in written {
      for page in regions[index].pages(of: part) { regions[index].rounds[page] = round }
    }
  }

  /// The first region that ends behind `address`.
  private func firstRegion(after address: UInt) -> Int {
    var (low, high) = (0, regions.count)
    while low < high {
      let middle = (low + high) / 2
      if regions[middle].range.upperBound > address { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Returns which pages of `range` were found written after a round; nil if not all have been watched
  /// since.
  func writes(in range: Range<UInt>, since round: UInt32) -> [Range<UInt>]? {
    var found: [Range<UInt>] = []
    var start = range.lowerBound
    for index in firstRegion(after: start)..<regions.count where start < range.upperBound {
      guard regions[index].range.lowerBound <= start, regions[index].first <= round else {
        return nil
      }
      let part = regions[index].range.clamped(to: range)
      start = part.upperBound
      guard regions[index].last > round else { continue }
      let size = WriteProtection.pageSize
      let base = regions[index].range.lowerBound
      for page in regions[index].pages(of: part) where regions[index].rounds[page] > round {
        let address = base + UInt(page) * size
        if let last = found.last, last.upperBound == address {
          found[found.count - 1] = last.lowerBound..<address + size
        } else {
          found.append(address..<address + size)
        }
      }
    }
    return start >= range.upperBound ? found : nil
  }

  /// Whether nothing in `range` was written since a round, up to this moment.
  func isUnwritten(_ range: Range<UInt>, since round: UInt32) -> Bool {
    writes(in: range, since: round)?.isEmpty == true && !protection.isWritten(in: range)
  }

  /// Gives up the regions that have memory of `range`.
  mutating func release(_ range: Range<UInt>) {
    let index = firstRegion(after: range.lowerBound)
    while index < regions.count, regions[index].range.lowerBound < range.upperBound {
      protection.end(regions[index].range)
      regions.remove(at: index)
    }
  }

  /// Gives up everything.
  mutating func releaseAll() {
    for region in regions { protection.end(region.range) }
    regions.removeAll()
  }

  /// The number of bytes that are watched.
  var byteCount: Int { regions.reduce(0) { $0 + $1.range.count } }
}
