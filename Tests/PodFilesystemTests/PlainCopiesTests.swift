import Glibc
import PodFilesystem
import PodModel
import PodStore
import Synchronization
import Testing

/// The side of the kernel: it takes files by a number, and gives them up again.
private final class Kernel: Sendable {
  let files = Mutex<[Int32: Int32]>([:])
  private let last = Mutex<Int32>(0)
  /// Whether it takes any.
  let takes: Bool

  init(takes: Bool = true) { self.takes = takes }

  var kernelFiles: KernelFiles {
    KernelFiles { [self] descriptor in
      guard takes else { return nil }
      let number = last.withLock { last in
        last += 1
        return last
      }
      files.withLock { $0[number] = dup(descriptor) }
      return KernelFileNumber(number)
    } remove: { [self] number in
      if let descriptor = files.withLock({ $0.removeValue(forKey: number.value) }) {
        close(descriptor)
      }
    }
  }

  /// What the kernel reads in place of asking.
  func bytes(_ number: KernelFileNumber, count: Int) -> [UInt8] {
    guard let descriptor = files.withLock({ $0[number.value] }) else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      unsafe filled = max(0, pread(descriptor, buffer.baseAddress, count, 0))
    }
  }
}

@Suite struct PlainCopiesTests {
  private static let count = 1 << 20
  private let scratch: Scratch
  private let names = ["a", "b", "c"]

  init() throws {
    scratch = try Scratch()
    for name in names { try scratch.write(text(name), to: name) }
    try scratch.commit("three")
  }

  private func text(_ name: String) -> String {
    String(String(repeating: "\(name) is long, ", count: 1 << 17).prefix(Self.count))
  }

  /// A mount of the store that keeps copies of so many files.
  private func mounted(copies: Int64, _ kernel: Kernel) throws -> Filesystem {
    var options = FilesystemOptions(user: 0, group: 0)
    options.plainCopyLimit = copies * Int64(Self.count) + 1000
    let filesystem = Filesystem(
      store: try Store(openingAt: scratch.store.path), options: options
    ) { _ in }
    filesystem.use(kernel.kernelFiles)
    return filesystem
  }

  private func opened(_ name: String, in filesystem: Filesystem) throws -> Opened {
    let inode = try Scratch.Reader(filesystem: filesystem).inode("alice/commits/1/\(name)")
    return try filesystem.open(inode, OpenMode(writes: false))
  }

  private func close(_ opened: Opened, in filesystem: Filesystem) throws {
    filesystem.release(try #require(opened.handle))
  }

  /// Opens a file until there is a copy of it, which is made meanwhile.
  private func copied(_ name: String, in filesystem: Filesystem) throws -> (
    Opened, KernelFileNumber
  ) {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(10) {
      let file = try opened(name, in: filesystem)
      if case .passthrough(let number) = file.caching { return (file, number) }
      try close(file, in: filesystem)
      sched_yield()
    }
    throw FilesystemError.notFound
  }

  @Test("A file that is opened again has a copy with its bytes, which all who open it then read")
  func copied() throws {
    let kernel = Kernel()
    let filesystem = try mounted(copies: 3, kernel)
    let first = try opened("a", in: filesystem)
    #expect(first.caching == .keep)
    try close(first, in: filesystem)
    #expect(kernel.files.withLock { $0.isEmpty })
    let (file, number) = try copied("a", in: filesystem)
    #expect(kernel.bytes(number, count: Self.count + 1) == Array(text("a").utf8))
    let again = try opened("a", in: filesystem)
    #expect(again.caching == .passthrough(number))
    try close(file, in: filesystem)
    try close(again, in: filesystem)
    filesystem.end()
    #expect(kernel.files.withLock { $0.isEmpty })
  }

  @Test("While a file is open through the mount, all who open it read through the mount")
  func mixed() throws {
    let kernel = Kernel()
    let filesystem = try mounted(copies: 3, kernel)
    let early = try [opened("a", in: filesystem), opened("a", in: filesystem)]
    let start = ContinuousClock.now
    while kernel.files.withLock({ $0.isEmpty }), ContinuousClock.now - start < .seconds(10) {
      sched_yield()
    }
    for _ in 0..<20 {
      let file = try opened("a", in: filesystem)
      #expect(file.caching == .keep)
      try close(file, in: filesystem)
    }
    for file in early { try close(file, in: filesystem) }
    let (file, _) = try copied("a", in: filesystem)
    try close(file, in: filesystem)
    filesystem.end()
  }

  @Test("The copy that was not used for longest makes room, unless somebody reads it")
  func limit() throws {
    let kernel = Kernel()
    let filesystem = try mounted(copies: 2, kernel)
    let (a, number) = try copied("a", in: filesystem)
    let (b, other) = try copied("b", in: filesystem)
    try close(b, in: filesystem)
    let (c, _) = try copied("c", in: filesystem)
    let kept = kernel.files.withLock { Set($0.keys) }
    #expect(kept.count == 2 && kept.contains(number.value) && !kept.contains(other.value))
    // Nothing can make room for it now.
    for _ in 0..<20 {
      let file = try opened("b", in: filesystem)
      #expect(file.caching == .keep)
      try close(file, in: filesystem)
    }
    try close(a, in: filesystem)
    try close(c, in: filesystem)
    filesystem.end()
    #expect(kernel.files.withLock { $0.isEmpty })
  }

  @Test("Where the kernel takes no files, or none are wanted, all is read through the mount")
  func refused() throws {
    for (copies, kernel) in [(3, Kernel(takes: false)), (0, Kernel())] {
      let filesystem = try mounted(copies: Int64(copies), kernel)
      for _ in 0..<50 {
        let file = try opened("a", in: filesystem)
        #expect(file.caching == .keep)
        try close(file, in: filesystem)
      }
      #expect(kernel.files.withLock { $0.isEmpty })
      filesystem.end()
    }
  }
}
