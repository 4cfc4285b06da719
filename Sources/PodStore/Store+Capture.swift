public import PodModel
public import PodPickle

/// A variable as a pickler wrote it.
public struct CapturedVariable {
  /// Its name.
  public var name: VariableName
  /// One dump of the pickler that wrote all variables of the namespace.
  public var part: ObjectGraph.Part

  /// Creates a variable from its parts.
  public init(name: VariableName, part: ObjectGraph.Part) {
    self.name = name
    self.part = part
  }
}

extension Store {
  /// Saves a namespace that one pickler wrote, variable by variable with one memo, as a commit.
  ///
  /// The variables are parted into co-variables and cut into pods; those that are in the store
  /// already are not written again. The bytes of `variables` must not change meanwhile.
  ///
  /// - Parameters:
  ///   - base: what the namespace had of the session before; nil for what is checked out now.
  ///   - unsaved: what could not be pickled.
  /// - Throws: ``StoreError/badPickle(_:)`` if a stream is none; nothing is saved then.
  public func capture(
    _ variables: [CapturedVariable], base: NamespaceBase? = nil, message: String = "",
    cell: Cell? = nil, unsaved: [Unsaved] = [], in session: SessionID
  ) throws(StoreError) -> SavedCommit {
    var names: Set<VariableName> = []
    for variable in variables where !names.insert(variable.name).inserted {
      throw .invalidCommit(reason: "'\(variable.name)' is given twice")
    }
    let prints = LastCaptures.Prints(of: variables)
    let saved = try withWriter { writer throws(StoreError) in
      var known = lastCaptures.coVariables(for: prints, in: session)
      for coVariable in known ?? [] {
        if try !writer.relies(on: coVariable.content.id.pod) { known = nil }
      }
      var coVariables = known ?? []
      if known == nil { coVariables = try put(variables, in: session, &writer) }
      let commit = NewCommit(
        base: base, coVariables: coVariables, message: message, cell: cell, unsaved: unsaved)
      return (try writer.save(commit, in: session), coVariables)
    }
    lastCaptures.note(saved.1, for: prints, in: session)
    return saved.0
  }

  /// Parts variables into co-variables, and puts their pods.
  private func put(
    _ variables: [CapturedVariable], in session: SessionID, _ writer: inout PodWriter
  ) throws(StoreError) -> [NewCoVariable] {
    let graph: ObjectGraph
    do { graph = try ObjectGraph.scan(variables.map(\.part)) } catch { throw .badPickle(error) }
    let groups = graph.coVariables()
    let sizes = graph.emittedCounts()
    let seeds = groups.map { ($0, variables[$0[0]].name.text) }
    let pods = try split(graph, seeds, in: session, &writer)
    return zip(groups, pods).map { group, pod in
      NewCoVariable(
        content: NewContent(
          id: ContentID(pod: pod, form: .pickle),
          roots: group.map { graph.valueSummary(ofRoot: $0, size: sizes[$0]) }),
        names: Dictionary(
          uniqueKeysWithValues: group.enumerated().map { (variables[$1].name, $0) }))
    }
  }

  /// Makes the bytes of a file a version of a variable of the workspace.
  ///
  /// A pickle that its objects make again byte for byte is kept as pods of objects; anything else
  /// as pieces of its bytes. Either way the bytes that are read are these.
  public func seal(
    _ file: ByteSource, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version {
    try withWriter { writer throws(StoreError) in
      let content = try put(file, as: name, in: session, &writer)
      return try writer.seal(content, as: name, in: session)
    }
  }

  /// Makes the file at `path` a version of a variable of the workspace; see ``seal(_:as:in:)``.
  ///
  /// The file must not be cut until this returns.
  public func seal(
    fileAt path: String, as name: VariableName, in session: SessionID
  ) throws(StoreError) -> Version {
    try File(path, .reading).withMappedBytes { bytes throws(StoreError) in
      try seal(bytes, as: name, in: session)
    }
  }

  /// Puts the values of groups of roots; those of one `seed` are versions of one another.
  private func split(
    _ graph: ObjectGraph, _ groups: [(roots: [Int], seed: String)], in session: SessionID,
    _ writer: inout PodWriter
  ) throws(StoreError) -> [PodID] {
    let sites = groups.map { ($0.roots, PodSite(text: "\(session.row) \($0.seed)")) }
    return try graph.split(groups: sites) { bytes, site throws(StoreError) in
      try writer.put(bytes, at: site)
    } putBlob: { source, range, site throws(StoreError) in
      try knownBlobs.blob(of: source, range) { blob throws(StoreError) in
        try writer.relies(on: blob.pod)
      } put: { () throws(StoreError) in
        try writer.put(source, range, at: site)
      }
    }
  }

  private func put(
    _ file: ByteSource, as name: VariableName, in session: SessionID, _ writer: inout PodWriter
  ) throws(StoreError) -> NewContent {
    let graph = ObjectGraph.scanFile(file)
    if let graph, graph.emit(root: 0).isExactly(file) {
      let pods = try split(graph, [([0], name.text)], in: session, &writer)
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
