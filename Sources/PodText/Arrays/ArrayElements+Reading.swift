import PodPickle

extension ArrayElements {
  /// So many bytes of elements are read at once; more where they lie apart.
  private static let chunkLimit = 1 << 20
  private static let scatteredLimit = 8 << 20

  /// Calls `body` with the bytes of all elements in the order in which they are shown, some at a
  /// time, and with the number of the first of them.
  func forEachChunk(
    in range: Range<Int>, _ body: (_ bytes: [UInt8], _ first: Int) throws(BlobError) -> Void
  ) throws(BlobError) {
    var next = range.lowerBound
    while next < range.upperBound {
      let end = chunkEnd(from: next, to: range.upperBound)
      try body(try bytes(of: next..<end), next)
      next = end
    }
  }

  /// Where a chunk that begins with the element `start` ends.
  private func chunkEnd(from start: Int, to end: Int) -> Int {
    let limit = isContiguous ? Self.chunkLimit : Self.scatteredLimit
    let most = max(1, limit / max(type.width, 1))
    if isContiguous { return min(end, start + most) }
    // Whole runs of the last dimensions, as many as fit.
    var inner = 1
    var axis = shape.count
    while axis > 0, inner * shape[axis - 1] <= most {
      axis -= 1
      inner *= shape[axis]
    }
    guard axis > 0, start % inner == 0 else { return min(end, start - start % inner + inner) }
    let place = start / inner % shape[axis - 1]
    let runs = min(max(most / inner, 1), shape[axis - 1] - place)
    return min(end, start + runs * inner)
  }

  /// The bytes of the elements in `range`, one behind the other.
  func bytes(of range: Range<Int>) throws(BlobError) -> [UInt8] {
    let width = type.width
    if isContiguous {
      let start = offset + range.lowerBound * width
      return try memory.bytes(in: start..<(start + range.count * width))
    }
    var output = [UInt8](repeating: 0, count: range.count * width)
    let axis = nearestAxis
    let inner = shape[(axis + 1)...].reduce(1, *)
    let length = shape[axis]
    // Elements whose indexes differ along the axis alone are read together.
    var done = range.lowerBound
    while done < range.upperBound {
      // One block of the axis and what is inside of it, as far as the range goes.
      let block = done / (inner * length) * (inner * length)
      let end = min(range.upperBound, block + inner * length)
      for column in 0..<inner {
        let first = block + column
        let from = done <= first ? 0 : (done - first + inner - 1) / inner
        let to = end <= first ? 0 : (end - first + inner - 1) / inner
        guard from < to else { continue }
        let step = strides[axis]
        let ends = (place(of: first + from * inner), place(of: first + (to - 1) * inner))
        let low = min(ends.0, ends.1)
        let run = try memory.bytes(in: low..<(max(ends.0, ends.1) + width))
        for index in from..<to {
          let source = ends.0 + (index - from) * step - low
          let target = (first + index * inner - range.lowerBound) * width
          output.replaceSubrange(target..<(target + width), with: run[source..<(source + width)])
        }
      }
      done = end
    }
    return output
  }

  /// The dimension along which elements lie closest together.
  private var nearestAxis: Int {
    shape.indices.filter { shape[$0] > 1 }
      .min { strides[$0].magnitude < strides[$1].magnitude } ?? 0
  }

  /// Where the element with the number `index` begins.
  private func place(of index: Int) -> Int {
    var rest = index
    var place = offset
    for axis in shape.indices.reversed() {
      place += rest % shape[axis] * strides[axis]
      rest /= shape[axis]
    }
    return place
  }
}
