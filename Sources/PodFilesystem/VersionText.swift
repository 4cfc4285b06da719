public import PodModel
import PodPickle
public import PodStore
import PodText

/// Returns the text of a version, for reading and for `diff`: the same bytes in any process.
///
/// No pickle is run. A file that is kept as bytes but is a pickle is shown as one.
///
/// - Parameters:
///   - name: what the variable is called in paths.
///   - limit: the most bytes of text, about; of longer values the middle is told in digests.
public func versionText(
  of version: Version, named name: VariableName, in store: Store, limit: Int = 64 << 20
) throws(StoreError) -> [UInt8] {
  let blobs = StoredBlobs(store)
  if version.content.form == .pickle {
    let graph = try store.graph(of: version)
    return try blobs.run { blobs throws(BlobError) in
      try renderText(graph, root: 0, name: name.text, limit: limit, blobs: blobs)
    }
  }
  let content = try store.open(version)
  let bytes = try content.read(at: 0, count: Int(min(content.size, Int64(limit) + 1)))
  let graph = version.summary.type == "file" || bytes.count < content.size ? nil : scan(bytes)
  return try blobs.run { blobs throws(BlobError) in
    if let graph {
      return try renderText(graph, root: 0, name: name.text, limit: limit, blobs: blobs)
    }
    return try renderText(raw: bytes, limit: limit, blobs: blobs)
  }
}

private func scan(_ bytes: [UInt8]) -> ObjectGraph? {
  do { return try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(bytes))]) } catch {
    return nil
  }
}
