import PodPickle

/// What one capture saw of the buffers it stores.
///
/// A buffer should stay as it is while it is captured, but nobody can keep a thread of C from writing
/// into it. Then what was stored is not what the fingerprint is of, and must not be taken for it
/// later: ``isSteady`` tells.
final class BufferSights {
  private let memory = BufferMemory.current
  private let long: [BufferKey: BufferSight]
  /// Whether each buffer was the same when its fingerprint was taken and after it was stored.
  private(set) var isSteady = true

  /// Looks at the long ones of some buffers.
  init(of buffers: [ByteSource]) {
    long = memory.look(at: buffers.filter { $0.count >= BufferMemory.minimumCount })
  }

  /// The fingerprint of a range of a source.
  func print(of source: ByteSource, _ range: Range<Int>) -> Fingerprint {
    sight(of: source, range)?.print ?? Fingerprint(of: source, range)
  }

  /// What was seen of a long buffer.
  func sight(of source: ByteSource, _ range: Range<Int>) -> BufferSight? {
    range == 0..<source.count ? long[BufferKey(of: source)] : nil
  }

  /// Whether the bytes that `print` was taken of are there still; notes it if not.
  func isSteady(_ source: ByteSource, _ range: Range<Int>, _ print: Fingerprint) -> Bool {
    let isSame =
      sight(of: source, range).map { memory.isUnchanged(source, since: $0) } ?? false
      || Fingerprint(of: source, range) == print
    if !isSame { isSteady = false }
    return isSame
  }

  /// See ``BufferMemory/cut(of:seen:)``.
  func cut(of source: ByteSource) -> (CutBuffer, [Range<Int>])? {
    sight(of: source, 0..<source.count).flatMap { memory.cut(of: source, seen: $0) }
  }

  /// See ``BufferMemory/note(_:of:for:seen:)``.
  func note(_ stretches: [Blob.Stretch], of blob: Blob, for source: ByteSource) {
    guard let sight = sight(of: source, 0..<source.count) else { return }
    memory.note(stretches, of: blob, for: source, seen: sight)
  }
}
