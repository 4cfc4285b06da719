/// The formats of images, with the dimensions that their headers tell.
enum ImageFormat {
  /// Returns what an image is; nil if `head`, which the file begins with, is of something else.
  static func name(of file: Payload, _ head: [UInt8]) throws(BlobError) -> String? {
    if head.begins(0x89) && head.has("PNG\r\n\u{1a}\n", at: 1) {
      let size = head.has("IHDR", at: 12) ? Self.size(head, at: 16, 20, 4, isBigEndian: true) : nil
      return named("PNG", size)
    }
    if head.has("GIF87a") || head.has("GIF89a") { return named("GIF", size(head, at: 6, 8, 2)) }
    if head.begins(0xff, 0xd8, 0xff) { return named("JPEG", try jpegSize(of: file)) }
    if head.has("RIFF") && head.has("WEBP", at: 8) { return named("WebP", webPSize(head)) }
    if head.has("II*\0") || head.has("MM\0*") { return named("TIFF", try tiffSize(of: file, head)) }
    if head.has("BM"), let count = head.number(at: 14, 4),
      [12, 40, 52, 56, 64, 108, 124].contains(count)
    {
      return named("BMP", count == 12 ? size(head, at: 18, 20, 2) : bitmapSize(head))
    }
    if head.has("ftypavif", at: 4) { return "AVIF image" }
    if head.has("ftyphei", at: 4) { return "HEIF image" }
    if head.begins(0, 0, 1, 0) { return "icon" }
    return nil
  }

  private typealias Size = (width: Int, height: Int)

  private static func named(_ format: String, _ size: Size?) -> String {
    guard let size else { return "\(format) image" }
    return "\(format) image, \(size.width) x \(size.height)"
  }

  private static func size(
    _ bytes: [UInt8], at x: Int, _ y: Int, _ width: Int, isBigEndian: Bool = false
  ) -> Size? {
    guard let first = bytes.number(at: x, width, isBigEndian: isBigEndian),
      let second = bytes.number(at: y, width, isBigEndian: isBigEndian)
    else { return nil }
    return (first, second)
  }

  /// Of an image from the top down the height is negative.
  private static func bitmapSize(_ head: [UInt8]) -> Size? {
    guard let size = size(head, at: 18, 22, 4) else { return nil }
    let height = Int32(truncatingIfNeeded: size.height).magnitude
    return (size.width, Int(height))
  }

  private static func webPSize(_ head: [UInt8]) -> Size? {
    if head.has("VP8 ", at: 12), let size = size(head, at: 26, 28, 2) {
      return (size.width & 0x3fff, size.height & 0x3fff)
    }
    if head.has("VP8L", at: 12), let bits = head.number(at: 21, 4) {
      return (bits & 0x3fff + 1, bits >> 14 & 0x3fff + 1)
    }
    if head.has("VP8X", at: 12), let size = size(head, at: 24, 27, 3) {
      return (size.width + 1, size.height + 1)
    }
    return nil
  }

  /// Goes from segment to segment up to the one that has the size.
  private static func jpegSize(of file: Payload) throws(BlobError) -> Size? {
    var offset = 2
    // Files have some dozens.
    for _ in 0..<1000 {
      guard let segment = try file.bytes(at: offset, count: 9), segment[0] == 0xff else {
        return nil
      }
      if segment[1] == 0xff {
        offset += 1
        continue
      }
      let isFrame = (0xc0...0xcf).contains(segment[1]) && ![0xc4, 0xc8, 0xcc].contains(segment[1])
      if isFrame, let size = size(segment, at: 7, 5, 2, isBigEndian: true) { return size }
      guard let count = segment.number(at: 2, 2, isBigEndian: true), count >= 2 else { return nil }
      offset += 2 + count
    }
    return nil
  }

  /// Reads the first directory.
  private static func tiffSize(of file: Payload, _ head: [UInt8]) throws(BlobError) -> Size? {
    let isBig = head.has("MM")
    guard let start = head.number(at: 4, 4, isBigEndian: isBig),
      let count = try file.bytes(at: start, count: 2)?.number(at: 0, 2, isBigEndian: isBig),
      let entries = try file.bytes(at: start + 2, count: 12 * count)
    else { return nil }
    var (width, height): (Int?, Int?) = (nil, nil)
    for entry in stride(from: 0, to: entries.count, by: 12) {
      let isShort = entries.number(at: entry + 2, 2, isBigEndian: isBig) == 3
      let value = entries.number(at: entry + 8, isShort ? 2 : 4, isBigEndian: isBig)
      switch entries.number(at: entry, 2, isBigEndian: isBig) {
      case 256: width = value
      case 257: height = value
      default: break
      }
    }
    guard let width, let height else { return nil }
    return (width, height)
  }
}
