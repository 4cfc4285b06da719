import PodModel

/// Text that is written line by line, in full up to a limit.
///
/// Of a longer text the beginning stays, three quarters of the limit, and the end, a quarter, and
/// between them a line for each block of lines that were left out: how many they are, the digest of
/// their bytes, and the first of them. A block ends behind a line that is chosen by its contents, so a line that comes in
/// or goes changes the block that it is in and hardly any other.
struct TextOutput {
  /// The line that is being written, behind others.
  var bytes: [UInt8] = []

  /// The most bytes that are kept as they are.
  let limit: Int
  private let digest: ([UInt8]) -> PodID
  private let headLimit: Int
  /// A block has this many bytes at most, unless one line has more; and a sixteenth at least.
  private let blockLimit: Int
  /// With so many bytes written there is something to do.
  private var threshold: Int
  /// The beginning, once it is complete.
  private var head: [UInt8]?
  /// The lines that stand for what was left out.
  private var middle: [UInt8] = []
  private var tail: [[UInt8]] = []
  /// The number of blocks of the tail that are in the middle by now.
  private var left = 0
  private var tailCount = 0
  private var blockCount = 0

  /// The number of bytes that were written so far, kept or not.
  var count: Int { (head?.count ?? 0) + blockCount + bytes.count }

  init(limit: Int, digest: @escaping ([UInt8]) -> PodID) {
    self.limit = limit
    self.digest = digest
    headLimit = limit - limit / 4
    // A block is to be much longer than the line that stands for it.
    blockLimit = max(4 << 10, min(256 << 10, limit / 16))
    threshold = min(headLimit, Self.reservation)
  }

  /// Ends the line that is being written.
  @inline(__always)
  mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    if bytes.count > threshold { cut() }
  }

  /// Writes a line.
  mutating func line(_ text: String) {
    bytes += text.utf8
    endLine()
  }

  /// Writes whole lines; the same is kept of them as if they came one by one.
  mutating func append(lines: [UInt8]) {
    bytes += lines
    if bytes.count > threshold { cut() }
  }

  /// Returns the text, and keeps nothing of it.
  mutating func finish() -> [UInt8] {
    guard var text = head.take() else { return bytes }
    takeBlocks(isEnd: true)
    text.reserveCapacity(text.count + middle.count + tailCount)
    text += middle
    for index in left..<tail.count {
      text += tail[index]
      tail[index] = []
    }
    return text
  }

  /// A text that is longer has room for all of its limit at once, unless that is for more than it
  /// may need: to grow is to have it twice for a while.
  private static let reservation = 1 << 20
  private static let reservationLimit = 256 << 20

  @inline(never)
  private mutating func cut() {
    if head == nil {
      guard bytes.count > headLimit else {
        if limit <= Self.reservationLimit { bytes.reserveCapacity(limit + limit / 16) }
        threshold = headLimit
        return
      }
      threshold = 4 * blockLimit
      // The beginning ends with the line that went over its limit.
      let newline = bytes[headLimit...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1
      let rest = Array(bytes[(newline + 1)...])
      bytes.removeSubrange((newline + 1)...)
      (head, bytes) = (bytes, rest)
    }
    if bytes.count > 4 * blockLimit { takeBlocks(isEnd: false) }
  }

  /// Takes what is written so far into blocks; the last lines wait for what follows them.
  private mutating func takeBlocks(isEnd: Bool) {
    var start = 0
    var line = 0
    while let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) {
      let count = end + 1 - start
      if count >= blockLimit || count >= blockLimit / 16 && endsBlock(bytes[line..<end]) {
        take(Array(bytes[start...end]))
        start = end + 1
      }
      line = end + 1
    }
    if isEnd, start < bytes.count {
      take(Array(bytes[start...]))
      start = bytes.count
    }
    bytes.removeSubrange(..<start)
  }

  /// One line of 256 does, by its bytes.
  private func endsBlock(_ line: ArraySlice<UInt8>) -> Bool {
    let hash = line.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return hash >> 40 & 255 == 0
  }

  private mutating func take(_ block: [UInt8]) {
    tail.append(block)
    blockCount += block.count
    tailCount += block.count
    while tailCount > limit - headLimit, left < tail.count {
      middle += summary(of: tail[left])
      tailCount -= tail[left].count
      tail[left] = []
      left += 1
    }
  }

  private func summary(of block: [UInt8]) -> [UInt8] {
    let lines = block.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    let first = block.prefix { $0 != UInt8(ascii: "\n") }
    return blockLine("\(lines) lines", digest(block), from: first)
  }
}

/// The line that stands for what is left out of a text: what it is, its digest, and how it begins.
func blockLine(_ what: String, _ digest: PodID, from first: ArraySlice<UInt8> = []) -> [UInt8] {
  var line = Array("… \(what), \(digest.description.prefix(16))".utf8)
  var beginning = first.prefix(60)
  // Not in the middle of a character.
  while beginning.count < first.count, first[beginning.endIndex] & 0xc0 == 0x80 {
    beginning = beginning.dropLast()
  }
  if !beginning.isEmpty { line += Array(", from ".utf8) + beginning }
  line.append(UInt8(ascii: "\n"))
  return line
}
