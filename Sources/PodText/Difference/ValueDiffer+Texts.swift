import PodPickle

/// Texts, bytes, and what is shown as lines.
extension ValueDiffer {
  /// Longer texts are compared by bytes, not by lines.
  private static let textLimit = 64 << 20
  /// How much is read at once of two payloads that are compared by bytes.
  private static let step = 1 << 20
  /// Of longer lines the beginning is shown.
  private static let lineLimit = 160

  mutating func compare(
    text: Payload, _ otherText: Payload, _ one: Value, _ other: Value
  ) throws(BlobError) {
    guard let place = try Self.firstDifference(text, otherText) else { return }
    let isLong = max(text.count, otherText.count) > ValueReader.lineLimit
    if isLong, max(text.count, otherText.count) <= Self.textLimit {
      let (bytes, otherBytes) = (try text.bytes(), try otherText.bytes())
      let newline = UInt8(ascii: "\n")
      if bytes.contains(newline) || otherBytes.contains(newline) {
        return compareLines(ByteSource(bytes), ByteSource(otherBytes))
      }
    }
    try change(one, other, at: place)
  }

  mutating func compare(
    bytes: Payload, _ otherBytes: Payload, _ one: Value, _ other: Value
  ) throws(BlobError) {
    guard let place = try Self.firstDifference(bytes, otherBytes) else { return }
    try change(one, other, at: place)
  }

  /// What is shown as lines is compared by them, unless more is known of it.
  mutating func compare(
    _ one: any LinedValue, _ other: any LinedValue
  ) throws(BlobError) {
    if let one = one as? ArrayValue, let other = other as? ArrayValue {
      return try compare(arrays: one, other)
    }
    if let one = one as? FrameValue, let other = other as? FrameValue {
      return try compare(frames: one, other)
    }
    if one.heading != other.heading {
      add(.changed) {
        Difference(path: $0.path(), kind: .changed, before: one.heading, after: other.heading)
      }
    }
    let (text, otherText) = (try lines(of: one, before), try lines(of: other, after))
    if text != otherText { compareLines(ByteSource(text), ByteSource(otherText)) }
  }

  private func lines(
    of value: any LinedValue, _ reader: ValueReader
  ) throws(BlobError) -> [UInt8] {
    var output = TextOutput(limit: Self.textLimit) { reader.blobs.digest(of: $0) }
    try value.appendLines(indentation: 0, to: &output)
    return output.finish()
  }

  /// Tells which lines of two texts differ.
  private mutating func compareLines(_ text: ByteSource, _ other: ByteSource) {
    let unified = UnifiedText(from: text, to: other)
    let limit = differences.limit
    if !unified.changes.isEmpty {
      add(.changed) { Difference(path: $0.path(), lines: unified, limit: limit) }
    }
  }

  /// The offset of the first byte that differs, or at which one of the two ends; nil if none does.
  static func firstDifference(_ one: Payload, _ other: Payload) throws(BlobError) -> Int? {
    let count = min(one.count, other.count)
    for range in try ranges(one, other, upTo: count) {
      var start = range.lowerBound
      while start < range.upperBound {
        let step = start..<min(range.upperBound, start + step)
        let (bytes, otherBytes) = (try one.bytes(in: step), try other.bytes(in: step))
        if bytes != otherBytes {
          return start + (zip(bytes, otherBytes).enumerated().first { $1.0 != $1.1 }?.offset ?? 0)
        }
        start = step.upperBound
      }
    }
    return one.count == other.count ? nil : count
  }

  /// The ranges in which the bytes of two payloads may differ.
  static func ranges(
    _ one: Payload, _ other: Payload, upTo count: Int
  ) throws(BlobError) -> [Range<Int>] {
    guard case .stored(let blob, let source) = one,
      case .stored(let otherBlob, let otherSource) = other
    else { return [0..<count] }
    return try BlobDifference(from: blob, in: source, to: otherBlob, in: otherSource)
      .ranges(upTo: count)
  }
}
