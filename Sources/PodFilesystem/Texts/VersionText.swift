public import PodModel
import PodPickle
public import PodStore
import PodText

/// Returns the text of a version, for reading and for `diff`: the same bytes in any process.
///
/// No pickle is run. A file that is kept as bytes but is a pickle is shown as one, and a file that
/// begins with pickles as these, one after the other, and the rest.
///
/// - Parameters:
///   - name: what paths begin with; without one, the name that the version was made under, wherever it
///     is bound now.
///   - limit: the most bytes of text, about; of longer values the middle is told in digests.
public func versionText(
  of version: Version, named name: VariableName? = nil, in store: Store, limit: Int = 64 << 20
) throws(StoreError) -> [UInt8] {
  let given = if let name { name } else { try store.originalName(of: version.id) }
  return try versionText(
    of: version, named: given?.text ?? "", in: store, limit: limit, StoredBlobs(store))
}

/// Returns the text of a version; its bytes are read through `blobs`, and with a lease though its
/// commits were removed.
func versionText(
  of version: Version, named name: String, in store: Store, under lease: Lease? = nil, limit: Int,
  _ blobs: StoredBlobs
) throws(StoreError) -> [UInt8] {
  if version.content.form == .pickle {
    let graph = try store.graph(of: version, under: lease) { () throws(StoreError) in
      try blobs.run { blobs throws(BlobError) in try blobs.checkIsWanted() }
    }
    return try blobs.run { blobs throws(BlobError) in
      try renderText(graph, root: 0, name: name, limit: limit, blobs: blobs)
    }
  }
  let file = Blob(count: Int(version.summary.size), pod: version.content.pod)
  return try blobs.run { blobs throws(BlobError) in
    if try beginsLikePickle(file, blobs), file.count <= limit {
      let bytes = try blobs.bytes(of: file, in: 0..<file.count)
      if let text = try picklesText(bytes, name: name, limit: limit, blobs) { return text }
    }
    return try renderFile(file, limit: limit, blobs: blobs)
  }
}

private func beginsLikePickle(_ file: Blob, _ blobs: any BlobSource) throws(BlobError) -> Bool {
  guard file.count > 0 else { return false }
  return try blobs.bytes(of: file, in: 0..<1)[0] == 0x80
}

/// Returns the text of a file that begins with a pickle; nil if it does not.
///
/// What follows the first pickle is shown with a heading for each part, so nothing of the file is
/// hidden.
private func picklesText(
  _ bytes: [UInt8], name: String, limit: Int, _ blobs: any BlobSource
) throws(BlobError) -> [UInt8]? {
  let source = ByteSource(bytes)
  var text: [UInt8] = []
  var offset = 0
  while offset < bytes.count, text.count < limit, let (graph, end) = scan(source, from: offset) {
    let value = try renderText(
      graph, root: 0, name: name, limit: limit - text.count, blobs: blobs)
    if end - offset == bytes.count { return value }
    text += "<pickle, \(end - offset) bytes>\n".utf8
    text += value
    offset = end
    try blobs.checkIsWanted()
  }
  guard offset > 0 else { return nil }
  guard offset < bytes.count else { return text }
  text += "<no pickle, \(bytes.count - offset) bytes>\n".utf8
  return text
    + (try renderFile(Array(bytes[offset...]), limit: max(0, limit - text.count), blobs: blobs))
}

private func scan(_ source: ByteSource, from offset: Int) -> (graph: ObjectGraph, end: Int)? {
  do { return try ObjectGraph.scan(source, from: offset) } catch { return nil }
}

/// Returns the objects of a file's bytes, if these are a pickle.
func scan(_ bytes: [UInt8]) -> ObjectGraph? {
  do { return try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(bytes))]) } catch {
    return nil
  }
}
