/// Renders a file that is no pickle: text as it is, anything else as a hex dump.
///
/// - Parameter limit: the most bytes of text; what is beyond is counted in the last line.
public func renderText(raw bytes: [UInt8], limit: Int) -> [UInt8] {
  if bytes.count <= limit, !bytes.contains(0), isUTF8(bytes) { return bytes }
  var output = Array("<\(bytes.count) bytes>\n".utf8)
  appendHexDump(of: bytes, indentation: 0, limit: limit, to: &output)
  return output
}

/// Appends lines of 32 bytes in hexadecimal.
///
/// There are no offsets, so that a change of length leaves the lines before it as they are.
func appendHexDump(of bytes: [UInt8], indentation: Int, limit: Int, to output: inout [UInt8]) {
  for start in stride(from: 0, to: bytes.count, by: 32) {
    if output.count > limit {
      output += Array("… and \(bytes.count - start) bytes more\n".utf8)
      return
    }
    output += repeatElement(UInt8(ascii: " "), count: indentation)
    for byte in bytes[start..<min(start + 32, bytes.count)] {
      output.append(PythonText.hexDigit(byte >> 4))
      output.append(PythonText.hexDigit(byte & 15))
    }
    output.append(UInt8(ascii: "\n"))
  }
}

private func isUTF8(_ bytes: [UInt8]) -> Bool {
  String(validating: bytes, as: UTF8.self) != nil
}
