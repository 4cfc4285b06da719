import PodPickle

/// What one capture saw of the buffers it stores.
///
/// A buffer should stay as it is while it is captured, but nobody can keep a thread of C from writing
/// into it. Then what was stored is not what the fingerprint is of, and must not be taken for it
/// later: ``isSteady`` tells.
final class BufferSights {
  private let memory = BufferMemory.current
  /// By where a buffer is; of a copy, where that is.
  private var long: [BufferKey: BufferSight]
  /// Buffers that were cut again before their memory was given back.
  private var recut: [BufferKey: RecutBuffer] = [:]
  /// The fingerprints of the others, as they were taken first.
  private var short: [BufferKey: Fingerprint] = [:]
  /// The buffers whose memory was given back, so that it may not be read any more.
  private var gone: Set<BufferKey> = []
  /// What long buffers were cut into, until it is certain that they were steady.
  private var cut: [BufferKey: (stretches: [Blob.Stretch], blob: Blob)] = [:]
  /// Whether each buffer was the same when its fingerprint was taken and after it was stored.
  private(set) var isSteady = true

  /// Looks at the long ones of some buffers.
  init(of buffers: [ByteSource]) {
    long = memory.look(at: buffers.filter { $0.count >= BufferMemory.minimumCount })
  }

  /// The fingerprint of a range of a source; of a whole buffer, as it was taken first.
  func print(of source: ByteSource, _ range: Range<Int>) -> Fingerprint {
    guard range == 0..<source.count else { return Fingerprint(of: source, range) }
    let key = BufferKey(of: source)
    return long[key]?.print ?? short[key] ?? Fingerprint(of: source)
  }

  /// Takes the fingerprint of a buffer.
  func print(of buffer: ByteSource) -> Fingerprint {
    let key = BufferKey(of: buffer)
    if let sight = long[key] { return sight.print }
    let print = short[key] ?? Fingerprint(of: buffer)
    short[key] = print
    return print
  }

  /// What was seen of a long buffer.
  func sight(of source: ByteSource, _ range: Range<Int>) -> BufferSight? {
    range == 0..<source.count ? long[BufferKey(of: source)] : nil
  }

  /// Whether the bytes that `print` was taken of are there still; notes it if not.
  ///
  /// A part of a source is one of a stream, which nobody writes.
  func isSteady(_ source: ByteSource, _ range: Range<Int>, _ print: Fingerprint) -> Bool {
    guard range == 0..<source.count else { return true }
    let key = BufferKey(of: source)
    let sight = sight(of: source, range)
    let isSame =
      recut[key] != nil
      || sight.map { memory.isUnchanged(source, since: $0) } ?? false
      || Fingerprint(of: source, range) == print
    if !isSame { isSteady = false }
    if isSame, let sight, let (stretches, blob) = cut.removeValue(forKey: key) {
      memory.note(stretches, of: blob, seen: sight)
    }
    return isSame
  }

  /// A buffer as it is cut now, if it was cut before and is known not to have changed everywhere.
  func recut(_ source: ByteSource) -> RecutBuffer? {
    let key = BufferKey(of: source)
    if let done = recut[key] { return done }
    guard !gone.contains(key), let sight = long[key],
      let (before, changes) = memory.cut(of: source, seen: sight)
    else { return nil }
    return RecutBuffer(source, cutBefore: before, changes: changes)
  }

  /// Keeps what a long buffer was cut into.
  func note(_ stretches: [Blob.Stretch], of blob: Blob, for source: ByteSource) {
    cut[BufferKey(of: source)] = (stretches, blob)
  }

  /// Whether the memory of a source was not given back.
  func mayRead(_ source: ByteSource) -> Bool { !gone.contains(BufferKey(of: source)) }

  /// Gives back the memory of all buffers: only what is copied here is read from now on.
  ///
  /// - Parameters:
  ///   - isStored: tells of the fingerprint of a buffer, and its length, whether it need not be read.
  ///   - limit: how many bytes may be copied.
  /// - Returns: the buffers, copied where that is needed; nil if it would be too much.
  func giveBack(
    _ buffers: [ByteSource], limit: Int, isStored: (Fingerprint, Int) -> Bool
  ) -> [ByteSource]? {
    var room = limit
    var prints: [BufferKey: Fingerprint] = [:]
    var recut: [BufferKey: RecutBuffer] = [:]
    var copies: [BufferKey: ByteSource] = [:]
    for buffer in buffers {
      let key = BufferKey(of: buffer)
      guard prints[key] == nil else { continue }
      let print = print(of: buffer)
      prints[key] = print
      if isStored(print, buffer.count) { continue }
      if let changed = self.recut(buffer) {
        // What is written meanwhile may be in some of its pieces and not in others.
        guard let sight = long[key], memory.isUnchanged(buffer, since: sight) else { return nil }
        recut[key] = changed
        room -= changed.byteCount
      } else if buffer.count <= room {
        copies[key] = ByteSource(copying: buffer)
        room -= buffer.count
      } else {
        return nil
      }
      guard room >= 0 else { return nil }
    }
    self.recut = recut
    short = prints
    for (key, copy) in copies {
      let place = BufferKey(of: copy)
      short[place] = prints[key]
      long[place] = long[key]
    }
    gone = Set(prints.keys).subtracting(copies.keys)
    return buffers.map { copies[BufferKey(of: $0)] ?? $0 }
  }
}
