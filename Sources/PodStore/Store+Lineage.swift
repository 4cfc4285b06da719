public import PodModel

/// Where the values of some variables come from: what their lineage begins with.
public struct ValueOrigins: Hashable, Sendable {
  /// The commit that was asked about; nil for a workspace without one.
  public var number: CommitNumber?
  /// The commits that introduced the versions, of what is committed.
  public var introduced: [VariableName: CommitNumber] = [:]
  /// What the commit could not keep.
  public var unsaved: Set<VariableName> = []
}

extension Store {
  /// Returns what is known of how the values of `names` in a commit came about, or nil if there is
  /// no commit with this number.
  public func run(
    of number: CommitNumber, giving names: Set<VariableName> = [], in session: SessionID
  ) throws(StoreError) -> CellRun? {
    try engine.read { connection throws(StoreError) in
      try connection.run(of: number, giving: names, in: session)
    }
  }

  /// Returns where the values of `names` come from that a commit has, or the workspace.
  ///
  /// What the workspace has had since its commit comes from nowhere that is known.
  public func origins(
    of names: Set<VariableName>, at revision: Revision?, in session: SessionID
  ) throws(StoreError) -> ValueOrigins {
    try engine.read { connection throws(StoreError) in
      let state = try connection.state(of: session)
      var names = names
      if revision == nil {
        for (name, version) in try connection.workspaceChanges(of: session)
        where names.contains(name) {
          if version == nil { throw .noSuchVariable(name) }
          names.remove(name)
        }
      }
      let number = try revision.map { revision throws(StoreError) in
        try connection.resolve(revision, in: state)
      }
      var origins = ValueOrigins(number: number ?? state.head.commit)
      guard let number = origins.number, let point = try connection.point(of: number, in: session)
      else {
        if let missing = names.first { throw .noSuchVariable(missing) }
        return origins
      }
      let versions = try connection.manifest(at: point, of: names).versions
      let unsaved = Set(try connection.unsaved(of: number, in: session).map(\.name))
      for name in names {
        if let version = versions[name] {
          origins.introduced[name] = version.commit
        } else if unsaved.contains(name.text) {
          origins.unsaved.insert(name)
        } else {
          throw .noSuchVariable(name)
        }
      }
      return origins
    }
  }
}
