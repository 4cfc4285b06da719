import PodModel

/// What the store binds in a workspace, at one moment.
struct WorkspaceView: Sendable {
  /// The store's number for the moment.
  let dataVersion: Int64
  /// What the checked-out commit binds.
  let base: Manifest
  /// What was written since: nil for a removed variable.
  let changes: [VariableName: Version?]
  /// What is remembered of the files besides their values, where anything is.
  let statuses: [VariableName: FileStatus]

  /// Returns what `name` leads to, or nil.
  func entry(of name: VariableName) -> WorkspaceEntry? {
    guard let version = version(of: name) else { return nil }
    return WorkspaceEntry(version: version, status: statuses[name] ?? FileStatus())
  }

  /// Returns the version that `name` is bound to, or nil.
  func version(of name: VariableName) -> Version? { changes[name] ?? base.versions[name] }

  /// All bound names with their versions.
  var versions: [VariableName: Version] {
    var versions = base.versions
    for (name, version) in changes { versions[name] = version }
    return versions
  }
}
