import Foundation
import PodModel
import PodPickle
import PodTesting
import Testing

@testable import PodStore

@Suite struct LimitTests {
  let temporary: TemporaryStore
  var store: Store { temporary.store }
  var alice: SessionID { temporary.session }

  init() throws { temporary = try TemporaryStore() }

  /// A variable with noise of so many bytes.
  private func variable(_ name: String, _ count: Int, seed: UInt64) throws -> CapturedVariable {
    let length = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return CapturedVariable(
      name: try VariableName(name),
      part: ObjectGraph.Part(
        stream: ByteSource([0x80, 5, 0x42] + length + noise(count, seed: seed) + [0x2e])))
  }

  private func names(of saved: SavedCommit) throws -> [String] {
    try store.manifest(of: saved.commit.number, in: alice).versions.keys.map(\.text).sorted()
  }

  private var packBytes: Int64 {
    get throws { try store.packFileBytes }
  }

  @Test("A variable that is too large is left out and named, and the others are saved")
  func largestVariable() throws {
    let variables = [
      try variable("small", 10_000, seed: 1), try variable("large", 200_000, seed: 2),
    ]
    try store.set(.largestVariable, to: 100_000)
    let saved = try store.capture(variables, in: alice)
    #expect(try names(of: saved) == ["small"])
    #expect(saved.leftOut.map(\.name) == ["large"] && saved.leftOut[0].type == "bytes")
    #expect(saved.leftOut[0].reason.contains("200"))
    #expect(try store.unsaved(of: saved.commit.number, in: alice) == saved.leftOut)
    // The same again says the same again.
    #expect(try store.capture(variables, in: alice).leftOut.map(\.name) == ["large"])
    try store.set(.largestVariable, to: nil)
    let whole = try store.capture(variables, in: alice)
    #expect(try names(of: whole) == ["large", "small"] && whole.leftOut.isEmpty)
    #expect(try store.findings() == [])
  }

  @Test("What would make the store too large is left out, and leaves nothing behind")
  func largestStore() throws {
    let small = try variable("small", 10_000, seed: 1)
    _ = try store.capture([small], in: alice)
    let statistics = try store.statistics()
    try store.set(.largestStore, to: statistics.packBytes + statistics.databaseBytes + 400_000)
    let before = try packBytes
    let large = try variable("large", 3_000_000, seed: 2)
    let other = try variable("other", 50_000, seed: 3)
    let saved = try store.capture([small, large, other], in: alice)
    #expect(try names(of: saved) == ["other", "small"])
    #expect(saved.leftOut.map(\.name) == ["large"])
    for _ in 0..<3 { _ = try store.capture([small, large, other], in: alice) }
    #expect(try packBytes < before + 100_000)
    let file = ByteSource(Array(repeating: 1, count: 10) + noise(3_000_000, seed: 9))
    #expect(throws: StoreError.self) {
      try store.seal(file, as: VariableName("file"), in: alice)
    }
    #expect(try packBytes < before + 100_000)
    #expect(try store.findings() == [])
  }

  @Test("A file that is too large is refused, and says what to do")
  func largestFile() throws {
    try store.set(.largestVariable, to: 100)
    let file = ByteSource(noise(200, seed: 9))
    #expect(throws: StoreError.variableTooLarge(size: 200, limit: 100)) {
      try store.seal(file, as: VariableName("file"), in: alice)
    }
    let text = "\(StoreError.variableTooLarge(size: 200, limit: 100))"
    #expect(text.contains("200 bytes") && text.contains("podfs config largest-variable"))
  }
}
