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
    if version.summary.type != "file", file.count <= limit,
      let graph = scan(try blobs.bytes(of: file, in: 0..<file.count))
    {
      return try renderText(graph, root: 0, name: name, limit: limit, blobs: blobs)
    }
    return try renderFile(file, limit: limit, blobs: blobs)
  }
}

/// Returns the objects of a file's bytes, if these are a pickle.
func scan(_ bytes: [UInt8]) -> ObjectGraph? {
  do { return try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(bytes))]) } catch {
    return nil
  }
}
