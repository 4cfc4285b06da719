import PodPickle
import PodTesting
import Testing

@testable import PodText

@Suite struct BlobDifferenceTests {
  private static func put(_ bytes: [UInt8], _ pods: inout MemoryPods) -> Blob {
    Blob.put(ByteSource(bytes), bytes.indices) { pod, _ in pods.put(pod) }
  }

  private static func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let words = (0...(count / 8)).map { _ in generator.next() }
    return (0..<count).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64($0 % 8 * 8)) }
  }

  private static func difference(
    _ one: [UInt8], _ other: [UInt8]
  ) throws -> BlobDifference {
    var pods = MemoryPods()
    let blobs = (put(one, &pods), put(other, &pods))
    let source = MemoryBlobs(pods)
    return try BlobDifference(from: blobs.0, in: source, to: blobs.1, in: source)
  }

  /// Whether what lies between the stretches is equal, in order.
  private static func isRight(_ one: [UInt8], _ other: [UInt8], _ found: BlobDifference) -> Bool {
    var place = (0, 0)
    let end = BlobDifference.Change(
      before: one.count..<one.count, after: other.count..<other.count)
    for change in found.changes + [end] {
      guard change.before.lowerBound >= place.0, change.after.lowerBound >= place.1,
        one[place.0..<change.before.lowerBound] == other[place.1..<change.after.lowerBound]
      else { return false }
      place = (change.before.upperBound, change.after.upperBound)
    }
    let few = found.ranges(upTo: min(one.count, other.count) / 3)
    guard few.allSatisfy({ $0.upperBound <= min(one.count, other.count) / 3 }) else { return false }
    var ranges = found.ranges(upTo: min(one.count, other.count))
    ranges.append(min(one.count, other.count)..<min(one.count, other.count))
    var start = 0
    for range in ranges {
      guard one[start..<range.lowerBound] == other[start..<range.lowerBound] else { return false }
      start = range.upperBound
    }
    return true
  }

  @Test("Of a long blob, one byte of which changed, a pod or two may differ")
  func oneByte() throws {
    var generator = SeededGenerator(seed: 1)
    let one = Self.random(1 << 20, &generator)
    var other = one
    other[700_000] ^= 1
    let found = try Self.difference(one, other)
    #expect(Self.isRight(one, other, found))
    #expect(found.changes.count == 1)
    #expect(found.changes[0].before.contains(700_000))
    #expect(found.changes[0].before.count < 100_000)
    #expect(found.ranges(upTo: one.count) == found.changes.map(\.before))
  }

  @Test("Equal blobs do not differ")
  func equal() throws {
    var generator = SeededGenerator(seed: 2)
    let one = Self.random(100_000, &generator)
    #expect(try Self.difference(one, one).changes.isEmpty)
  }

  @Test(
    "Bytes outside of what may differ are equal, whatever was put in, taken out and changed",
    arguments: 1...6)
  func edits(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let one = Self.random(Int.random(in: 1...200_000, using: &generator), &generator)
    var other = one
    for _ in 0..<Int.random(in: 1...5, using: &generator) {
      let start = Int.random(in: 0...other.count, using: &generator)
      let end = min(other.count, start + Int.random(in: 0...9000, using: &generator))
      let count = Int.random(in: 0...9000, using: &generator)
      other.replaceSubrange(start..<end, with: Self.random(count, &generator))
    }
    let found = try Self.difference(one, other)
    #expect(Self.isRight(one, other, found))
    #expect(found.changes.reduce(0) { $0 + $1.before.count } < max(one.count / 2, 150_000))
  }
}
