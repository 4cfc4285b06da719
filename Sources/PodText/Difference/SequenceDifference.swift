/// Where two sequences differ: the stretches of either that the other does not have there.
///
/// Myers' algorithm ("An O(ND) Difference Algorithm and Its Variations", Algorithmica 1986) with
/// its refinement for linear space. What only one sequence has is set aside first, and the search
/// for the middle of a difference is given up after a number of steps, as git's is: the time is
/// linear in the number of items whatever they are, and what is found is then not the shortest
/// difference, but a right one.
public struct SequenceDifference: Sendable {
  /// A stretch of one sequence that stands in the place of a stretch of the other; one of the two
  /// may be empty.
  public struct Change: Equatable, Sendable {
    /// The items that are not there any more.
    public var before: Range<Int>
    /// The items that are there instead.
    public var after: Range<Int>
  }

  /// The stretches that differ, in order; between them the sequences are equal.
  public private(set) var changes: [Change] = []

  /// Compares two sequences whose items are equal if the numbers that stand for them are.
  public init(from before: [UInt64], to after: [UInt64]) {
    var start = 0
    while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
    var ends = (before.count, after.count)
    while ends.0 > start, ends.1 > start, before[ends.0 - 1] == after[ends.1 - 1] {
      ends = (ends.0 - 1, ends.1 - 1)
    }
    guard start < ends.0 || start < ends.1 else { return }
    if start == ends.0 || start == ends.1 {
      changes = [Change(before: start..<ends.0, after: start..<ends.1)]
    } else {
      let kept = Self.keptPairs(before, start..<ends.0, after, start..<ends.1)
      fill(start, kept, ends)
    }
    slide(before, after)
  }

  /// Finds items that are the same in both, in order.
  private static func keptPairs(
    _ before: [UInt64], _ beforeRange: Range<Int>, _ after: [UInt64], _ afterRange: Range<Int>
  ) -> [(Int, Int)] {
    let common = Set(before[beforeRange]).intersection(after[afterRange])
    guard !common.isEmpty else { return [] }
    let places = (
      beforeRange.filter { common.contains(before[$0]) },
      afterRange.filter { common.contains(after[$0]) }
    )
    var search = CommonItems(places.0.map { before[$0] }, places.1.map { after[$0] })
    return search.pairs().map { (places.0[$0], places.1[$1]) }
  }

  /// Makes a change of what lies between pairs that are kept.
  private mutating func fill(_ start: Int, _ kept: [(Int, Int)], _ ends: (Int, Int)) {
    var last = (start, start)
    for pair in kept + [ends] {
      if last.0 < pair.0 || last.1 < pair.1 {
        changes.append(Change(before: last.0..<pair.0, after: last.1..<pair.1))
      }
      last = (pair.0 + 1, pair.1 + 1)
    }
  }

  /// Moves what was only added or only removed as far down as it may stand, as `diff` does.
  ///
  /// An item that is added behind equal ones is then the last of them.
  private mutating func slide(_ before: [UInt64], _ after: [UInt64]) {
    var settled: [Change] = []
    for var change in changes.reversed() {
      let end =
        settled.last.map { ($0.before.lowerBound, $0.after.lowerBound) }
        ?? (before.count, after.count)
      if change.before.isEmpty {
        while change.after.upperBound < end.1,
          after[change.after.lowerBound] == after[change.after.upperBound]
        {
          change.moveDown()
        }
      } else if change.after.isEmpty {
        while change.before.upperBound < end.0,
          before[change.before.lowerBound] == before[change.before.upperBound]
        {
          change.moveDown()
        }
      }
      if let next = settled.last, change.before.upperBound == next.before.lowerBound {
        settled.removeLast()
        change.before = change.before.lowerBound..<next.before.upperBound
        change.after = change.after.lowerBound..<next.after.upperBound
      }
      settled.append(change)
    }
    changes = settled.reversed()
  }
}

extension SequenceDifference.Change {
  fileprivate mutating func moveDown() {
    before = (before.lowerBound + 1)..<(before.upperBound + 1)
    after = (after.lowerBound + 1)..<(after.upperBound + 1)
  }
}

/// The search for items that two sequences have in common, in the same order.
private struct CommonItems {
  /// How many edits from both sides the middle of a difference is searched for.
  private static let costLimit = 256

  private let before: [UInt64]
  private let after: [UInt64]
  /// How far the edits reached, for each diagonal, from the start and from the end.
  private var forward = Reach()
  private var backward = Reach()
  private var found: [(Int, Int)] = []

  /// Positions by diagonal, for those around a first one.
  private struct Reach {
    private var positions = [Int](repeating: 0, count: 2 * CommonItems.costLimit + 5)
    var middle = 0

    subscript(diagonal: Int) -> Int {
      get { positions[diagonal - middle + CommonItems.costLimit + 2] }
      set { positions[diagonal - middle + CommonItems.costLimit + 2] = newValue }
    }
  }

  /// A stretch of each sequence.
  private struct Box {
    var before: Range<Int>
    var after: Range<Int>
  }

  init(_ before: [UInt64], _ after: [UInt64]) {
    self.before = before
    self.after = after
  }

  mutating func pairs() -> [(Int, Int)] {
    var work = [Box(before: before.indices, after: after.indices)]
    while let whole = work.popLast() {
      let (start, box, end) = trimmed(whole)
      // What is equal at the end comes after all that is found between.
      if end > 0 {
        let tail = (whole.before.upperBound - end, whole.after.upperBound - end)
        work.append(
          Box(
            before: tail.0..<whole.before.upperBound, after: tail.1..<whole.after.upperBound))
      }
      for offset in 0..<start {
        found.append((whole.before.lowerBound + offset, whole.after.lowerBound + offset))
      }
      guard !box.before.isEmpty, !box.after.isEmpty else { continue }
      let split = split(box)
      // Where there is no way on, the stretches have nothing in common that is worth the search.
      guard split != (box.before.lowerBound, box.after.lowerBound),
        split != (box.before.upperBound, box.after.upperBound)
      else { continue }
      work.append(
        Box(
          before: split.0..<box.before.upperBound, after: split.1..<box.after.upperBound))
      work.append(
        Box(
          before: box.before.lowerBound..<split.0, after: box.after.lowerBound..<split.1))
    }
    return found
  }

  /// Sets aside what is equal at the start; if that is not all, at the end.
  private func trimmed(_ whole: Box) -> (start: Int, rest: Box, end: Int) {
    var box = whole
    while !box.before.isEmpty, !box.after.isEmpty,
      before[box.before.lowerBound] == after[box.after.lowerBound]
    {
      box.before = (box.before.lowerBound + 1)..<box.before.upperBound
      box.after = (box.after.lowerBound + 1)..<box.after.upperBound
    }
    let start = box.before.lowerBound - whole.before.lowerBound
    while !box.before.isEmpty, !box.after.isEmpty,
      before[box.before.upperBound - 1] == after[box.after.upperBound - 1]
    {
      box.before = box.before.lowerBound..<(box.before.upperBound - 1)
      box.after = box.after.lowerBound..<(box.after.upperBound - 1)
    }
    return (start, box, whole.before.upperBound - box.before.upperBound)
  }

  /// Returns a place to cut both stretches at, which begin and end with different items.
  private mutating func split(_ box: Box) -> (Int, Int) {
    let lowest = box.before.lowerBound - box.after.upperBound
    let highest = box.before.upperBound - box.after.lowerBound
    forward.middle = box.before.lowerBound - box.after.lowerBound
    backward.middle = box.before.upperBound - box.after.upperBound
    let isOdd = (forward.middle - backward.middle) % 2 != 0
    var ahead = forward.middle...forward.middle
    var behind = backward.middle...backward.middle
    forward[forward.middle] = box.before.lowerBound
    backward[backward.middle] = box.before.upperBound
    for _ in 0..<Self.costLimit {
      ahead = widen(ahead, within: lowest...highest, &forward, filler: -1)
      for diagonal in stride(from: ahead.upperBound, through: ahead.lowerBound, by: -2) {
        let reached = advance(on: diagonal, in: box)
        if isOdd, behind.contains(diagonal), backward[diagonal] <= reached {
          return Self.place(reached, on: diagonal, in: box)
        }
      }
      behind = widen(behind, within: lowest...highest, &backward, filler: .max)
      for diagonal in stride(from: behind.upperBound, through: behind.lowerBound, by: -2) {
        let reached = retreat(on: diagonal, in: box)
        if !isOdd, ahead.contains(diagonal), reached <= forward[diagonal] {
          return Self.place(reached, on: diagonal, in: box)
        }
      }
    }
    return best(in: box, ahead, behind)
  }

  /// Takes in a diagonal more on either side, or one less where there is none.
  private func widen(
    _ range: ClosedRange<Int>, within all: ClosedRange<Int>, _ reach: inout Reach, filler: Int
  ) -> ClosedRange<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    if low > all.lowerBound {
      low -= 1
      reach[low - 1] = filler
    } else {
      low += 1
    }
    if high < all.upperBound {
      high += 1
      reach[high + 1] = filler
    } else {
      high -= 1
    }
    return low...max(low, high)
  }

  private mutating func advance(on diagonal: Int, in box: Box) -> Int {
    var place =
      forward[diagonal - 1] >= forward[diagonal + 1]
      ? forward[diagonal - 1] + 1 : forward[diagonal + 1]
    while place < box.before.upperBound, place - diagonal < box.after.upperBound,
      before[place] == after[place - diagonal]
    {
      place += 1
    }
    forward[diagonal] = place
    return place
  }

  private mutating func retreat(on diagonal: Int, in box: Box) -> Int {
    var place =
      backward[diagonal - 1] < backward[diagonal + 1]
      ? backward[diagonal - 1] : backward[diagonal + 1] - 1
    while place > box.before.lowerBound, place - diagonal > box.after.lowerBound,
      before[place - 1] == after[place - diagonal - 1]
    {
      place -= 1
    }
    backward[diagonal] = place
    return place
  }

  /// Returns the place that was reached with the most items passed.
  private func best(
    in box: Box, _ ahead: ClosedRange<Int>, _ behind: ClosedRange<Int>
  ) -> (Int, Int) {
    var first = (box.before.lowerBound, box.after.lowerBound)
    for diagonal in stride(from: ahead.upperBound, through: ahead.lowerBound, by: -2) {
      let place = Self.place(forward[diagonal], on: diagonal, in: box)
      if place.0 + place.1 > first.0 + first.1 { first = place }
    }
    var last = (box.before.upperBound, box.after.upperBound)
    for diagonal in stride(from: behind.upperBound, through: behind.lowerBound, by: -2) {
      let place = Self.place(backward[diagonal], on: diagonal, in: box)
      if place.0 + place.1 < last.0 + last.1 { last = place }
    }
    let passed = first.0 + first.1 - box.before.lowerBound - box.after.lowerBound
    let passedFromEnd = box.before.upperBound + box.after.upperBound - last.0 - last.1
    return passed > passedFromEnd ? first : last
  }

  /// The place with the position `before` on a diagonal, or the nearest to it that is in the box.
  private static func place(_ before: Int, on diagonal: Int, in box: Box) -> (Int, Int) {
    let least = max(box.before.lowerBound, box.after.lowerBound + diagonal)
    let most = min(box.before.upperBound, box.after.upperBound + diagonal)
    let place = max(least, min(before, most))
    return (place, place - diagonal)
  }
}
