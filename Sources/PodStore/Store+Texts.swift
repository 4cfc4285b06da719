public import PodModel

/// What the text of a version depends on besides the version itself.
public struct TextForm: Hashable, Sendable {
  /// The number of the renderer: one with another number may make another text.
  public let renderer: Int64
  /// The most bytes of text that are shown in full.
  public let limit: Int64

  /// Creates a form from its parts.
  public init(renderer: Int64, limit: Int64) {
    self.renderer = renderer
    self.limit = limit
  }
}

extension Store {
  /// Returns the name that a version was made under; nil if nothing ever bound it, or it is gone.
  ///
  /// It stays what it is when the version is bound to another name, and when its first commits are
  /// removed.
  public func originalName(of version: VersionID) throws(StoreError) -> VariableName? {
    try engine.withReader { connection throws(StoreError) in
      try connection.originalName(of: version)
    }
  }

  /// Returns the size of each version's text, or nil where nobody kept it.
  public func textSizes(
    of versions: [VersionID], as form: TextForm
  ) throws(StoreError) -> [Int64?] {
    try engine.withReader { connection throws(StoreError) in
      try connection.textSizes(of: versions, as: form)
    }
  }

  /// Keeps the sizes of texts; versions that are gone are passed over.
  public func keepTextSizes(
    _ sizes: [VersionID: Int64], as form: TextForm
  ) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      try connection.keepTextSizes(sizes, as: form)
    }
  }

  /// Returns which of the last `count` versions that came after one have no size of their text, the
  /// newest first, and the last version of all.
  public func versionsWithoutTextSize(
    as form: TextForm, after version: VersionID = VersionID(row: 0), count: Int
  ) throws(StoreError) -> (versions: [VersionID], last: VersionID) {
    let (versions, last) = try engine.read { connection throws(StoreError) in
      try connection.versionsWithoutTextSize(as: form, after: version.row, count: Int64(count))
    }
    return (versions, VersionID(row: last))
  }
}
