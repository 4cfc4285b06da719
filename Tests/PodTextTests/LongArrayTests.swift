import Foundation
import PodModel
import PodPickle
import PodTesting
import PodText
import Synchronization
import Testing

/// Arrays that are longer than a text may be.
@Suite struct LongArrayTests {
  /// Blobs in memory; says how many bytes of them were read.
  private final class CountingBlobs: BlobSource {
    let blobs: MemoryBlobs
    let readCount = Mutex(0)

    init(_ pods: MemoryPods) { blobs = MemoryBlobs(pods) }

    func bytes(of blob: Blob, in range: Range<Int>) throws(BlobError) -> [UInt8] {
      readCount.withLock { $0 += range.count }
      return try blobs.bytes(of: blob, in: range)
    }

    func parts(of blob: Blob) throws(BlobError) -> [(blob: Blob, isData: Bool)] {
      try blobs.parts(of: blob)
    }

    func digest(of bytes: [UInt8]) -> PodID { blobs.digest(of: bytes) }
  }

  /// The lines of an array of numbers as numpy pickles it, and how many of its bytes were read.
  private func rendered(
    _ numbers: [Int32], limit: Int
  ) throws -> (lines: [Substring], readCount: Int) {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    let file = try Data(contentsOf: folder.appending(path: "ndarrays/large.pickle"))
    // 3000 numbers of four bytes: the others are written over them.
    var stream = Array(file)
    let first: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 2]
    let start = try #require(stream.indices.first { stream[$0...].starts(with: first) })
    for (index, number) in numbers.enumerated() {
      for byte in 0..<4 {
        stream[start + 4 * index + byte] = UInt8(truncatingIfNeeded: number >> Int32(8 * byte))
      }
    }
    let graph = try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(stream))])
    var pods = MemoryPods()
    let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
    let joined = try pods.join(root, limit: graph.emittedCounts()[0])
    let blobs = CountingBlobs(pods)
    let text = try renderText(joined, root: 0, name: "x", limit: limit, blobs: blobs)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    return (lines, blobs.readCount.withLock { $0 })
  }

  private let numbers = (0..<3000).map { Int32($0) }

  @Test("Of a long array the ends are read, and pods stand for what is between them")
  func ends() throws {
    let (lines, readCount) = try rendered(numbers, limit: 4096)
    #expect(lines[1...3] == ["  0", "  1", "  2"] && lines.last == "  2999")
    #expect(lines.contains { $0.hasPrefix("  … elements [") })
    #expect(readCount < 2000)
  }

  @Test("A change in what is not shown changes the line of its pod")
  func change() throws {
    var changed = numbers
    changed[1500] = -1
    let before = try rendered(numbers, limit: 4096).lines
    let after = try rendered(changed, limit: 4096).lines
    let difference = zip(before, after).filter { $0 != $1 }
    #expect(!difference.isEmpty)
    #expect(difference.allSatisfy { $0.0.hasPrefix("  … elements [") })
  }
}
