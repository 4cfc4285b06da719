/// Renders a file that is no pickle: text as it is, anything else as a hex dump.
///
/// - Parameter limit: the most bytes of text; of more the beginning and the end are shown.
public func renderText(raw bytes: [UInt8], limit: Int, blobs: any BlobSource) throws(BlobError)
  -> [UInt8]
{
  if bytes.count <= limit, !bytes.contains(0), isUTF8(bytes) { return bytes }
  var output = TextOutput(limit: limit) { blobs.digest(of: $0) }
  output.line("<\(bytes.count) bytes>")
  try output.append(hexDumpOf: .memory(bytes), indentation: 0)
  return output.finish()
}

private func isUTF8(_ bytes: [UInt8]) -> Bool {
  String(validating: bytes, as: UTF8.self) != nil
}
