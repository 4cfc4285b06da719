public import PodModel
public import PodPickle

extension Store {
  /// Saves a namespace that one pickler wrote, variable by variable with one memo, as a commit.
  ///
  /// See ``capture(_:base:message:cell:unsaved:environment:kept:onlyIfChanged:in:)-(CapturedNamespace,_,_,_,_,_,_)``.
  public func capture(
    _ variables: [CapturedVariable], base: NamespaceBase? = nil, message: String = "",
    cell: Cell? = nil, unsaved: [Unsaved] = [], environment: String? = nil,
    in session: SessionID
  ) throws(StoreError) -> SavedCommit {
    try capture(
      CapturedNamespace(variables), base: base, message: message, cell: cell, unsaved: unsaved,
      environment: environment, in: session)
  }

  /// Saves a namespace that one pickler wrote as a commit.
  ///
  /// The variables are parted into co-variables and cut into pods; those that are in the store
  /// already are not written again. The bytes of `namespace` must not change meanwhile.
  ///
  /// - Parameters:
  ///   - base: what the namespace had of the session before; nil for what is checked out now.
  ///   - unsaved: what could not be pickled.
  ///   - environment: the interpreter, the system and the libraries, a line each.
  ///   - kept: what the namespace has besides, as it is stored.
  ///   - onlyIfChanged: whether no commit is made if nothing is otherwise than in `base`.
  /// - Returns: the commit, with what it does not have since it is over a limit of the store.
  /// - Throws: ``StoreError/badPickle(_:)`` if a stream is none; nothing is saved then.
  public func capture(
    _ namespace: CapturedNamespace, base: NamespaceBase? = nil, message: String = "",
    cell: Cell? = nil, unsaved: [Unsaved] = [], environment: String? = nil,
    kept: [NewCoVariable] = [], onlyIfChanged: Bool = false, in session: SessionID
  ) throws(StoreError) -> SavedCommit {
    let sights = namespace.seen?.sights ?? BufferSights(of: namespace.parts.flatMap(\.buffers))
    let prints = namespace.seen?.prints ?? LastCaptures.Prints(of: namespace, seen: sights)
    let (saved, captured) = try withWriter { writer throws(StoreError) in
      var leftOut: [Unsaved] = []
      let last = lastCaptures.last(of: session)
      try namespace.checkNames(unlike: last?.names)
      var comparison = CaptureComparison(
        with: last.flatMap { writer.reliesOnMemory() ? $0 : nil }, names: namespace.names,
        prints: prints)
      if !comparison.isSame {
        leftOut = try put(namespace, seen: sights, for: &comparison, in: session, &writer)
      }
      var commit = NewCommit(
        base: base, coVariables: comparison.groups.map { $0.coVariable } + kept, message: message,
        cell: cell, unsaved: unsaved + leftOut, environment: environment,
        changes: kept.isEmpty ? comparison.changes : nil)
      commit.onlyIfChanged = onlyIfChanged
      var saved = try writer.save(commit, in: session)
      saved.leftOut = leftOut
      return (saved, comparison)
    }
    if captured.isWhole && sights.isSteady {
      lastCaptures.note(captured.capture(savedAs: saved, whole: kept.isEmpty), of: session)
    } else {
      lastCaptures.forget(session)
    }
    return saved
  }

  /// Copies what a capture of `namespace` has to read of its buffers, so that these may change.
  ///
  /// Most of what a namespace has is stored already, and needs no copy; of a long buffer that was
  /// written here and there only the pieces do.
  ///
  /// - Returns: what ``capture(_:base:message:cell:unsaved:environment:in:)`` stores, which still
  ///   needs the streams; nil if the copies would have more than `limit` bytes. The capture fails
  ///   with `podsCollected` if what was stored has been collected meanwhile.
  public func giveBack(
    _ namespace: CapturedNamespace, limit: Int = 256 << 20, in session: SessionID
  ) -> CapturedNamespace? {
    namespace.giveBack(limit: limit, last: lastCaptures.last(of: session), known: knownBlobs)
  }

  /// Returns the names in a block of bytes, with a NUL between each two.
  ///
  /// Those that the session's namespace had last need no check again.
  public func names(
    in block: ByteSource, of session: SessionID
  ) throws(NameError) -> [VariableName] {
    try lastCaptures.names(in: block, of: session)
  }

  /// Parts variables into co-variables, and puts the pods of those that are not as they were; returns
  /// what is over a limit.
  private func put(
    _ namespace: CapturedNamespace, seen sights: BufferSights,
    for comparison: inout CaptureComparison,
    in session: SessionID, _ writer: inout PodWriter
  ) throws(StoreError) -> [Unsaved] {
    let graph = try namespace.scan()
    let groups = graph.coVariables()
    let forms = graph.forms(of: groups, prints: comparison.prints)
    let changed = comparison.changed(groups, forms: forms)
    let roots = changed.flatMap { groups[$0] }
    let sizes = Dictionary(uniqueKeysWithValues: zip(roots, graph.emittedCounts(of: roots)))
    let seeds = changed.map { (groups[$0], namespace.names[groups[$0][0]].text) }
    let pods = try split(graph, seeds, sizes: sizes, seen: sights, in: session, &writer)
    var leftOut: [Unsaved] = []
    for (number, outcome) in zip(changed, pods) {
      let group = groups[number]
      let pod: PodID
      switch outcome {
      case .success(let put): pod = put
      case .failure(let error):
        let reason = StoreLimits.reason(for: error)
        for root in group {
          let type = graph.summary(ofRoot: root).type
          leftOut.append(Unsaved(name: namespace.names[root].text, type: type, reason: reason))
        }
        continue
      }
      let content = NewContent(
        id: ContentID(pod: pod, form: .pickle),
        roots: group.map { graph.valueSummary(ofRoot: $0, size: sizes[$0] ?? 0) })
      let names = group.enumerated().map { (namespace.names[$1], $0) }
      comparison.set(
        number,
        NewCoVariable(content: content, names: Dictionary(uniqueKeysWithValues: names)))
    }
    comparison.removeUnset()
    return leftOut
  }

  /// Puts the values of groups of roots, as far as limits allow.
  ///
  /// Without limits all are put at once, which is faster.
  private func split(
    _ graph: ObjectGraph, _ groups: [(roots: [Int], seed: String)], sizes: [Int: Int],
    seen sights: BufferSights, in session: SessionID, _ writer: inout PodWriter
  ) throws(StoreError) -> [Result<PodID, StoreError>] {
    let limit = writer.limits.largestVariable ?? .max
    guard limit < .max || writer.limits.room != nil else {
      return try split(graph, groups, seen: sights, in: session, &writer).map { .success($0) }
    }
    var pods: [Result<PodID, StoreError>] = []
    for group in groups {
      let largest = group.roots.map { Int64(sizes[$0] ?? 0) }.max() ?? 0
      do throws(StoreError) {
        guard largest <= limit else { throw .variableTooLarge(size: largest, limit: limit) }
        let pod = try writer.putting { writer throws(StoreError) in
          try split(graph, [group], seen: sights, in: session, &writer)[0]
        }
        pods.append(.success(pod))
      } catch {
        switch error {
        case .variableTooLarge, .storeFull: pods.append(.failure(error))
        default: throw error
        }
      }
    }
    return pods
  }

  /// Makes the bytes of a file a version of a variable of the workspace.
  ///
  /// A pickle that its objects make again byte for byte is kept as pods of objects; anything else
  /// as pieces of its bytes. Either way the bytes that are read are these. What comes with the file
  /// is remembered in the same transaction.
  public func seal(
    _ file: ByteSource, as name: VariableName, in session: SessionID, with new: NewFile? = nil
  ) throws(StoreError) -> Version {
    try withWriter { writer throws(StoreError) in
      if let limit = writer.limits.largestVariable, file.count > limit {
        throw .variableTooLarge(size: Int64(file.count), limit: limit)
      }
      let content = try put(file, as: name, in: session, &writer)
      return try writer.seal(content, as: name, in: session, with: new)
    }
  }

  /// Makes the file at `path` a version of a variable of the workspace; see
  /// ``seal(_:as:in:with:)``.
  ///
  /// The file must not be cut until this returns.
  public func seal(
    fileAt path: String, as name: VariableName, in session: SessionID, with new: NewFile? = nil
  ) throws(StoreError) -> Version {
    try File(readingAnywhere: path).withMappedBytes { bytes throws(StoreError) in
      try seal(bytes, as: name, in: session, with: new)
    }
  }

  /// Does the same with a file that is open for reading.
  ///
  /// - Parameter path: where it was opened, for errors.
  public func seal(
    fileOpenedAs descriptor: Int32, path: String, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version {
    try File(duplicating: descriptor, path: path).withMappedBytes { bytes throws(StoreError) in
      try seal(bytes, as: name, in: session)
    }
  }

  /// Puts the values of groups of roots; those of one `seed` are versions of one another.
  private func split(
    _ graph: ObjectGraph, _ groups: [(roots: [Int], seed: String)], seen sights: BufferSights,
    in session: SessionID, _ writer: inout PodWriter
  ) throws(StoreError) -> [PodID] {
    let sites = groups.map { ($0.roots, PodSite(text: "\(session.row) \($0.seed)")) }
    return try graph.split(groups: sites) { bytes, site throws(StoreError) in
      try writer.put(bytes, at: site)
    } putBlob: { source, range, site throws(StoreError) in
      try knownBlobs.blob(of: source, range, seen: sights) { blob throws(StoreError) in
        try writer.relies(on: blob.pod)
      } put: { () throws(StoreError) in
        if sights.sight(of: source, range) != nil {
          return try writer.put(source, at: site, seen: sights)
        }
        guard sights.mayRead(source) else { throw .podsCollected }
        return try writer.put(source, range, at: site)
      }
    }
  }

  private func put(
    _ file: ByteSource, as name: VariableName, in session: SessionID, _ writer: inout PodWriter
  ) throws(StoreError) -> NewContent {
    let graph = ObjectGraph.scanFile(file)
    if let graph, graph.emit(root: 0).isExactly(file) {
      let pods = try split(
        graph, [([0], name.text)], seen: BufferSights(of: []), in: session, &writer)
      return NewContent(
        id: ContentID(pod: pods[0], form: .pickle),
        roots: [graph.valueSummary(ofRoot: 0, size: file.count)])
    }
    let site = PodSite(text: "\(session.row) \(name.text)")
    let blob = try writer.put(file, 0..<file.count, at: site)
    let summary =
      graph?.valueSummary(ofRoot: 0, size: file.count)
      ?? ValueSummary(type: "file", size: Int64(file.count))
    return NewContent(id: ContentID(pod: blob.pod, form: .raw), roots: [summary])
  }
}

extension ObjectGraph {
  /// The graph of a file that is one pickle of protocol 2 or later, or nil.
  fileprivate static func scanFile(_ file: ByteSource) -> ObjectGraph? {
    guard file.count >= 4, file.bytes(in: 0..<2)[0] == 0x80 else { return nil }
    do { return try scan([Part(stream: file)]) } catch { return nil }
  }

  fileprivate func valueSummary(ofRoot root: Int, size: Int) -> ValueSummary {
    let (type, shape, dtype) = summary(ofRoot: root)
    return ValueSummary(type: type, shape: shape, dtype: dtype, size: Int64(size))
  }
}
