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
    let kind = try Path.kind(ofOutside: path)
    if kind == .directory {
      throw CommandError.failed("'\(path)' is a directory; a variable is one file, give its path")
    }
    let file = try FileIdentity.asCaller { () throws(CommandError) in
      try Descriptor(opening: path, O_RDONLY, to: "read")
    }
    if kind == .other {
      _ = try seal(ByteSource(file.readToEnd()), as: name, in: session)
    } else {
      _ = try seal(fileOpenedAs: file.number, path: path, as: name, in: session)
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
