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
///     record = "PODR"               4 bytes
///              codec                1 byte: 0 as it is, 1 zlib, 2 delta
///              zeros                3 bytes
///              stored count         4 bytes
///              count                4 bytes
///              name of the pod     32 bytes
///              stored bytes        as many as the stored count says
///
/// Integers are little endian. The database knows where each pod begins. The records say the same
/// again, so that the index can be made anew of the packs. Bytes behind the last record that the
/// index knows are garbage that a writer left; nothing reads them.
enum PackFormat {
  /// What a pack begins with.
  static let header = [UInt8]("podfs pack 1\n\0\0\0".utf8)

  /// The number of bytes in front of a pod's stored bytes.
  static let recordHeaderCount = 48

  /// A pack with this many bytes takes no more pods.
  static let sizeLimit: Int64 = 256 << 20

  private static let mark = [UInt8]("PODR".utf8)

  /// Appends what stands in front of a pod's stored bytes.
  static func appendRecordHeader(
    _ id: PodID, codec: Codec, storedCount: Int, count: Int, to buffer: inout [UInt8]
  ) {
    buffer.append(contentsOf: mark)
    buffer.append(littleEndian: UInt32(codec.rawValue))
    buffer.append(littleEndian: UInt32(storedCount))
    buffer.append(littleEndian: UInt32(count))
    for index in 0..<4 { buffer.append(littleEndian: id.words[index].byteSwapped) }
  }
}
