/// The formats of files that are known by how they begin.
enum FileFormat {
  /// Returns what a file is, as far as its first bytes tell; nil if they do not.
  static func name(of file: Payload) throws(BlobError) -> String? {
    let head = try file.head(512)
    if let image = try ImageFormat.name(of: file, head) { return image }
    if let format = binary(head) ?? scientific(head) ?? packed(head) ?? media(head) {
      return format
    }
    return nil
  }

  private static func binary(_ head: [UInt8]) -> String? {
    if head.has("%PDF-") { return "PDF document" }
    if head.has("SQLite format 3\0") { return "SQLite database" }
    if head.begins(0x7f, 0x45, 0x4c, 0x46) { return "ELF program" }
    if head.has("\0asm") { return "WebAssembly program" }
    if head.begins(0x93) && head.has("NUMPY", at: 1) { return "array of numpy" }
    return nil
  }

  private static func scientific(_ head: [UInt8]) -> String? {
    if head.has("PAR1") { return "Parquet table" }
    if head.has("ARROW1") { return "Arrow table" }
    if head.has("FEA1") { return "Feather table" }
    if head.has("ORC") { return "ORC table" }
    if head.has("Obj\u{1}") { return "Avro table" }
    if head.begins(0x89) && head.has("HDF\r\n\u{1a}\n", at: 1) { return "HDF5 file" }
    if head.has("CDF\u{1}") || head.has("CDF\u{2}") || head.has("CDF\u{5}") { return "NetCDF file" }
    if head.has("MATLAB 5.0 MAT-file") { return "MATLAB file" }
    if head.has("SIMPLE  =") { return "FITS file" }
    return nil
  }

  private static func packed(_ head: [UInt8]) -> String? {
    if head.has("PK\u{3}\u{4}") || head.has("PK\u{5}\u{6}") { return "ZIP archive" }
    if head.begins(0x1f, 0x8b, 8) { return "gzip file" }
    if head.has("BZh") && head.has("1AY&SY", at: 4) { return "bzip2 file" }
    if head.begins(0xfd) && head.has("7zXZ\0", at: 1) { return "xz file" }
    if head.begins(0x28, 0xb5, 0x2f, 0xfd) { return "Zstandard file" }
    if head.begins(0x04, 0x22, 0x4d, 0x18) { return "LZ4 file" }
    if head.begins(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c) { return "7-Zip archive" }
    if head.has("ustar", at: 257) { return "tar archive" }
    return nil
  }

  private static func media(_ head: [UInt8]) -> String? {
    if head.has("RIFF") && head.has("WAVE", at: 8) { return sound(head) }
    if head.has("RIFF") && head.has("AVI ", at: 8) { return "AVI video" }
    if head.has("ftyp", at: 4) { return head.has("M4A", at: 8) ? "MP4 audio" : "MP4 video" }
    if head.begins(0x1a, 0x45, 0xdf, 0xa3) { return "Matroska video" }
    if head.has("OggS") { return "Ogg file" }
    if head.has("fLaC") { return "FLAC audio" }
    if head.has("ID3") || head.begins(0xff, 0xfb) { return "MP3 audio" }
    if head.has("wOFF") || head.has("wOF2") { return "WOFF font" }
    if head.begins(0, 1, 0, 0, 0) || head.has("OTTO") { return "font" }
    return nil
  }

  private static func sound(_ head: [UInt8]) -> String {
    guard head.has("fmt ", at: 12), let channels = head.number(at: 22, 2),
      let rate = head.number(at: 24, 4), let bits = head.number(at: 34, 2)
    else { return "WAV audio" }
    return "WAV audio, \(channels) x \(bits) bits at \(rate) Hz"
  }
}
