import Glibc
import PodModel
import PodPickle
import PodStore

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
    let changes = try changes(of: commit, in: session)
    let names = changes.keys.sorted()
    let before = try parent.map { try manifest(of: $0, in: session, names: names) } ?? Manifest()
    return Changes(names, from: before, to: Manifest(changes.compactMapValues { $0 }))
  }
}

extension Store {
  /// Returns what to do about a store that others than its owner may enter, or nil.
  func privacyWarning() throws -> String? {
    try isPrivate() ? nil : "others may enter the store; 'chmod 700 \(path)' keeps them out"
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

  /// Makes a file outside of the store, or what a pipe gives, a version of a variable.
  func copy(fileAt path: String, as name: VariableName, in session: SessionID) throws {
    switch try Path.kind(of: path) {
    case .directory:
      throw CommandError.failed("'\(path)' is a directory; a variable is one file, give its path")
    case .other:
      let bytes = try Descriptor(opening: path, O_RDONLY, to: "read").readToEnd()
      _ = try seal(ByteSource(bytes), as: name, in: session)
    case .file, nil:
      _ = try seal(fileAt: path, as: name, in: session)
    }
  }

  /// The first line of a commit's message, or of its code if there is none.
  func title(of commit: Commit, in session: SessionID) throws -> String {
    let text =
      commit.message.isEmpty
      ? try cell(of: commit.number, in: session)?.source ?? "" : commit.message
    return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }
}
