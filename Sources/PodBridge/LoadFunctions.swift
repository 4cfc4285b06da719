import PodModel
import PodPickle
import PodStore

/// Stored variables on their way into a namespace, each read when it is asked for.
final class Load {
  let head: CommitNumber?
  let coVariables: [CoVariable]
  /// What the whole workspace has otherwise than the commit, if that was loaded.
  let changes: [VariableName: Version?]
  private let store: Store
  /// The content that is being read.
  private var open: (index: Int, content: Content)?

  /// Variables that are stored together, in the order of their names' bytes.
  struct CoVariable {
    let names: [VariableName]
    let versions: [Version]
    /// Keeps them in the store though their commit be removed.
    let lease: Lease

    var isRaw: Bool { versions[0].content.form == .raw }
  }

  /// Finds the variables `names`, or all, of a commit, or of the workspace without a revision.
  init(
    from store: Store, session: SessionID, revision: Revision?, names: [VariableName]?
  ) throws(StoreError) {
    self.store = store
    // Read as one, although they are three reads: again, if anything was committed meanwhile.
    var step = try Step(of: session, revision: revision, in: store)
    while try step.dataVersion != store.dataVersion() {
      step = try Step(of: session, revision: revision, in: store)
    }
    let manifest = step.manifest
    head = step.head
    changes = revision == nil && names == nil ? step.changes : [:]
    if let missing = names?.first(where: { manifest.versions[$0] == nil }) {
      throw .noSuchVariable(missing)
    }
    let wanted = names.map(Set.init)
    var coVariables: [CoVariable] = []
    for members in manifest.coVariables {
      let names = members.filter { wanted?.contains($0) ?? true }
      let versions = names.compactMap { manifest.versions[$0] }
      guard let first = versions.first else { continue }
      coVariables.append(
        CoVariable(names: names, versions: versions, lease: try store.lease(first)))
    }
    self.coVariables = coVariables
  }

  /// Takes one co-variable of another load, with the lease that keeps it.
  init(_ index: Int, of load: Load) {
    store = load.store
    head = load.head
    coVariables = [load.coVariables[index]]
    changes = [:]
  }

  /// Returns whether the content of a co-variable is a pickle; a raw file can also be one.
  func isPickle(_ index: Int) throws(StoreError) -> Bool {
    let coVariable = coVariables[index]
    guard coVariable.isRaw else { return true }
    guard coVariable.versions[0].summary.type != "file" else { return false }
    let content = try content(index)
    let bytes = ByteSource(try content.read(at: 0, count: Int(content.size)))
    do { _ = try ObjectGraph.scan([ObjectGraph.Part(stream: bytes)]) } catch { return false }
    return true
  }

  /// One pickle of a tuple of the values of a co-variable, or what was written as a file.
  func content(_ index: Int) throws(StoreError) -> Content {
    if let open, open.index == index { return open.content }
    let coVariable = coVariables[index]
    let content =
      try coVariable.isRaw
      ? store.open(coVariable.versions[0], under: coVariable.lease)
      : store.openTuple(of: coVariable.versions, under: coVariable.lease)
    open = (index, content)
    return content
  }

  /// A co-variable, or the variables `names` of it, as they would be saved again.
  func stored(_ index: Int, names: Set<VariableName>?) -> NewCoVariable {
    let coVariable = coVariables[index]
    let roots = zip(coVariable.names, coVariable.versions.map(\.root))
    return NewCoVariable(
      content: NewContent(id: coVariable.versions[0].content, roots: coVariable.lease.roots),
      names: Dictionary(uniqueKeysWithValues: roots.filter { names?.contains($0.0) ?? true }))
  }

  /// What a session has at one moment.
  private struct Step {
    let dataVersion: Int64
    let head: CommitNumber?
    let changes: [VariableName: Version?]
    let manifest: Manifest

    init(of session: SessionID, revision: Revision?, in store: Store) throws(StoreError) {
      dataVersion = try store.dataVersion()
      head = try store.head(of: session).commit
      changes = try store.workspaceChanges(of: session)
      if let revision {
        manifest = try store.manifest(of: store.resolve(revision, in: session), in: session)
      } else {
        manifest = try store.workspace(of: session)
      }
    }
  }

  var answer: JSON {
    .object([
      "head": JSON(head),
      "changes": JSON(changes),
      "coVariables": .array(
        coVariables.map { coVariable in
          .object([
            "names": JSON(coVariable.names), "raw": .bool(coVariable.isRaw),
          ])
        }),
    ])
  }
}

/// Begins to load variables of a commit, or of the workspace without a revision.
///
/// `names` has a NUL behind each name; without it, all variables are loaded. Answers with the
/// commit that is checked out, the changes of the workspace since if it is loaded whole, and the
/// names and the form of each co-variable.
@c(podfs_load_begin)
public func podfsLoadBegin(
  _ store: UnsafeMutableRawPointer, _ session: Int64,
  _ revision: UnsafePointer<CChar>?, _ revisionCount: Int64,
  _ names: UnsafePointer<CChar>?, _ namesCount: Int64,
  _ load: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let store = unsafe object(store, as: Store.self)
    let revision = try parse(orWorkspace: unsafe text(revision, revisionCount))
    let names = try unsafe text(names, namesCount).map { text throws(BridgeError) in
      try variableNames(in: text)
    }
    let begun = try storing { () throws(StoreError) in
      try Load(from: store, session: SessionID(row: session), revision: revision, names: names)
    }
    unsafe load.pointee = makeHandle(begun)
    return begun.answer
  }
}

/// Begins a load of one co-variable of another load.
@c(podfs_load_part)
public func podfsLoadPart(
  _ load: UnsafeMutableRawPointer, _ index: Int64,
  _ part: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) {
    unsafe part.pointee = makeHandle(Load(Int(index), of: object(load, as: Load.self)))
    return nil
  }
}

/// Opens a co-variable for reading, and answers with the number of its bytes and whether they are a
/// pickle.
@c(podfs_load_open)
public func podfsLoadOpen(
  _ load: UnsafeMutableRawPointer, _ index: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let load = unsafe object(load, as: Load.self)
    return try storing { () throws(StoreError) in
      .object([
        "count": .number(try load.content(Int(index)).size),
        "isPickle": .bool(try load.isPickle(Int(index))),
      ])
    }
  }
}

/// Copies `count` bytes of a co-variable's content, from `offset` on, to `target`.
@c(podfs_load_read)
public func podfsLoadRead(
  _ load: UnsafeMutableRawPointer, _ index: Int64, _ offset: Int64,
  _ target: UnsafeMutableRawPointer, _ count: Int64,
  _ output: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> CInt {
  unsafe answer(output) { () throws(BridgeError) in
    let load = unsafe object(load, as: Load.self)
    let content = try storing { () throws(StoreError) in try load.content(Int(index)) }
    precondition(offset >= 0 && count >= 0 && offset + count <= content.size, "read past the end")
    let step: Int64 = 4 << 20
    for start in stride(from: 0, to: count, by: Int(step)) {
      let bytes = try storing { () throws(StoreError) in
        try content.read(at: offset + start, count: Int(min(step, count - start)))
      }
      unsafe (target + Int(start)).copyMemory(from: bytes, byteCount: bytes.count)
    }
    return nil
  }
}

/// Ends a load.
@c(podfs_load_end)
public func podfsLoadEnd(_ load: UnsafeMutableRawPointer?) {
  unsafe release(load, as: Load.self)
}
