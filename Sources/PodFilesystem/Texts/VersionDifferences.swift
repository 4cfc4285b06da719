public import PodModel
import PodPickle
public import PodStore
public import PodText

/// Returns what differs between two versions; nothing if they hold the same.
///
/// No pickle is run. Only what may differ is read. Files that are no pickles are compared as texts.
///
/// - Parameters:
///   - name: what the variable is called in paths.
///   - limit: how many differences are told; all are counted.
///   - isBrief: whether it is enough to know that there is one.
public func versionDifferences(
  from before: Version, to after: Version, named name: VariableName, in store: Store, limit: Int,
  isBrief: Bool = false
) throws(StoreError) -> Differences {
  let blobs = StoredBlobs(store)
  if let graph = try comparableGraph(of: before, in: store),
    let other = try comparableGraph(of: after, in: store)
  {
    return try blobs.run { blobs throws(BlobError) in
      try differences(
        from: ComparedValue(graph, root: 0, blobs: blobs),
        to: ComparedValue(other, root: 0, blobs: blobs),
        name: name.text, limit: limit, isBrief: isBrief)
    }
  }
  return differences(
    fromText: ByteSource(try versionText(of: before, named: name, in: store)),
    to: ByteSource(try versionText(of: after, named: name, in: store)),
    name: name.text, limit: limit)
}

/// Returns the objects of a version, or nil if it is a file of something else, or a huge one.
private func comparableGraph(
  of version: Version, in store: Store
) throws(StoreError) -> ObjectGraph? {
  if version.content.form == .pickle { return try store.graph(of: version) }
  let content = try store.open(version)
  guard version.summary.type != "file", content.size <= 64 << 20 else { return nil }
  return scan(try content.read(at: 0, count: Int(content.size)))
}
