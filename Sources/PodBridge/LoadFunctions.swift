import PodModel
import PodStore

/// Stored variables on their way into a namespace.
private final class Load {
  let head: CommitNumber?
  let coVariables: [CoVariable]
  /// What the whole workspace has otherwise than the commit, if that was loaded.
  let changes: [VariableName: Version?]

  /// Variables that are stored together, in the order of their names' bytes.
  struct CoVariable {
    let names: [VariableName]
    let isRaw: Bool
    /// One pickle of a tuple of the values, or what was written as a file.
    let content: Content
  }

  /// Opens the variables `names`, or all, of a commit, or of the workspace without a revision.
  init(
    from store: Store, session: SessionID, revision: Revision?, names: [VariableName]?
  ) throws(StoreError) {
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
      let isRaw = first.content.form == .raw
      let content = try isRaw ? store.open(first) : store.openTuple(of: versions)
      coVariables.append(CoVariable(names: names, isRaw: isRaw, content: content))
    }
    self.coVariables = coVariables
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
      "changes": .array(
        changes.map { .array([.string($0.key.text), .number($0.value?.id.row ?? 0)]) }),
      "coVariables": .array(
        coVariables.map { coVariable in
          .object([
            "names": JSON(coVariable.names), "raw": .bool(coVariable.isRaw),
            "length": .number(coVariable.content.size),
          ])
        }),
    ])
  }
}

/// Begins to load variables of a commit, or of the workspace without a revision.
///
/// `names` has a NUL behind each name; without it, all variables are loaded. Answers with the
/// commit that is checked out, the changes of the workspace since if it is loaded whole, and the
/// names, the form and the length of each co-variable.
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
    let revisionText = unsafe text(revision, revisionCount)
    let namesText = unsafe text(names, namesCount)
    let (revision, names) = try naming { () throws(NameError) in
      let revision = try revisionText.map { text throws(NameError) in try Revision(parsing: text) }
      let names = try namesText.map { text throws(NameError) in
        try text.utf8.split(separator: 0).map { name throws(NameError) in
          try VariableName(String(decoding: name, as: UTF8.self))
        }
      }
      return (revision, names)
    }
    let begun = try storing { () throws(StoreError) in
      try Load(from: store, session: SessionID(row: session), revision: revision, names: names)
    }
    unsafe load.pointee = makeHandle(begun)
    return begun.answer
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
    let content = unsafe object(load, as: Load.self).coVariables[Int(index)].content
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
