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
}
