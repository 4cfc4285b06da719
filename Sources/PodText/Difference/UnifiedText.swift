import PodModel
public import PodPickle

/// How one text became another, line by line, as `diff -u` writes it.
public struct UnifiedText {
  /// The lines of one text.
  private struct Lines {
    let text: ByteSource
    let ends: [Int]
    let hashes: [UInt64]

    init(_ text: ByteSource, seed: UInt64) {
      self.text = text
      (ends, hashes) = text.lines(seed: seed)
    }

    /// A line with its end of line, if it has one.
    func line(_ number: Int) -> [UInt8] {
      text.bytes(in: (number == 0 ? 0 : ends[number - 1])..<ends[number])
    }
  }

  private let before: Lines
  private let after: Lines

  /// The stretches of lines that differ.
  public let changes: [SequenceDifference.Change]

  /// Compares two texts.
  public init(from before: ByteSource, to after: ByteSource) {
    let seed = UInt64.random(in: 0...UInt64.max)
    self.before = Lines(before, seed: seed)
    self.after = Lines(after, seed: seed)
    changes = SequenceDifference(from: self.before.hashes, to: self.after.hashes).changes
  }

  /// Hands each line of what `diff -u` writes to `put`, without its end of line, but not the two
  /// lines with the names of the texts.
  ///
  /// - Parameter context: how many equal lines stand around each change.
  public func write<E>(
    context: Int = 3, _ put: (_ line: [UInt8]) throws(E) -> Void
  ) throws(E) {
    var first = changes.startIndex
    while first < changes.endIndex {
      var last = first
      while last + 1 < changes.endIndex,
        changes[last + 1].before.lowerBound - changes[last].before.upperBound <= 2 * context
      {
        last += 1
      }
      try write(changes[first...last], context: context, put)
      first = last + 1
    }
  }

  /// Writes changes that stand near to each other, under one head.
  private func write<E>(
    _ group: ArraySlice<SequenceDifference.Change>, context: Int,
    _ put: (_ line: [UInt8]) throws(E) -> Void
  ) throws(E) {
    guard let first = group.first, let last = group.last else { return }
    let lead = min(context, first.before.lowerBound)
    let trail = min(context, before.ends.count - last.before.upperBound)
    let head = [
      "@@ -", Self.place(first.before.lowerBound - lead, last.before.upperBound + trail),
      " +", Self.place(first.after.lowerBound - lead, last.after.upperBound + trail), " @@",
    ]
    try put(Array(head.joined().utf8))
    var place = first.before.lowerBound - lead
    for change in group {
      for number in place..<change.before.lowerBound { try write(number, of: before, " ", put) }
      for number in change.before { try write(number, of: before, "-", put) }
      for number in change.after { try write(number, of: after, "+", put) }
      place = change.before.upperBound
    }
    for number in place..<(place + trail) { try write(number, of: before, " ", put) }
  }

  private func write<E>(
    _ number: Int, of lines: Lines, _ mark: Character,
    _ put: (_ line: [UInt8]) throws(E) -> Void
  ) throws(E) {
    var line = lines.line(number)
    let isEnded = line.last == UInt8(ascii: "\n")
    if isEnded { line.removeLast() }
    try put(Array(String(mark).utf8) + line)
    if !isEnded { try put(Array("\\ No newline at end of file".utf8)) }
  }

  /// The first line and the number of lines; of no lines, the line before.
  private static func place(_ start: Int, _ end: Int) -> String {
    switch end - start {
    case 0: "\(start),0"
    case 1: "\(start + 1)"
    default: "\(start + 1),\(end - start)"
    }
  }
}

extension Difference {
  /// Of longer lines the beginning is shown.
  private static let lineLimit = 160

  /// Tells which lines of two texts differ: how many, and the first of them.
  init(path: String, lines unified: UnifiedText, limit: Int) {
    let removed = unified.changes.reduce(0) { $0 + $1.before.count }
    let added = unified.changes.reduce(0) { $0 + $1.after.count }
    self.init(path: path, kind: .changed, note: Self.phrase(removed: removed, added: added))
    var shown = 0
    unified.write(context: 0) { line in
      shown += 1
      if shown <= limit { lines.append(Self.cut(line)) }
    }
    if shown > limit { lines.append("… and \((shown - limit).grouped) lines more") }
  }

  private static func phrase(removed: Int, added: Int) -> String {
    func count(_ number: Int) -> String { "\(number.grouped) line\(number == 1 ? "" : "s")" }
    if added == 0 { return "\(count(removed)) removed" }
    if removed == 0 { return "\(count(added)) added" }
    return "\(count(removed)) removed, \(added.grouped) added"
  }

  private static func cut(_ line: [UInt8]) -> String {
    let text = String(decoding: line.prefix(lineLimit), as: UTF8.self)
    return line.count > lineLimit ? text + "…" : text
  }
}

/// Returns which lines differ between two texts.
///
/// - Parameters:
///   - name: what the texts are called.
///   - limit: how many lines are told.
public func differences(
  fromText before: ByteSource, to after: ByteSource, name: String, limit: Int
) -> Differences {
  var differences = Differences(limit: limit)
  let unified = UnifiedText(from: before, to: after)
  if !unified.changes.isEmpty {
    differences.add(.changed, Difference(path: name, lines: unified, limit: limit))
  }
  return differences
}
