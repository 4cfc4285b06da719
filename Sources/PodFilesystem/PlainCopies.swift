import PodModel
import PodStore
import Synchronization

/// The number by which the kernel knows a file that it reads itself.
public struct KernelFileNumber: Hashable, Sendable {
  /// The number itself.
  public let value: Int32

  /// Wraps a number that the kernel gave.
  public init(_ value: Int32) { self.value = value }
}

/// How the kernel is told of files that it may read itself, in place of asking the mount.
public struct KernelFiles: Sendable {
  let add: @Sendable (_ descriptor: Int32) -> KernelFileNumber?
  let remove: @Sendable (KernelFileNumber) -> Void

  /// Creates it of its parts.
  ///
  /// - Parameters:
  ///   - add: tells the kernel of an open file; nil if the kernel does not take it.
  ///   - remove: takes that back.
  public init(
    add: @escaping @Sendable (_ descriptor: Int32) -> KernelFileNumber?,
    remove: @escaping @Sendable (KernelFileNumber) -> Void
  ) {
    self.add = add
    self.remove = remove
  }
}

/// Plain copies of large versions that are opened again and again: the kernel reads them as fast as
/// any file of the disk, and nothing of that comes to the mount.
///
/// A copy is a file without a name in `cache/` of the store, so it ends with the mount, whatever
/// ends that, and nobody can put another in its place. Its bytes are those that the mount would
/// answer with, checked like these.
///
/// The kernel wants all that have one file open at a time to read it in one way. So the first who
/// opens a file decides: by way of the copy if there is one, through the mount if not.
final class PlainCopies: Sendable {
  /// Smaller files are not worth a copy.
  static let minimumCount: Int64 = 1 << 20
  private static let step = 1 << 20

  private let backing: Backing
  private let limit: Int64
  private let state: Mutex<State>

  private let kernel = Kernel()

  private struct State {
    /// Whether there will be no copies, or no more.
    var isOver = false
    var files: [VersionID: File] = [:]
    /// What was opened lately.
    var opened = Generations<VersionID, Void>(limit: 1 << 18)
    /// The bytes of all copies, and of one that is being made.
    var byteCount: Int64 = 0
    var isCopying = false
    /// How many files were opened.
    var turn = 0
  }

  /// A version that is open or has a copy.
  private struct File {
    var copy: Copy?
    var users = 0
    /// Whether those who have it open read the copy.
    var isPlain = false
    var lastTurn = 0
  }

  /// A copy that the kernel knows until it goes.
  private final class Copy: Sendable {
    let file: StagingFile
    let size: Int64
    let number: KernelFileNumber
    private let kernel: Kernel

    init?(in store: StoreDirectory, size: Int64, _ kernel: Kernel) throws(FilesystemError) {
      file = try StagingFile(in: store, .cache)
      guard let number = kernel.add(file.descriptor) else { return nil }
      self.number = number
      self.size = size
      self.kernel = kernel
    }

    deinit { kernel.remove(number) }
  }

  /// The kernel, which must not be told of anything once its mount has ended.
  private final class Kernel: Sendable {
    private let files = Mutex<KernelFiles?>(nil)

    var isThere: Bool { files.withLock { $0 != nil } }

    func begin(_ new: KernelFiles) { files.withLock { $0 = new } }

    func end() { files.withLock { $0 = nil } }

    func add(_ descriptor: Int32) -> KernelFileNumber? { files.withLock { $0?.add(descriptor) } }

    func remove(_ number: KernelFileNumber) { files.withLock { $0?.remove(number) } }
  }

  /// That somebody has a version open.
  final class Use: Sendable {
    /// The file to read in place of asking the mount, if there is one.
    let number: KernelFileNumber?
    private let version: VersionID
    private let copies: PlainCopies

    fileprivate init(_ number: KernelFileNumber?, of version: VersionID, in copies: PlainCopies) {
      self.number = number
      self.version = version
      self.copies = copies
    }

    deinit { copies.close(version) }
  }

  init(backing: Backing) {
    self.backing = backing
    limit = backing.options.plainCopyLimit
    state = Mutex(State())
  }

  /// Begins to make copies for the kernel.
  func begin(_ files: KernelFiles) { kernel.begin(files) }

  /// Ends it, and forgets all copies.
  func end() {
    // They go behind the lock.
    _ = state.withLock { state in
      state.isOver = true
      defer { state.files = [:] }
      return state.files
    }
    kernel.end()
  }

  /// Notes that a version is opened; nil if there will never be a copy of it.
  ///
  /// When it is opened for the second time, copying begins.
  func open(_ version: Version, under lease: Lease) -> Use? {
    let size = version.summary.size
    guard size >= Self.minimumCount, size <= limit, kernel.isThere else { return nil }
    let (use, begins) = state.withLock { state -> (Use?, Bool) in
      guard !state.isOver else { return (nil, false) }
      state.turn += 1
      var file = state.files[version.id] ?? File()
      if file.users == 0 { file.isPlain = file.copy != nil }
      file.users += 1
      file.lastTurn = state.turn
      state.files[version.id] = file
      let isWanted = state.opened.value(of: version.id) != nil && file.copy == nil
      state.opened.keep((), of: version.id)
      let begins = isWanted && !state.isCopying
      if begins { state.isCopying = true }
      let number = file.isPlain ? file.copy?.number : nil
      return (Use(number, of: version.id, in: self), begins)
    }
    if begins { BackgroundThread.detach { self.copy(version, under: lease) } }
    return use
  }

  fileprivate func close(_ version: VersionID) {
    state.withLock { state in
      guard var file = state.files[version] else { return }
      file.users -= 1
      state.files[version] = file.users > 0 || file.copy != nil ? file : nil
    }
  }

  /// Makes a copy, after others had to make room for it.
  private func copy(_ version: Version, under lease: Lease) {
    let size = version.summary.size
    var made: Copy?
    let hasRoom = makeRoom(for: size)
    if hasRoom {
      do throws(FilesystemError) { made = try copied(version, under: lease) } catch {
        // The file is read through the mount, where the same error will be told if it matters.
      }
    }
    state.withLock { state in
      state.isCopying = false
      if !state.isOver, let made {
        state.files[version.id, default: File()].copy = made
      } else if hasRoom {
        state.byteCount -= size
      }
    }
  }

  private func copied(
    _ version: Version, under lease: Lease
  ) throws(FilesystemError) -> Copy? {
    let size = version.summary.size
    let store = backing.store
    // A copy should never be what fills the disk.
    let space = try DiskSpace(of: store.path)
    guard space.available * space.blockSize > 4 * UInt(size) else { return nil }
    guard let copy = try Copy(in: store.directory, size: size, kernel) else {
      // The kernel is too old, or this is not root, or the store's disk is a layer itself. Where it
      // took one before, those who have that open must stay with it.
      state.withLock { state in
        state.isOver = state.files.values.allSatisfy { $0.copy == nil }
      }
      return nil
    }
    var done: Int64 = 0
    while done < size {
      guard !state.withLock({ $0.isOver }) else { return nil }
      let bytes = try backing.bytes(of: version, under: lease, at: done, count: Self.step)
      guard !bytes.isEmpty, try copy.file.write(bytes.span, at: done) == bytes.count else {
        return nil
      }
      done += Int64(bytes.count)
    }
    return copy
  }

  /// Drops the copies that were used longest ago, and that nobody reads, until there is room; false
  /// if there is not enough.
  private func makeRoom(for size: Int64) -> Bool {
    // They go behind the lock.
    var dropped: [Copy] = []
    return state.withLock { state in
      let idle = state.files.filter { $0.value.users == 0 || !$0.value.isPlain }
      for (version, file) in idle.sorted(by: { $0.value.lastTurn < $1.value.lastTurn }) {
        guard state.byteCount + size > limit else { break }
        guard let copy = file.copy else { continue }
        dropped.append(copy)
        state.byteCount -= copy.size
        state.files[version]?.copy = nil
        if file.users == 0 { state.files[version] = nil }
      }
      guard state.byteCount + size <= limit else { return false }
      state.byteCount += size
      return true
    }
  }
}
