import PodPickle

/// Elements that lie at regular distances in memory, all of them within it.
struct ArrayElements {
  let memory: Payload
  let type: ElementType
  let shape: [Int]
  /// How many bytes it is to the next element along each dimension; may be negative.
  let strides: [Int]
  /// Where the first element is.
  let offset: Int
  /// The number of elements.
  let count: Int

  /// Fails where an element would lie outside of the memory.
  init?(
    _ memory: Payload, type: ElementType, shape: [Int], strides: [Int], offset: Int, count: Int
  ) {
    guard !type.isObject, shape.count == strides.count, offset >= 0 else { return nil }
    self.memory = memory
    self.type = type
    self.shape = shape
    self.strides = strides
    self.offset = offset
    self.count = count
    guard count > 0 else { return }
    guard let (low, high) = Self.reach(shape, strides), offset >= -low,
      type.width <= memory.count, offset <= memory.count - type.width - high
    else { return nil }
  }

  /// How many bytes before and behind the first element others begin; nil if that is no number.
  static func reach(_ shape: [Int], _ strides: [Int]) -> (low: Int, high: Int)? {
    var (low, high) = (0, 0)
    for (length, stride) in zip(shape, strides) where length > 0 {
      let (span, isLong) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, isFar) = (span < 0 ? low : high).addingReportingOverflow(span)
      // Far less than any memory has, so that it can be added to an offset.
      guard !isLong, !isFar, sum.magnitude < 1 << 60 else { return nil }
      if span < 0 { low = sum } else { high = sum }
    }
    return (low, high)
  }

  /// The distances of elements that lie one behind the other.
  static func strides(of shape: [Int], width: Int, isFortran: Bool) -> [Int] {
    var strides = [Int](repeating: width, count: shape.count)
    var step = width
    for axis in isFortran ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = step
      step = step.multipliedReportingOverflow(by: max(shape[axis], 1)).partialValue
    }
    return strides
  }

  /// Whether the elements lie one behind the other in the order in which they are shown.
  var isContiguous: Bool {
    var step = type.width
    for axis in shape.indices.reversed() where shape[axis] != 1 {
      guard strides[axis] == step else { return false }
      step = step.multipliedReportingOverflow(by: shape[axis]).partialValue
    }
    return true
  }

  /// Whether there are elements before the first one in memory.
  var isReversed: Bool { zip(shape, strides).contains { $0 > 1 && $1 < 0 } }

  /// The number of bytes of memory from the first of them to the last.
  var extent: Int {
    guard count > 0, let (low, high) = Self.reach(shape, strides) else { return 0 }
    return high - low + type.width
  }

  /// Whether an element may be shown in more than one place.
  var isBroadcast: Bool {
    zip(shape, strides).contains { length, stride in length > 1 && stride.magnitude < type.width }
  }
}
