import Glibc
import PodModel
import PodPickle
import PodStore
import PodText

extension Store {
  /// Returns the branches and tags that name each commit, as they are typed, branches first.
  func references(of session: SessionID) throws -> [CommitNumber: [String]] {
    let branches = try branches(of: session).sorted { $0.key < $1.key }
    let tags = try tags(of: session).sorted { $0.key < $1.key }
    return Dictionary(grouping: branches + tags, by: \.value).mapValues { $0.map(\.key.text) }
  }

  /// Returns what a commit changed against its first parent.
  func changes(
    from parent: CommitNumber?, to commit: CommitNumber, in session: SessionID
  ) throws -> Changes {
    let names = try changes(of: commit, in: session).keys.sorted()
    let before = try parent.map { try manifest(of: $0, in: session) } ?? Manifest()
    return Changes(names, from: before, to: try manifest(of: commit, in: session))
  }
}

extension Store {
  /// Hands the bytes of a version's file to `body`, a piece after the other.
  func copyBytes(of version: Version, to body: (_ bytes: [UInt8]) throws -> Void) throws {
    let content = try open(version)
    var offset: Int64 = 0
    while offset < content.size {
      let bytes = try content.read(at: offset, count: 1 << 20)
      try body(bytes)
      offset += Int64(bytes.count)
    }
  }

  /// Returns a version as text, as the mount's `text/` shows it.
  func text(of version: Version, called name: VariableName) throws -> [UInt8] {
    let limit = 64 << 20
    switch version.content.form {
    case .raw:
      let bytes = try open(version).read(at: 0, count: limit + 1)
      return renderText(raw: bytes, limit: limit)
    case .pickle:
      return try renderText(
        graph(of: version), root: version.root, name: name.text, limit: limit
      ) { blob throws(StoreError) in try bytes(of: blob) }
    }
  }

  /// Makes a file outside of the store a version of a variable of a workspace.
  func seal(fileAt path: String, as name: VariableName, in session: SessionID) throws {
    if try Path.kind(of: path) == .directory {
      throw CommandError.failed("'\(path)' is a directory; a variable is one file, give its path")
    }
    let bytes = try Descriptor(opening: path, O_RDONLY, to: "read").readToEnd()
    _ = try seal(ByteSource(bytes), as: name, in: session)
  }
}
