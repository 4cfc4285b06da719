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
///   - limit: the most bytes of text, about; longer values are cut, and say so.
public func versionText(
  of version: Version, named name: VariableName, in store: Store, limit: Int = 64 << 20
) throws(StoreError) -> [UInt8] {
  if version.content.form == .pickle {
    return try text(of: store.graph(of: version), root: 0, name, store, limit)
  }
  let content = try store.open(version)
  let bytes = try content.read(at: 0, count: Int(min(content.size, Int64(limit) + 1)))
  if version.summary.type != "file", bytes.count == content.size,
    let graph = scan(bytes)
  {
    return try text(of: graph, root: 0, name, store, limit)
  }
  return renderText(raw: bytes, limit: limit)
}

private func text(
  of graph: ObjectGraph, root: Int, _ name: VariableName, _ store: Store, _ limit: Int
) throws(StoreError) -> [UInt8] {
  try renderText(graph, root: root, name: name.text, limit: limit) { blob throws(StoreError) in
    try store.bytes(of: blob)
  }
}

private func scan(_ bytes: [UInt8]) -> ObjectGraph? {
  do { return try ObjectGraph.scan([ObjectGraph.Part(stream: ByteSource(bytes))]) } catch {
    return nil
  }
}
