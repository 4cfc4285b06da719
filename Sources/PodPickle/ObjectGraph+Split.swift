public import PodModel

extension ObjectGraph {
  /// Cuts the values of each group of roots into pods, puts them, and returns for each group the pod
  /// that all of its values hang from.
  ///
  /// Equal values make equal pods. Objects that two groups share are put into the pods of both.
  ///
  /// - Parameters:
  ///   - groups: the roots of each value, and its site.
  ///   - put: gets the canonical form and the site of each pod, children before parents; returns
  ///     its name.
  ///   - putBlob: gets a long text or buffer and its site; returns what `Blob.put` makes of it.
  public func split<E>(
    groups: [(roots: [Int], site: PodSite)], put: ([UInt8], PodSite) throws(E) -> PodID,
    putBlob: (ByteSource, Range<Int>, PodSite) throws(E) -> Blob
  ) throws(E) -> [PodID] {
    var failure: E?
    func attempt<Result>(
      _ body: () throws(E) -> Result
    ) throws(PodEncoder.Failure) -> Result {
      do throws(E) { return try body() } catch {
        failure = error
        throw PodEncoder.Failure()
      }
    }
    let pods: [PodID]? = withoutActuallyEscaping(put) { put in
      withoutActuallyEscaping(putBlob) { putBlob in
        do throws(PodEncoder.Failure) {
          return try withView { view throws(PodEncoder.Failure) in
            var encoder = PodEncoder(
              self, view,
              put: { bytes, site throws(PodEncoder.Failure) in
                try attempt { () throws(E) in try put(bytes, site) }
              },
              putBlob: { source, range, site throws(PodEncoder.Failure) in
                try attempt { () throws(E) in try putBlob(source, range, site) }
              })
            var pods: [PodID] = []
            for group in groups {
              var nodes = GrowingArray<Node>(expecting: group.roots.count)
              for root in group.roots { nodes.append(roots[root]) }
              pods.append(
                try nodes.withList { nodes throws(PodEncoder.Failure) in
                  try encoder.encode(nodes, at: group.site)
                })
            }
            return pods
          }
        } catch { return nil }
      }
    }
    if let failure { throw failure }
    return pods ?? []
  }

  /// The same, for pods that are put without regard to their sites.
  public func split<E>(
    groups: [[Int]], put: ([UInt8]) throws(E) -> PodID
  ) throws(E) -> [PodID] {
    try split(groups: groups.map { ($0, PodSite()) }) { bytes, _ throws(E) in
      try put(bytes)
    } putBlob: { source, range, _ throws(E) in
      try Blob.put(source, range) { bytes, _ throws(E) in try put(bytes) }
    }
  }
}
