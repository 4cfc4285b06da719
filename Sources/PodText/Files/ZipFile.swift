import PodPickle

/// The members of a ZIP archive, as its central directory lists them.
struct ZipFile {
  /// A file in the archive.
  struct Member {
    let name: [UInt8]
    let method: Int
    let checksum: Int
    /// The number of bytes in the archive, and of the file.
    let packedCount: Int
    let count: Int
    /// Where its own header begins.
    let offset: Int

    /// What is told of it on one line.
    var summary: String {
      let name = String(decoding: PythonText.text(of: .string(name)), as: UTF8.self)
      let digits = String(checksum, radix: 16)
      let padding = String(repeating: "0", count: max(0, 8 - digits.count))
      return "\(name), \(count) bytes, CRC \(padding)\(digits)"
    }
  }

  /// A longer directory is not read.
  private static let directoryLimit = 16 << 20
  /// The record at the end may have a comment of so many bytes behind it.
  private static let commentLimit = 1 << 16

  let members: [Member]
  private let file: Payload

  /// Reads the directory; nil if `file` is no archive, or a broken one.
  init?(_ file: Payload) throws(BlobError) {
    self.file = file
    guard try file.head(2).has("PK"), let place = try Self.directory(of: file),
      place.count <= Self.directoryLimit,
      let bytes = try file.bytes(at: place.offset, count: place.count)
    else { return nil }
    var members: [Member] = []
    var offset = 0
    while offset < bytes.count {
      guard let (member, end) = Self.member(in: bytes, at: offset) else { return nil }
      members.append(member)
      offset = end
    }
    self.members = members
  }

  /// Finds the directory by the record at the end of the file.
  private static func directory(
    of file: Payload
  ) throws(BlobError) -> (offset: Int, count: Int)? {
    let start = max(0, file.count - commentLimit - 22)
    let end = try file.bytes(in: start..<file.count)
    for index in stride(from: end.count - 22, through: 0, by: -1)
    where end[index] == UInt8(ascii: "P") && end.has("PK\u{5}\u{6}", at: index) {
      guard let count = end.number(at: index + 12, 4), let offset = end.number(at: index + 16, 4)
      else { return nil }
      if offset < 0xffff_ffff { return (offset, count) }
      // Of a long archive the numbers stand in a record of their own, and where that is, before this.
      guard end.has("PK\u{6}\u{7}", at: index - 20), index >= 20,
        let place = end.number(at: index - 12, 8),
        let record = try file.bytes(at: place, count: 56), record.has("PK\u{6}\u{6}"),
        let longCount = record.number(at: 40, 8), let longOffset = record.number(at: 48, 8)
      else { return nil }
      return (longOffset, longCount)
    }
    return nil
  }

  private static func member(in bytes: [UInt8], at start: Int) -> (Member, end: Int)? {
    guard bytes.has("PK\u{1}\u{2}", at: start), let method = bytes.number(at: start + 10, 2),
      let checksum = bytes.number(at: start + 16, 4),
      var packedCount = bytes.number(at: start + 20, 4),
      var count = bytes.number(at: start + 24, 4),
      let nameCount = bytes.number(at: start + 28, 2),
      let extraCount = bytes.number(at: start + 30, 2),
      let commentCount = bytes.number(at: start + 32, 2),
      var offset = bytes.number(at: start + 42, 4)
    else { return nil }
    let name = start + 46
    let extra = name + nameCount
    let end = extra + extraCount + commentCount
    guard end <= bytes.count else { return nil }
    readLong(Array(bytes[extra..<(extra + extraCount)]), &count, &packedCount, &offset)
    let member = Member(
      name: Array(bytes[name..<extra]), method: method, checksum: checksum,
      packedCount: packedCount, count: count, offset: offset)
    return (member, end)
  }

  /// Takes the numbers that do not fit into four bytes from the extra field with the number 1.
  private static func readLong(
    _ extra: [UInt8], _ count: inout Int, _ packedCount: inout Int, _ offset: inout Int
  ) {
    var field = 0
    while let kind = extra.number(at: field, 2), let length = extra.number(at: field + 2, 2) {
      guard kind == 1 else {
        field += 4 + length
        continue
      }
      var next = field + 4
      func take(_ value: inout Int) {
        guard value == 0xffff_ffff, let long = extra.number(at: next, 8) else { return }
        value = long
        next += 8
      }
      take(&count)
      take(&packedCount)
      take(&offset)
      return
    }
  }

  /// Returns where the bytes of a member begin; nil if they are not in the file.
  func start(of member: Member) throws(BlobError) -> Int? {
    guard let header = try file.bytes(at: member.offset, count: 30), header.has("PK\u{3}\u{4}"),
      let nameCount = header.number(at: 26, 2), let extraCount = header.number(at: 28, 2)
    else { return nil }
    let start = member.offset + 30 + nameCount + extraCount
    guard start <= file.count, member.packedCount <= file.count - start else { return nil }
    return start
  }

  // MARK: Arrays

  /// Whether it is what `numpy.savez` writes.
  var isOfArrays: Bool {
    !members.isEmpty && members.allSatisfy { $0.name.suffix(4).elementsEqual(".npy".utf8) }
  }

  /// Shows each member that is an array as such.
  func appendArrays(to output: inout TextOutput, _ blobs: any BlobSource) throws(BlobError) {
    // What is unpacked, in all: a small archive may hold a great deal.
    var room = output.limit
    for member in members {
      let name = String(
        decoding: PythonText.text(of: .string(Array(member.name.dropLast(4)))), as: UTF8.self)
      guard let array = try array(member, &room, blobs) else {
        output.line(member.summary)
        continue
      }
      output.line("\(name): \(array.heading)")
      try array.appendLines(indentation: 2, to: &output)
    }
  }

  private func array(
    _ member: Member, _ room: inout Int, _ blobs: any BlobSource
  ) throws(BlobError) -> (any LinedValue)? {
    guard let start = try start(of: member) else { return nil }
    switch member.method {
    case 0 where member.count == member.packedCount:
      return try NumpyFile.array(in: file, start..<(start + member.count))
    case 8 where member.count <= room && member.packedCount <= room:
      let packed = try file.bytes(in: start..<(start + member.packedCount))
      room -= member.count
      guard let bytes = blobs.inflate(packed, count: member.count) else { return nil }
      return try NumpyFile.array(in: .memory(bytes))
    default: return nil
    }
  }
}
