import PodModel
import PodTesting
import Testing

@testable import PodStore

@Suite struct CompressionTests {
  private let text = [UInt8](String(repeating: "a line of text\n", count: 500).utf8)

  private var noise: [UInt8] {
    var random = SeededGenerator(seed: 5)
    return (0..<8192).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  @Test("What was compressed comes back")
  func roundTrip() throws {
    let compressed = try #require(text.withSpan { Deflater(.fast).compress($0, limit: 1000) })
    #expect(compressed.count < 1000)
    #expect(Inflater.decompress(compressed, count: text.count) == text)
  }

  @Test("What does not fit into the limit is not compressed")
  func limit() {
    #expect(text.withSpan { Deflater(.fast).compress($0, limit: 20) } == nil)
    #expect(noise.withSpan { Deflater(.fast).compress($0, limit: 8000) } == nil)
  }

  @Test("Bytes that are not the compressed form of so many bytes give nothing")
  func damaged() throws {
    let compressed = try #require(text.withSpan { Deflater(.fast).compress($0, limit: 1000) })
    #expect(Inflater.decompress(compressed, count: text.count - 1) == nil)
    #expect(Inflater.decompress(compressed, count: text.count + 1) == nil)
    #expect(Inflater.decompress([UInt8](compressed.dropLast()), count: text.count) == nil)
    #expect(Inflater.decompress([], count: 10) == nil)
    #expect(Inflater.decompress(noise, count: 10) == nil)
    var flipped = compressed
    flipped[flipped.count / 2] ^= 16
    #expect(Inflater.decompress(flipped, count: text.count) == nil)
  }

  @Test("Text is likely to shrink; noise, random floats and a few bytes are not")
  func likely() {
    #expect(text.withSpan { Compressibility.isLikely($0) })
    #expect(!noise.withSpan { Compressibility.isLikely($0) })
    #expect(![UInt8](repeating: 0, count: 255).withSpan { Compressibility.isLikely($0) })
    for count in [256, 257, 511, 600, 1024, 1025, 5000] {
      #expect([UInt8](repeating: 0, count: count).withSpan { Compressibility.isLikely($0) })
    }
    var random = SeededGenerator(seed: 6)
    var floats: [UInt8] = []
    for _ in 0..<1024 {
      floats.append(littleEndian: Double.random(in: 0..<1, using: &random).bitPattern)
    }
    #expect(!floats.withSpan { Compressibility.isLikely($0) })
  }

  @Test("A digest is that of the standard, again and again")
  func digest() {
    let digest = Digest()
    for _ in 0..<2 {
      let id = [UInt8]("abc".utf8).withSpan { digest($0) }
      #expect(
        id.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
    let empty = [UInt8]().withSpan { digest($0) }
    #expect(empty.description.hasPrefix("e3b0c44298fc1c149afbf4c8996fb924"))
  }

  @Test("A fingerprint tells bytes apart")
  func fingerprint() {
    let one = text.withSpan { Fingerprint(of: $0) }
    var changed = text
    changed[77] ^= 1
    #expect(text.withSpan { Fingerprint(of: $0) } == one)
    #expect(changed.withSpan { Fingerprint(of: $0) } != one)
  }
}
