public import PodModel

extension Store {
  /// Returns what rows tell of each root of a content.
  public func summaries(of content: ContentID) throws(StoreError) -> [ValueSummary] {
    throw .notBuilt
  }
}
