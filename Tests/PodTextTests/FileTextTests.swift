import Foundation
import PodPickle
import PodTesting
import Testing

@testable import PodText

/// Texts of files that were written as such, beside the files.
///
/// Tests/golden/make_files.py makes the files. With PODFS_UPDATE_GOLDEN in the environment the texts are
/// written rather than compared.
@Suite struct FileTextTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden/files")

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { !$0.hasSuffix(".txt") }.sorted()

  private func text(of bytes: [UInt8], limit: Int = 1 << 20) throws -> [UInt8] {
    try FileText(.memory(bytes), MemoryBlobs(), limit: limit).render()
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Self.folder.appending(path: name)))
  }

  @Test("There are files to compare")
  func notEmpty() { #expect(Self.names.count > 20) }

  @Test("A file has its text", arguments: names)
  func golden(name: String) throws {
    let text = try text(of: bytes(name))
    let file = Self.folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["PODFS_UPDATE_GOLDEN"] != nil {
      try Data(text).write(to: file)
    }
    #expect(try Data(contentsOf: file) == Data(text), "\(String(decoding: text, as: UTF8.self))")
  }

  @Test("Text is shown as it is, up to the limit")
  func plain() throws {
    let csv = Array("a,b\n1,2\n".utf8)
    #expect(try text(of: csv, limit: csv.count) == csv)
    for other in [[0, 255, 16], csv + [0], csv + [0xc3]] {
      #expect(String(decoding: try text(of: other), as: UTF8.self).hasPrefix("<file, "))
    }
  }

  @Test("Of a long text the beginning and the end are shown, and a change between them")
  func long() throws {
    let lines = (0..<100_000).map { "line \($0)\n" }
    var bytes = Array(lines.joined().utf8)
    let before = try text(of: bytes, limit: 256 << 10)
    let found = String(decoding: before, as: UTF8.self).split(separator: "\n")
    #expect(found.first == "line 0" && found.last == "line 99999")
    #expect(before.count < 600 << 10)
    bytes[bytes.count / 2] = UInt8(ascii: "x")
    let after = String(decoding: try text(of: bytes, limit: 256 << 10), as: UTF8.self)
      .split(separator: "\n")
    let changed = zip(found, after).filter { $0 != $1 }
    #expect(changed.count == 1 && changed.first?.0.hasPrefix("… 65536 bytes, ") == true)
  }

  @Test("What is cut off, or changed, is never more than unknown", arguments: names)
  func hostile(name: String) throws {
    let whole = try bytes(name)
    var generator = SeededGenerator(seed: UInt64(whole.count))
    for _ in 0..<60 {
      var bytes = Array(whole.prefix(Int.random(in: 0...whole.count, using: &generator)))
      if Bool.random(using: &generator) { bytes = whole }
      for _ in 0..<Int.random(in: 0...8, using: &generator) where !bytes.isEmpty {
        let value: UInt8 = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = value
      }
      #expect(try text(of: bytes, limit: 1 << 12).count < 1 << 20)
    }
  }

  @Test(
    "Literals of Python are read",
    arguments: [
      ("{'a': (1, 2L, -3,), \"b\": [('x', '<f8'), None]}", true), (" ( ) ", true), ("True", true),
      ("{1: 2}", false), ("(1, 2", false), ("'a", false), ("__import__('os')", false), ("", false),
      (String(repeating: "(", count: 100_000), false), ("(,)", false), ("1 2", false),
    ])
  func literals(text: String, isOne: Bool) {
    #expect((PythonLiteral(parsing: Array(text.utf8)) != nil) == isOne)
  }
}
