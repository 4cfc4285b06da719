import PodModel
import PodPickle

/// Which elements of two arrays of one shape and type differ.
struct DifferingElements {
  /// How many they are.
  private(set) var count = 0
  /// The numbers of the first, in the order in which they are shown.
  private(set) var first: [Int] = []
  /// How many of them are not told yet.
  private(set) var untold = 0

  private let shape: [Int]
  private var low: [Int]
  private var high: [Int]

  init(shape: [Int]) {
    self.shape = shape
    low = shape
    high = [Int](repeating: -1, count: shape.count)
  }

  /// Compares the elements in `range`, and keeps the numbers of so many at most.
  mutating func compare(
    _ range: Range<Int>, _ one: ArrayValue, _ other: ArrayValue, keeping limit: Int
  ) throws(BlobError) {
    let elements = (try one.elements.bytes(of: range), try other.elements.bytes(of: range))
    var masks: (one: [UInt8], other: [UInt8])?
    if let mask = one.mask, let otherMask = other.mask {
      masks = (try mask.bytes(of: range), try otherMask.bytes(of: range))
    }
    forEachDifferingRecord(elements.0, elements.1, width: one.type.width) { number in
      // What lies below a mask does not count.
      if let masks, masks.one[number] != 0, masks.other[number] != 0 { return }
      add(range.lowerBound + number, limit)
    }
    guard let masks else { return }
    forEachDifferingRecord(masks.one, masks.other, width: 1) { number in
      let bytes = (number * one.type.width)..<((number + 1) * one.type.width)
      let isCounted = elements.0[bytes] != elements.1[bytes]
      if !isCounted { add(range.lowerBound + number, limit) }
    }
  }

  /// Notes that one of them is told.
  mutating func tell() { untold -= 1 }

  private mutating func add(_ index: Int, _ limit: Int) {
    count += 1
    untold += 1
    if first.count < limit { first.append(index) }
    var rest = index
    for axis in shape.indices.reversed() {
      let length = max(1, shape[axis])
      let place = rest % length
      rest /= length
      low[axis] = min(low[axis], place)
      high[axis] = max(high[axis], place)
    }
  }

  /// The smallest part of the arrays that has them all: `[0:3, 1:2]`.
  var box: String {
    "[" + zip(low, high).map { "\($0):\($1 + 1)" }.joined(separator: ", ") + "]"
  }

  /// The index of an element along each dimension: `[2, 0]`; nothing for an array that has none.
  static func place(of index: Int, in shape: [Int]) -> String {
    if shape.isEmpty { return "" }
    var rest = index
    var place = shape
    for axis in shape.indices.reversed() {
      place[axis] = rest % max(1, shape[axis])
      rest /= max(1, shape[axis])
    }
    return "[" + place.map(String.init).joined(separator: ", ") + "]"
  }
}
