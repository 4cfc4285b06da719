import Foundation
import PodPickle
import PodTesting
import PodText
import Testing

/// Texts of values that real Python pickled, beside the pickles they came from.
///
/// Tests/golden/make.py makes the pickles. With PODFS_UPDATE_GOLDEN in the environment the texts are
/// written rather than compared.
@Suite struct GoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  /// The cases, as paths without endings below the folder.
  static let cases: [String] =
    (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
    .filter { $0.hasSuffix(".pickle") }.map { String($0.dropLast(7)) }.sorted()

  @Test("There are pickles to compare")
  func notEmpty() { #expect(!Self.cases.isEmpty) }

  @Test("A value that Python pickled has its text, from the pickle as from pods", arguments: cases)
  func golden(name: String) throws {
    let stream = try Data(contentsOf: Self.folder.appending(path: name + ".pickle"))
    let graph = try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(Array(stream)))])
    let text = try renderText(graph, root: 0, name: "x", limit: 1 << 20, blobs: MemoryBlobs())
    let file = Self.folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["PODFS_UPDATE_GOLDEN"] != nil {
      try Data(text).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(String(decoding: text, as: UTF8.self) == expected)
    let python = Self.folder.appending(path: name + ".python")
    if FileManager.default.fileExists(atPath: python.path) {
      let form = try String(contentsOf: python, encoding: .utf8)
      #expect(String(decoding: text, as: UTF8.self).hasSuffix(form))
    }

    var pods = MemoryPods()
    let root = graph.split(groups: [[0]]) { pods.put($0) }[0]
    let joined = try pods.join(root, limit: graph.emittedCounts()[0])
    let again = try renderText(
      joined, root: 0, name: "x", limit: 1 << 20, blobs: MemoryBlobs(pods))
    #expect(String(decoding: again, as: UTF8.self) == String(decoding: text, as: UTF8.self))
  }

  @Test("The text of sets does not depend on how Python has hashed their elements")
  func hashing() throws {
    let texts = try Self.texts(of: "hashing")
    #expect(texts.count > 4 && Set(texts.values).count == 1)
  }

  @Test("The page on texts shows them as they are")
  func page() throws {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/text.md"), encoding: .utf8)
    for (name, text) in try Self.texts(of: "page") {
      let shown = text.split(separator: "\n").map { "    \($0)\n" }.joined()
      #expect(page.contains("\n\n" + shown + "\n"), "\(name)")
    }
  }

  /// The expected texts of a family, by the names of the cases.
  private static func texts(of family: String) throws -> [String: String] {
    try cases.filter { $0.hasPrefix(family + "/") }.reduce(into: [:]) { texts, name in
      texts[name] = try String(
        contentsOf: folder.appending(path: name + ".txt"), encoding: .utf8)
    }
  }
}
