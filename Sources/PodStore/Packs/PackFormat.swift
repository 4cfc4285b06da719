import PodModel

/// How the bytes of a pod are kept.
enum Codec: Int64 {
  /// As they are.
  case raw = 0
  /// In zlib format.
  case zlib = 1
  /// As the difference from another pod, the base: the first 8 bytes of its name, then a
  /// ``Delta``.
  case delta = 2
}

/// Where a pod's bytes are.
struct PodLocation: Hashable {
  /// The pack: its row, or in a writer its index among the writer's packs.
  var pack: Int64
  /// The position of the first stored byte in the pack's file.
  var position: Int64
  /// The number of stored bytes.
  var storedCount: Int
  /// The number of bytes of the pod.
  var count: Int
  /// How the bytes are kept.
  var codec: Codec
}

/// The layout of a pack, the file that holds pods.
///
///     pack   = "podfs pack 1\n" NUL NUL NUL, record*
///     record = codec:u8        0xD0 as it is, 0xD1 zlib, 0xD2 delta
///              stored:varint   the number of stored bytes
///              count:varint    the number of bytes of the pod; not there for one that is kept as it is
///              stored bytes
///
/// A varint is unsigned LEB128. The database knows where each pod begins. The records, one after the
/// other, say the same again, and the name of a pod is the SHA-256 of its bytes, so that the index
/// can be made anew of the packs. Bytes behind the last record that the index knows are garbage that
/// a writer left; nothing reads them.
enum PackFormat {
  /// What a pack begins with.
  static let header = [UInt8]("podfs pack 1\n\0\0\0".utf8)

  /// There are never more bytes in front of a pod's stored bytes.
  static let recordHeaderLimit = 1 + 10 + 10

  /// A pack with this many bytes takes no more pods.
  static let sizeLimit: Int64 = 256 << 20

  private static let mark: UInt8 = 0xd0

  /// The number of bytes in front of the stored bytes of a pod.
  static func recordHeaderCount(of location: PodLocation) -> Int {
    var header: [UInt8] = []
    appendRecordHeader(
      codec: location.codec, storedCount: location.storedCount, count: location.count, to: &header)
    return header.count
  }

  /// Reads what stands in front of a pod's stored bytes at `position` of a file; nil if no record is
  /// there.
  static func location(
    ofRecordAt position: Int64, in file: borrowing File, pack: Int64
  ) throws(StoreError) -> PodLocation? {
    let bytes = try file.read(recordHeaderLimit, at: position)
    var rest = bytes[...]
    guard let first = rest.popFirst(), first & 0xf0 == mark,
      let codec = Codec(rawValue: Int64(first & 0x0f)), let stored = rest.popVarint()
    else { return nil }
    guard let count = codec == .raw ? stored : rest.popVarint(),
      max(stored, count) <= PodLimits.byteLimit
    else { return nil }
    return PodLocation(
      pack: pack, position: position + Int64(bytes.count - rest.count), storedCount: stored,
      count: count, codec: codec)
  }

  /// Appends what stands in front of a pod's stored bytes.
  static func appendRecordHeader(
    codec: Codec, storedCount: Int, count: Int, to buffer: inout [UInt8]
  ) {
    buffer.append(mark | UInt8(codec.rawValue))
    buffer.append(varint: storedCount)
    if codec != .raw { buffer.append(varint: count) }
  }
}
