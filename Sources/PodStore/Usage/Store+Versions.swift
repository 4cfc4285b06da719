public import PodModel
import PodPickle

/// What one version takes, and what its bytes are.
extension Store {
  /// Returns the SHA-256 of the bytes of a version's file, as `sha256sum` tells it.
  ///
  /// All of it is read, a piece after the other.
  public func digest(of version: Version) throws(StoreError) -> String {
    let content = try open(version)
    var digest = Digest()
    var offset: Int64 = 0
    while offset < content.size {
      let bytes = try content.read(at: offset, count: 1 << 20)
      digest.update(bytes)
      offset += Int64(bytes.count)
    }
    return "\(digest.finish())"
  }

  /// Returns the number of pods that a content is made of.
  ///
  /// Those that name others are read, the others are not.
  public func podCount(of content: ContentID) throws(StoreError) -> Int {
    let engine = engine
    var seen: Set<PodID> = [content.pod]
    var open = [content.pod]
    while let id = open.popLast() {
      let isLeaf = try engine.withReader { connection throws(StoreError) in
        try connection.integer("SELECT leaf FROM pod WHERE id = ?", id) == 1
      }
      if isLeaf { continue }
      let bytes = try engine.bytes(of: id)
      let children: [PodID]
      do { children = try PodFormat.children(of: bytes, named: id) } catch {
        throw .podDamaged(id)
      }
      open += children.filter { seen.insert($0).inserted }
    }
    return seen.count
  }

  /// Returns, for each content that a commit or a workspace has, the stored bytes of the pods that
  /// no other content needs.
  ///
  /// Every pod of the store that names others is read. Memory is about 30 bytes for each pod.
  public func uniqueBytes() throws(StoreError) -> [ContentID: Int64] {
    let engine = engine
    return try engine.whileStill { connection throws(StoreError) in
      let contents = try BoundContents(in: engine, on: connection)
      var owners = PodOwners(contents.graph)
      for (content, node) in contents.nodes.enumerated() {
        owners.add(PodOwners.User(content), to: node)
      }
      var unique: [ContentID: Int64] = [:]
      for id in contents.ids { unique[id] = 0 }
      owners.forEachPod { bytes, user in
        if user >= 0 { unique[contents.ids[Int(user)], default: 0] += bytes }
      }
      return unique
    }
  }
}
