import Foundation
import PodModel
import Testing

@testable import PodStore

@Suite struct OpenPackTests {
  let directory: TemporaryDirectory
  private let packs: StorePath

  init() throws {
    directory = try TemporaryDirectory()
    packs = StoreDirectory(directory.path) / "packs"
    try Directory.make(packs)
  }

  private func append(_ text: String, to pack: inout OpenPack) throws -> Int64 {
    let bytes = [UInt8](text.utf8)
    return try bytes.withSpan { stored throws(StoreError) in
      try pack.append(codec: .raw, stored: stored, count: bytes.count)
    }
  }

  private func file(of pack: borrowing OpenPack) throws -> Data {
    let path = OpenPack.path(of: pack.name, in: packs)
    return try Data(contentsOf: URL(fileURLWithPath: path.description))
  }

  @Test("A record says what the index says of its pod")
  func layout() throws {
    var pack = try OpenPack.create(in: packs)
    #expect(try append("abc", to: &pack) == 16 + 2)
    let position = try [UInt8]("zip".utf8).withSpan { stored throws(StoreError) in
      try pack.append(codec: .zlib, stored: stored, count: 300)
    }
    #expect(position == 16 + 5 + 4)
    try pack.flush()
    let bytes = try file(of: pack)
    #expect(bytes.prefix(16) == Data("podfs pack 1\n\0\0\0".utf8))
    let raw = Data([0xd0, 3]) + Data("abc".utf8)
    let zlib = Data([0xd1, 3, 0xac, 2]) + Data("zip".utf8)
    #expect(bytes[16...] == raw + zlib)
    #expect(pack.end == Int64(bytes.count))
  }

  @Test("What was appended since the last flush can be taken back, and nothing else")
  func takeBack() throws {
    var pack = try OpenPack.create(in: packs)
    _ = try append("dropped before anything was written", to: &pack)
    try pack.takeBack()
    #expect(pack.end == 16)
    let first = try append("kept", to: &pack)
    try pack.flush()
    let kept = try file(of: pack)
    // The first is written beside the second, and is there when the third is begun.
    for _ in 0..<3 { _ = try append(String(repeating: "dropped", count: 400_000), to: &pack) }
    #expect(try file(of: pack).count > kept.count)
    try pack.takeBack()
    #expect(try file(of: pack) == kept)
    #expect(try append("next", to: &pack) == kept.count + 2)
    try pack.flush()
    #expect(try file(of: pack).prefix(kept.count) == kept)
    #expect(try file(of: pack)[Int(first)...].prefix(4) == Data("kept".utf8))
  }

  @Test("What is written beside the next bytes is all there, in order, after a flush")
  func order() throws {
    var pack = try OpenPack.create(in: packs)
    var places: [(position: Int64, text: String)] = []
    for number in 0..<40 {
      let text = String(repeating: "\(number) ", count: 20_000 + 9_000 * (number % 7))
      places.append((try append(text, to: &pack), text))
    }
    try pack.flush()
    let bytes = try file(of: pack)
    for (position, text) in places {
      #expect(bytes[Int(position)...].prefix(text.utf8.count) == Data(text.utf8))
    }
    #expect(pack.end == Int64(bytes.count))
  }

  @Test("A pack is locked as long as it is open")
  func lock() throws {
    let path: StorePath
    do {
      let pack = try OpenPack.create(in: packs)
      path = OpenPack.path(of: pack.name, in: packs)
      #expect(try !File(path, .reading).tryLock())
      _ = consume pack
    }
    #expect(try File(path, .reading).tryLock())
  }

  @Test("A save that finds no place for its pack changes nothing, and the next one works")
  func noPlace() throws {
    let fixture = try TemporaryStore()
    let packs = fixture.store.path + "/packs"
    try FileManager.default.moveItem(atPath: packs, toPath: packs + ".away")
    #expect(throws: StoreError.self) { try fixture.store.save(["x": "1"], in: fixture.session) }
    #expect(try fixture.store.commits(of: fixture.session).isEmpty)
    #expect(try fixture.store.statistics().pods == 0)
    try FileManager.default.moveItem(atPath: packs + ".away", toPath: packs)
    try fixture.store.save(["x": "1"], in: fixture.session)
    #expect(try fixture.store.texts(of: 1, in: fixture.session) == ["x": "1"])
    #expect(try fixture.store.findings() == [])
  }
}
