import Foundation
import PodPickle
import PodTesting
import PodText
import Testing

/// Differences of values that real Python pickled, beside the pickles.
///
/// Tests/golden/pairs.py makes the pickles. With PODFS_UPDATE_GOLDEN in the environment the
/// differences are written rather than compared.
@Suite struct ValueDifferTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Pairs")

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".before") }.map { String($0.dropLast(7)) }.sorted()

  private static func graph(_ file: String) throws -> ObjectGraph {
    let stream = try Data(contentsOf: folder.appending(path: file))
    return try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(Array(stream)))])
  }

  private static func text(
    _ one: ObjectGraph, _ other: ObjectGraph, limit: Int = 20, isBrief: Bool = false,
    _ blobs: MemoryBlobs = MemoryBlobs()
  ) throws -> String {
    let found = try differences(
      from: ComparedValue(one, root: 0, blobs: blobs),
      to: ComparedValue(other, root: 0, blobs: blobs), name: "x", limit: limit, isBrief: isBrief)
    var lines = found.first.flatMap { [$0.description] + $0.lines.map { "  " + $0 } }
    if found.untold > 0 { lines.append("\(found.untold) more") }
    return lines.map { $0 + "\n" }.joined()
  }

  @Test("There are pickles to compare")
  func notEmpty() { #expect(Self.names.count > 10) }

  @Test("What Python pickled before and after a change differs as it says", arguments: names)
  func pair(name: String) throws {
    let (one, other) = (try Self.graph(name + ".before"), try Self.graph(name + ".after"))
    let found = try Self.text(one, other)
    let file = Self.folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["PODFS_UPDATE_GOLDEN"] != nil {
      try Data(found.utf8).write(to: file)
    }
    #expect(try found == String(contentsOf: file, encoding: .utf8))
    #expect(try Self.text(one, one) == "")
    #expect(try Self.text(one, other, limit: 0, isBrief: true).isEmpty == found.isEmpty)

    var pods = MemoryPods()
    let roots = [one, other].map { graph in graph.split(groups: [[0]]) { pods.put($0) }[0] }
    let joined = try zip(roots, [one, other]).map {
      try pods.join($0, limit: $1.emittedCounts()[0])
    }
    #expect(try Self.text(joined[0], joined[1], MemoryBlobs(pods)) == found)
  }

  @Test("So many differences are told as are wanted, and all are counted")
  func limit() throws {
    let (one, other) = (try Self.graph("records.before"), try Self.graph("records.after"))
    let all = try Self.text(one, other, limit: 1000).split(separator: "\n")
    let some = try Self.text(one, other, limit: 2).split(separator: "\n")
    #expect(Array(some.prefix(2)) == Array(all.prefix(2)))
    #expect(some.last == "\(all.count - 2) more")
  }
}
