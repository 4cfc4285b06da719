import PodModel

/// A pack that is being written, by one writer at a time.
///
/// Nobody else appends to it: the file was made for it, and is locked as long as it is open. Once
/// it is closed it never changes, and collection may move what it holds.
///
/// ## Invariants
///
/// 1. Bytes that a transaction may have named are on the disk, and are never written again.
/// 2. What a writer put and no transaction named is taken back.
struct OpenPack: ~Copyable, Sendable {
  /// The name of the pack, by which its row knows it.
  let name: String
  private let directory: StorePath
  private let file: PackFile
  /// Bytes that are not in the file yet; the first belongs at `written`.
  private var buffer: [UInt8] = []
  /// What is being written by another thread; the bytes before `written` are then not all there.
  private var writing: ConcurrentWork?
  private var written: Int64 = 0
  private var flushed: Int64 = 0
  /// Bytes below this position may have been named by a transaction.
  private var kept = Int64(PackFormat.header.count)

  private static let bufferCount = 1 << 20

  /// Makes a new pack in `directory`.
  static func create(in directory: StorePath) throws(StoreError) -> OpenPack {
    let file = try File.createLocked(in: directory, suffix: suffix)
    let name = file.path.dropFirst(directory.description.utf8.count + 1)
    return OpenPack(
      name: String(name.dropLast(suffix.utf8.count)), directory: directory, file: file)
  }

  /// What the names of the files end with.
  static let suffix = ".pack"

  /// The path of the pack called `name` in `directory`.
  static func path(of name: String, in directory: StorePath) -> StorePath {
    directory / (name + suffix)
  }

  private init(name: String, directory: StorePath, file: consuming File) {
    self.name = name
    self.directory = directory
    self.file = PackFile(file)
    buffer = PackFormat.header
  }

  /// The position of the next record.
  var end: Int64 { written + Int64(buffer.count) }

  /// Whether no transaction may know the pack.
  var isNew: Bool { flushed == 0 }

  /// Appends a pod, and returns the position of its first stored byte.
  mutating func append(
    codec: Codec, stored: RawSpan, count: Int
  ) throws(StoreError) -> Int64 {
    if buffer.count + PackFormat.recordHeaderLimit + stored.byteCount > Self.bufferCount {
      try beginDrain()
    }
    PackFormat.appendRecordHeader(
      codec: codec, storedCount: stored.byteCount, count: count, to: &buffer)
    let position = end
    buffer.append(stored)
    return position
  }

  /// Appends records as they stand in another pack, and returns the position of the first.
  mutating func append(
    recordsIn range: Range<Int64>, of source: borrowing File
  ) throws(StoreError) -> Int64 {
    try drain()
    let position = written
    try file.file.copy(range, of: source, to: position)
    file.file.startFlush(of: range.count, at: position)
    written += Int64(range.count)
    return position
  }

  /// Returns when all that was appended is on the disk, and keeps it for ever.
  mutating func flush() throws(StoreError) {
    try drain()
    if flushed == 0 { try Directory.flush(directory) }
    if flushed < written { try file.file.flush() }
    flushed = written
    kept = written
  }

  /// Takes back what was appended from `position` on, which no transaction knows.
  mutating func takeBack(to position: Int64) throws(StoreError) {
    precondition(position >= kept, "what a transaction may name stays")
    guard position < written else {
      return buffer.removeLast(Int(end - position))
    }
    buffer.removeAll(keepingCapacity: true)
    try endDrain()
    try file.file.truncate(to: position)
    written = position
  }

  /// Takes back what was appended since the last flush.
  mutating func takeBack() throws(StoreError) {
    buffer.removeAll(keepingCapacity: true)
    // What could not be written is taken back with the rest.
    do throws(StoreError) { try endDrain() } catch {}
    if written > kept {
      try file.file.truncate(to: kept)
      written = kept
    } else if written < kept {
      buffer = PackFormat.header
    }
  }

  /// Writes the buffer while the next one is filled.
  private mutating func beginDrain() throws(StoreError) {
    guard !buffer.isEmpty else { return }
    try endDrain()
    let position = written
    written += Int64(buffer.count)
    writing = file.beginWriting(&buffer, at: position)
    if buffer.capacity < Self.bufferCount { buffer.reserveCapacity(Self.bufferCount) }
  }

  private mutating func endDrain() throws(StoreError) {
    writing = nil
    try file.checkWritten()
  }

  private mutating func drain() throws(StoreError) {
    try endDrain()
    file.releaseMemory()
    guard !buffer.isEmpty else { return }
    try buffer.withSpan { bytes throws(StoreError) in try file.file.write(bytes, at: written) }
    written += Int64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }
}
