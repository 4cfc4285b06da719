import PodModel

/// What the store binds in a workspace, at one moment.
struct WorkspaceView: Sendable {
  /// The store's number for the moment.
  let dataVersion: Int64
  /// What the checked-out commit binds.
  let base: Manifest
  /// What was written since: nil for a removed variable.
  let changes: [VariableName: Version?]

  /// Returns the version that `name` is bound to, or nil.
  func version(of name: VariableName) -> Version? { changes[name] ?? base.versions[name] }

  /// All bound names with their versions.
  var versions: [VariableName: Version] {
    var versions = base.versions
    for (name, version) in changes { versions[name] = version }
    return versions
  }
}
