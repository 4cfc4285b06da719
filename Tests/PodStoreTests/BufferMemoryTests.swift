import Glibc
import PodModel
import PodTesting
import Testing

@testable import PodPickle
@testable import PodStore

/// A mapping of this process that a test writes into.
@safe private final class Mapping {
  let start: UnsafeMutableRawPointer
  let count: Int

  init(_ count: Int, flags: CInt = MAP_PRIVATE | MAP_ANONYMOUS, at address: UInt? = nil) {
    self.count = count
    let place = unsafe address.flatMap { unsafe UnsafeMutableRawPointer(bitPattern: $0) }
    let fixed = unsafe place == nil ? 0 : MAP_FIXED
    unsafe start = mmap(place, count, PROT_READ | PROT_WRITE, flags | fixed, -1, 0)
  }

  deinit { unsafe munmap(start, count) }

  var address: UInt { unsafe UInt(bitPattern: start) }

  func fill(with seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for offset in stride(from: 0, to: count, by: 8) {
      unsafe start.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
    }
  }

  func set(_ offset: Int, to byte: UInt8) {
    unsafe start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
  }

  func source(_ range: Range<Int>? = nil) -> ByteSource {
    let range = range ?? 0..<count
    return unsafe ByteSource(
      borrowing: UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
  }
}

/// What is seen must be what a reader of all bytes sees; one memory is the process's, so one by one.
@Suite(.serialized) struct BufferMemoryTests {
  /// The number of bytes that a look at `sources` reads, each of which it must see as it is.
  @discardableResult
  private func look(at sources: ByteSource...) -> Int {
    let before = BufferCounts.ofThisProcess
    let sights = BufferSights(of: sources)
    for source in sources {
      #expect(sights.print(of: source, 0..<source.count) == Fingerprint(of: source))
    }
    let after = BufferCounts.ofThisProcess
    let count = Set(sources.map(BufferKey.init(of:))).reduce(0) { $0 + $1.count }
    #expect(after.read + after.proven - before.read - before.proven == count)
    return after.read - before.read
  }

  private var isAvailable: Bool { WriteProtection() != nil && !DeviceWrites.arePossible }

  @Test(
    "A buffer that nobody wrote is not read again, and of one that was written only its segments")
  func segments() throws {
    try #require(isAvailable, "the kernel proves nothing here")
    let mapping = Mapping(8 << 20)
    mapping.fill(with: 1)
    #expect(look(at: mapping.source()) == 8 << 20)
    #expect(look(at: mapping.source()) == 0)
    mapping.set(3 << 20, to: 1)
    #expect(look(at: mapping.source()) == Fingerprint.segment)
    #expect(look(at: mapping.source()) == 0)
    // Bytes beside whole pages are compared.
    let odd = mapping.source(100..<(4 << 20) + 77)
    look(at: odd)
    #expect(look(at: odd) == 0)
    mapping.set(100, to: 3)
    mapping.set((4 << 20) + 76, to: 4)
    #expect(look(at: odd) == Fingerprint.segment + (77 - 100 + Fingerprint.segment))
  }

  @Test("What the kernel does to pages without a write is seen")
  func dropped() throws {
    try #require(isAvailable, "the kernel proves nothing here")
    let mapping = Mapping(8 << 20)
    mapping.fill(with: 2)
    look(at: mapping.source())
    unsafe madvise(mapping.start + (1 << 20), 4096, MADV_DONTNEED)
    #expect(look(at: mapping.source()) == Fingerprint.segment)
    unsafe madvise(mapping.start + (2 << 20), 2 << 20, MADV_DONTNEED)
    #expect(look(at: mapping.source()) == 2 << 20)
    unsafe madvise(mapping.start, 8 << 20, MADV_DONTNEED)
    #expect(look(at: mapping.source()) == 8 << 20)
    mapping.fill(with: 3)
    unsafe madvise(mapping.start, 8 << 20, MADV_DONTNEED)
    _ = mapping.source().bytes(in: 0..<1)
    #expect(look(at: mapping.source()) == 8 << 20)
  }

  @Test("Other memory at the same address is read wholly")
  func mappedAnew() throws {
    try #require(isAvailable, "the kernel proves nothing here")
    let mapping = Mapping(4 << 20)
    mapping.fill(with: 1)
    look(at: mapping.source())
    for round in 0..<4 {
      #expect(look(at: mapping.source()) == 0)
      _ = unsafe mmap(
        mapping.start, 4 << 20, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
      if round % 2 == 0 { mapping.fill(with: UInt64(round)) }
      #expect(look(at: mapping.source()) == 4 << 20)
    }
  }

  @Test("Memory that can be written from elsewhere is always read")
  func shared() {
    let mapping = Mapping(4 << 20, flags: MAP_SHARED | MAP_ANONYMOUS)
    mapping.fill(with: 4)
    look(at: mapping.source())
    #expect(look(at: mapping.source()) == 4 << 20)
  }

  @Test("A buffer that is written wholly is not watched until it rests")
  func volatile() throws {
    try #require(isAvailable, "the kernel proves nothing here")
    let mapping = Mapping(4 << 20)
    mapping.fill(with: 5)
    look(at: mapping.source())
    mapping.fill(with: 6)
    look(at: mapping.source())
    mapping.fill(with: 7)
    #expect(look(at: mapping.source()) == 4 << 20)
    #expect(look(at: mapping.source()) == 4 << 20)
    #expect(look(at: mapping.source()) == 4 << 20)
    #expect(look(at: mapping.source()) == 0)
  }

  @Test(
    "Random writes into buffers that overlap are seen, and make the pods that all bytes make",
    arguments: [1, 2])
  func randomWrites(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    let store = try Store(creatingAt: directory.path + "/store")
    let other = try Store(creatingAt: directory.path + "/other")
    let session = try store.createSession(SessionName("a")).id
    let mapping = Mapping(3 << 19)
    mapping.fill(with: seed)
    for step in 0..<12 {
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
          let page = Int.random(in: 0..<mapping.count / 4096, using: &random)
          let count = Int.random(in: 1...64, using: &random)
          let end = min(mapping.count, (page + count) * 4096)
          unsafe madvise(mapping.start + page * 4096, end - page * 4096, MADV_DONTNEED)
        case 1: mapping.fill(with: random.next())
        default:
          let start = Int.random(in: 0..<mapping.count, using: &random)
          let end = min(mapping.count, start + Int.random(in: 1...20_000, using: &random))
          for offset in start..<end { mapping.set(offset, to: UInt8.random(in: 0...255)) }
        }
      }
      let sources = [
        mapping.source(), mapping.source(5000..<(5 << 18)),
        mapping.source((1 << 18) + 1..<mapping.count),
      ].shuffled(using: &random).dropLast(Int.random(in: 0...2, using: &random))
      let sights = BufferSights(of: Array(sources))
      for source in sources {
        #expect(sights.print(of: source, 0..<source.count) == Fingerprint(of: source))
        let blob = try store.withWriter { writer throws(StoreError) in
          let blob = try writer.put(source, at: PodSite(), seen: sights)
          _ = try writer.save(NewCommit(coVariables: []), in: session)
          return blob
        }
        let whole = try other.withWriter { writer throws(StoreError) in
          try writer.put(source, 0..<source.count, at: PodSite())
        }
        #expect(blob == whole)
        if step % 4 == 0 {
          #expect(try bytes(of: blob, in: store) == source.bytes(in: 0..<source.count))
        }
      }
    }
  }

  private func bytes(of blob: Blob, in store: Store) throws -> [UInt8] {
    switch try blob.contents(of: store.bytes(of: blob.pod)) {
    case .data(let bytes): Array(bytes)
    case .parts(let parts): try parts.flatMap { try bytes(of: $0, in: store) }
    }
  }

  @Test("Of a copy that stands where another buffer was captured, nothing is known")
  func copies() throws {
    try #require(isAvailable, "the kernel proves nothing here")
    let (old, new) = (Mapping(4 << 20), Mapping(4 << 20))
    old.fill(with: 1)
    new.fill(with: 2)
    let memory = BufferMemory.current
    let place = old.source()
    let before = try #require(memory.look(at: [place])[BufferKey(of: place)])
    memory.note([], of: Blob(count: place.count, pod: PodID(words: .zero)), seen: before)
    #expect(memory.cut(of: place, seen: before) != nil)
    let sight = try #require(memory.look(at: [new.source()])[BufferKey(of: new.source())])
    old.fill(with: 2)
    #expect(memory.cut(of: place, seen: sight) == nil)
    #expect(!memory.isUnchanged(place, since: sight))
  }
}
