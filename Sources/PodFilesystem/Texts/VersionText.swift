public import PodModel
import PodPickle
public import PodStore
import PodText

/// Returns the text of a version, for reading and for `diff`: the same bytes in any process.
///
/// No pickle is run. A file that is kept as bytes but is a pickle is shown as one.
///
/// - Parameters:
///   - name: what paths begin with; without one, the name that the version was made under, wherever it
///     is bound now.
///   - limit: the most bytes of text, about; of longer values the middle is told in digests.
public func versionText(
  of version: Version, named name: VariableName? = nil, in store: Store, limit: Int = 64 << 20
) throws(StoreError) -> [UInt8] {
  try versionText(of: version, named: name, in: store, limit: limit, StoredBlobs(store))
}

/// Returns the text of a version; its bytes are read through `blobs`.
func versionText(
  of version: Version, named name: VariableName? = nil, in store: Store, limit: Int,
  _ blobs: StoredBlobs
) throws(StoreError) -> [UInt8] {
  let given = if let name { name } else { try store.originalName(of: version.id) }
  let name = given?.text ?? ""
  if version.content.form == .pickle {
    let graph = try store.graph(of: version)
    return try blobs.run { blobs throws(BlobError) in
      try renderText(graph, root: 0, name: name, limit: limit, blobs: blobs)
    }
  }
  let content = try store.open(version)
  let bytes = try content.read(at: 0, count: Int(min(content.size, Int64(limit) + 1)))
  let graph = version.summary.type == "file" || bytes.count < content.size ? nil : scan(bytes)
  return try blobs.run { blobs throws(BlobError) in
    if let graph {
      return try renderText(graph, root: 0, name: name, limit: limit, blobs: blobs)
    }
    return try renderText(raw: bytes, limit: limit, blobs: blobs)
  }
}

/// Returns the objects of a file's bytes, if these are a pickle.
func scan(_ bytes: [UInt8]) -> ObjectGraph? {
  do { return try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(bytes))]) } catch {
    return nil
  }
}
