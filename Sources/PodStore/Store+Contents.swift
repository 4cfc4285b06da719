public import PodModel

extension Store {
  /// Returns what rows tell of each root of a content; throws `podNotFound` if nothing has it.
  public func summaries(of content: ContentID) throws(StoreError) -> [ValueSummary] {
    let summaries = try engine.read { connection throws(StoreError) in
      try connection.summaries(of: content)
    }
    if summaries.isEmpty { throw .podNotFound(content.pod) }
    return summaries
  }

  /// Returns the version whose row has this key, or nil if there is none.
  public func version(_ id: VersionID) throws(StoreError) -> Version? {
    try engine.read { connection throws(StoreError) in try connection.version(id) }
  }
}
