import PodPickle

/// Where two blobs may differ, found from their indexes alone.
///
/// A pod that both have, in the same order among others, is equal and not read. What is left are
/// stretches of bytes that stand in the place of others. They may still be equal: pods of the same
/// bytes can be cut in different places.
struct BlobDifference {
  /// A stretch of one blob that stands in the place of a stretch of the other.
  struct Change: Equatable {
    var before: Range<Int>
    var after: Range<Int>
  }

  /// The stretches, in order.
  private(set) var changes: [Change] = []

  /// A blob or a part of it, and where it begins.
  private struct Stretch {
    let blob: Blob
    let start: Int
    var isData = false

    var range: Range<Int> { start..<(start + blob.count) }
  }

  private struct Hunk {
    var before: [Stretch]
    var after: [Stretch]
    let start: (before: Int, after: Int)
  }

  /// Honest indexes have fewer parts; of others the rest is left undivided.
  private static let partLimit = 1 << 20

  private let sources: (before: any BlobSource, after: any BlobSource)
  private var partCount = 0
  private var numbers: [Blob: UInt64] = [:]

  init(
    from before: Blob, in source: any BlobSource, to after: Blob, in otherSource: any BlobSource
  ) throws(BlobError) {
    sources = (source, otherSource)
    guard before != after else { return }
    var work = [
      Hunk(
        before: [Stretch(blob: before, start: 0)], after: [Stretch(blob: after, start: 0)],
        start: (0, 0))
    ]
    while let hunk = work.popLast() {
      if let divided = try divide(hunk) {
        work += hunks(of: divided).reversed()
      } else {
        add(hunk)
      }
    }
  }

  /// Puts the parts of the largest indexes in their places; nil if there is no index.
  ///
  /// Each time, what has no parts is found out to be data, so there is an end.
  private mutating func divide(_ hunk: Hunk) throws(BlobError) -> Hunk? {
    guard !hunk.before.isEmpty, !hunk.after.isEmpty, partCount < Self.partLimit else { return nil }
    let largest = (hunk.before + hunk.after).reduce(0) { $1.isData ? $0 : max($0, $1.blob.count) }
    guard largest > 0 else { return nil }
    var divided = hunk
    // Parts of one level have sizes of one order: those of a lower level may be in it as they are.
    let least = largest / 16
    divided.before = try parts(of: hunk.before, least, sources.before)
    divided.after = try parts(of: hunk.after, least, sources.after)
    return divided
  }

  private mutating func parts(
    of stretches: [Stretch], _ least: Int, _ source: any BlobSource
  ) throws(BlobError) -> [Stretch] {
    var result: [Stretch] = []
    for var stretch in stretches {
      if stretch.isData || stretch.blob.count < least {
        result.append(stretch)
        continue
      }
      let parts = try source.parts(of: stretch.blob)
      partCount += parts.count
      if parts.isEmpty {
        stretch.isData = true
        result.append(stretch)
      }
      var start = stretch.start
      for part in parts {
        result.append(Stretch(blob: part.blob, start: start, isData: part.isData))
        start += part.blob.count
      }
    }
    return result
  }

  /// What differs between the pods of both sides.
  private mutating func hunks(of hunk: Hunk) -> [Hunk] {
    let (before, after) = (hunk.before.map { number(of: $0) }, hunk.after.map { number(of: $0) })
    return SequenceDifference(from: before, to: after).changes.map { change in
      Hunk(
        before: Array(hunk.before[change.before]), after: Array(hunk.after[change.after]),
        start: (
          change.before.lowerBound < hunk.before.count
            ? hunk.before[change.before.lowerBound].start
            : hunk.before.last?.range.upperBound ?? hunk.start.before,
          change.after.lowerBound < hunk.after.count
            ? hunk.after[change.after.lowerBound].start
            : hunk.after.last?.range.upperBound ?? hunk.start.after
        ))
    }
  }

  /// A number that stands for the pod.
  private mutating func number(of stretch: Stretch) -> UInt64 {
    if let known = numbers[stretch.blob] { return known }
    let number = UInt64(numbers.count)
    numbers[stretch.blob] = number
    return number
  }

  private mutating func add(_ hunk: Hunk) {
    let change = Change(
      before: hunk.start.before..<(hunk.before.last?.range.upperBound ?? hunk.start.before),
      after: hunk.start.after..<(hunk.after.last?.range.upperBound ?? hunk.start.after))
    if let last = changes.last, last.before.upperBound == change.before.lowerBound,
      last.after.upperBound == change.after.lowerBound
    {
      changes[changes.count - 1] = Change(
        before: last.before.lowerBound..<change.before.upperBound,
        after: last.after.lowerBound..<change.after.upperBound)
    } else {
      changes.append(change)
    }
  }

  /// The ranges of the first `count` bytes outside of which the byte at each offset is the same in
  /// both blobs, which have as many at least.
  func ranges(upTo count: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var shiftedFrom: Int?
    for change in changes {
      let start = shiftedFrom ?? min(change.before.lowerBound, change.after.lowerBound)
      let end = max(change.before.upperBound, change.after.upperBound)
      shiftedFrom = change.before.upperBound == change.after.upperBound ? nil : start
      if shiftedFrom == nil { ranges.append(start..<end) }
    }
    if let shiftedFrom, shiftedFrom < count { ranges.append(shiftedFrom..<count) }
    return ranges.map { $0.clamped(to: 0..<count) }.filter { !$0.isEmpty }
  }
}
